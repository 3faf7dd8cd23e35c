import * as pulumi from "@pulumi/pulumi";
import type { AsyncInferenceArgs } from "./args";
import { contradictionsIn, valueOf } from "./contradictions";
import { acceptedBy } from "./describe";
import { judgeModel } from "./modelChecks";
import { fail } from "./fail";
import { isLater, isPromised } from "./later";
import { show, type PlainArgs, type Problem } from "./problems";
import { defaults, type SettingName } from "./settings";
import { problemsWith } from "./valueChecks";

/**
 * Everything that is wrong with arguments: types, bounds and contradictions. Undefined is "not given".
 *
 * @param given names of the arguments that are given, for rules about presence. @default those in `args`
 * @param region where the endpoint will be, when that is known
 */
export function problemsOf(args: PlainArgs, given: ReadonlySet<string> = givenIn(args), region?: string): Problem[] {
  const own = (Object.keys(args) as SettingName[])
    .filter((name) => args[name] !== undefined)
    .flatMap((name) => problemsWith(name, args[name]));
  const broken = new Set(own.map(({ propertyPath }) => propertyPath.replace(/[[.].*/, "")));
  // A value that is wrong in itself would only be told twice.
  const sound = Object.fromEntries(Object.entries(args).filter(([name]) => !broken.has(name))) as PlainArgs;
  return [...own, ...contradictionsIn(sound, given, region)];
}

/** Names of the arguments that say something: neither undefined nor only what is the default anyway. */
export function givenIn(args: object): Set<string> {
  const isDefault = (name: string, value: unknown) => name in defaults && !isLater(value) && show(value) === show(defaults[name as never]);
  return new Set(Object.entries(args).flatMap(([name, value]) => (value === undefined || isDefault(name, value) ? [] : [name])));
}

/** Arguments that must be known at once. */
type PlainName = {
  [Name in keyof AsyncInferenceArgs]-?: pulumi.Output<NonNullable<pulumi.Unwrap<AsyncInferenceArgs[Name]>>> extends AsyncInferenceArgs[Name]
    ? never
    : Name;
}[keyof AsyncInferenceArgs];

const plainNames: Record<PlainName, true> = {
  framework: true,
  functionsInVpc: true,
  instanceType: true,
  inferenceAmiVersion: true,
  volumeSizeGb: true,
  deployment: true,
  minCapacity: true,
  maxCapacity: true,
  partialScaleIn: true,
  drain: true,
  warmHours: true,
  warmMinCapacity: true,
  warmTimeZone: true,
  priorityEnabled: true,
  inboxEnabled: true,
  batchEnabled: true,
  inputPrefix: true,
  outputPrefix: true,
  failurePrefix: true,
  inboxPrefix: true,
  formerPrefixes: true,
  inputExpirationDays: true,
  outputExpirationDays: true,
  failureExpirationDays: true,
  inboxExpirationDays: true,
  notificationsEnabled: true,
  includeInferenceResponse: true,
  successEmails: true,
  failureEmails: true,
  workflowsEnabled: true,
  webhooks: true,
  alarmsEnabled: true,
  alarmEmails: true,
  idleSpendAlarmUsdPerDay: true,
  dashboardEnabled: true,
  forceDestroy: true,
  protect: true,
  tags: true,
};

/**
 * Checks what is known now and lets Outputs through that check themselves when they resolve.
 *
 * @param region where the endpoint will be, when that is known
 * @throws pulumi.InputPropertiesError naming every argument that is wrong, what it got and what it accepts
 */
export function checked(subject: string, args: AsyncInferenceArgs, region?: string): AsyncInferenceArgs {
  const entries = Object.entries(args) as [SettingName, unknown][];
  const unknown = entries.filter(([name, value]) => Object.hasOwn(plainNames, name) && isLater(value));
  fail(subject, [
    ...unknown.map(([name]) => ({
      propertyPath: name,
      reason: `got a value that is known later, expected ${acceptedBy(name)}, known before anything is created`,
    })),
    ...problemsOf(knownOf(args), givenIn(args), region),
  ]);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!isLater(value)) return [name, value];
      const check = (resolved: unknown) => {
        if (resolved !== undefined) fail(subject, problemsWith(name, resolved));
        return resolved;
      };
      const later: pulumi.Output<unknown> = pulumi.output(value);
      return [name, later.apply(check)];
    }),
  );
}

/** Words about arguments that can be used and may not be meant. */
export function warningsOf(args: AsyncInferenceArgs): string[] {
  const known = knownOf(args);
  const given = givenIn(args);
  return judgeModel({ args: known, given, value: valueOf(known, given) }).warnings.map(
    ({ propertyPath, reason }) => `${propertyPath}: ${reason}`,
  );
}

/** The arguments that are known now; of an environment the variables that are. */
function knownOf(args: AsyncInferenceArgs): PlainArgs {
  const known = Object.entries(args).filter(([, value]) => !isLater(value));
  const { environment } = args;
  if (typeof environment === "object" && isLater(environment) && !isPromised(environment)) {
    known.push(["environment", Object.fromEntries(Object.entries(environment).filter(([, value]) => !isLater(value)))]);
  }
  return Object.fromEntries(known);
}
