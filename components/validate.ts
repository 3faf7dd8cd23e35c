import * as pulumi from "@pulumi/pulumi";
import { terminalStates } from "../core/records/job";
import { readWarmWindow, type WarmWindow } from "../core/floor/warmHours";
import type { AsyncInferenceArgs } from "./args";
import { defaults, settings, type Setting, type SettingName } from "./settings";
import { acceptedBy, adviceOn } from "./describe";
import { judgeModel } from "./modelChecks";
import { gpuInstance, hasGpu, hasLocalDisk } from "./instanceTypes";
import { isAlways, meet } from "./warmSchedule";

/** One thing that is wrong with the arguments. */
export interface Problem {
  /** Setting, or item of one: `failureEmails[1]`. */
  propertyPath: string;
  /** What it got, and what it accepts. */
  reason: string;
}

/** Arguments whose Outputs have resolved, or are left out. */
export type PlainArgs = Partial<Record<SettingName, unknown>>;

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
  minCapacity: true,
  maxCapacity: true,
  partialScaleIn: true,
  drain: true,
  warmHours: true,
  warmMinCapacity: true,
  warmTimeZone: true,
  inboxEnabled: true,
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
  alarmsEnabled: true,
  alarmEmails: true,
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
  if (typeof environment === "object" && containsOutput(environment) && !isPromised(environment)) {
    known.push(["environment", Object.fromEntries(Object.entries(environment).filter(([, value]) => !isLater(value)))]);
  }
  return Object.fromEntries(known);
}

function isPromised(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** Whether a value, or something in it, is known later. */
export function isLater(value: unknown): boolean {
  return isPromised(value) || containsOutput(value);
}

function containsOutput(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).some(isPromised);
}

/** @throws pulumi.InputPropertiesError with all of them, when there are any */
export function fail(subject: string, errors: Problem[]): void {
  if (errors.length === 0) return;
  const error = new pulumi.InputPropertiesError({ message: [`${subject} can't be set up:`, ...linesOf(errors)].join("\n"), errors });
  // Pulumi prints the message of what it takes for a RunError, and a stack trace with every field of anything else.
  throw Object.assign(error, { __pulumiRunError: true });
}

/** Problems for people, a line each. */
export function linesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
}

/** What is wrong with one value by itself. */
export function problemsWith(name: SettingName, value: unknown): Problem[] {
  if (!Object.hasOwn(settings, name)) return [{ propertyPath: name, reason: adviceOn(name) }];
  const setting: Setting = settings[name];
  const problem = (propertyPath: string, got: unknown): Problem => ({
    propertyPath,
    reason: `got ${setting.secret ? hidden : show(got)}, expected ${acceptedBy(name)}`,
  });
  const fits = (text: unknown) =>
    typeof text === "string" && (setting.pattern?.test(text) ?? true) && text.length <= (setting.maximumLength ?? Infinity);
  switch (setting.type) {
    case "boolean":
      return typeof value === "boolean" ? [] : [problem(name, value)];
    case "integer": {
      const within =
        Number.isSafeInteger(value) &&
        (value as number) >= (setting.minimum ?? -Infinity) &&
        (value as number) <= (setting.maximum ?? Infinity);
      if (setting.orZero && value === 0) return [];
      return within && (setting.values?.includes(value as number) ?? true) ? [] : [problem(name, value)];
    }
    case "string":
      return fits(value) && (setting.values?.includes(value as string) ?? true) ? [] : [problem(name, value)];
    case "strings": {
      if (!Array.isArray(value) || value.length < (setting.minimumItems ?? 0) || value.length > (setting.maximumItems ?? Infinity))
        return [problem(name, value)];
      return value.flatMap((item, index) => (fits(item) ? [] : [problem(`${name}[${index}]`, item)]));
    }
    case "map": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [problem(name, value)];
      const items = Object.entries(value);
      if (items.length > (setting.maximumItems ?? Infinity)) return [problem(name, `${items.length} entries`)];
      return items.flatMap(([key, item]) => {
        const sound =
          (setting.pattern?.test(key) ?? true) &&
          typeof item === "string" &&
          item.length <= (setting.maximumLength ?? Infinity) &&
          (setting.valuePattern?.test(item) ?? true);
        return sound ? [] : [problem(`${name}.${key}`, item)];
      });
    }
  }
}

/** Stands for a value that may be secret. */
export const hidden = "a value that is not shown";

/** A value as it is shown to people: short, on one line. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

const prefixNames = ["inputPrefix", "outputPrefix", "failurePrefix", "inboxPrefix"] as const;
const expirationNames = ["inputExpirationDays", "outputExpirationDays", "failureExpirationDays", "inboxExpirationDays"] as const;

/** What an argument says, or its default; undefined when it is known later. */
function valueOf(args: PlainArgs, given: ReadonlySet<string>) {
  return <T>(name: SettingName): T | undefined =>
    (args[name] ?? (given.has(name) ? undefined : (settings[name] as Setting).default)) as T | undefined;
}

/** What can't go together. */
function contradictionsIn(args: PlainArgs, given: ReadonlySet<string>, region: string | undefined): Problem[] {
  const problems: Problem[] = [];
  const refuse = (propertyPath: string, reason: string) => problems.push({ propertyPath, reason });
  const value = valueOf(args, given);

  problems.push(...judgeModel({ args, given, value, ...(region !== undefined && { region }) }).problems);
  if (given.has("vpcSubnetIds") !== given.has("vpcSecurityGroupIds")) {
    const missing = given.has("vpcSubnetIds") ? "vpcSecurityGroupIds" : "vpcSubnetIds";
    refuse(missing, `got nothing, expected ${acceptedBy(missing)}: a VPC needs subnets and security groups`);
  }

  const minCapacity = value<number>("minCapacity");
  const maxCapacity = value<number>("maxCapacity");
  if (minCapacity !== undefined && maxCapacity !== undefined && minCapacity > maxCapacity) {
    refuse("minCapacity", `got ${minCapacity}, expected at most maxCapacity, which is ${maxCapacity}`);
  }
  problems.push(...warmProblems(value<string[]>("warmHours") ?? [], value<string>("warmTimeZone") ?? "UTC"));
  const warmMinCapacity = value<number>("warmMinCapacity") ?? 1;
  if (!given.has("warmHours")) {
    for (const name of ["warmMinCapacity", "warmTimeZone"]) {
      if (given.has(name)) refuse(name, `needs warmHours: set them too, or remove ${name}`);
    }
  } else if (minCapacity !== undefined && maxCapacity !== undefined && (warmMinCapacity <= minCapacity || warmMinCapacity > maxCapacity)) {
    refuse(
      "warmMinCapacity",
      `got ${warmMinCapacity}, expected more than minCapacity, which is ${minCapacity}, and at most maxCapacity, which is ${maxCapacity}`,
    );
  }
  if (value<boolean>("drain") === true && value<boolean>("partialScaleIn") === true) {
    refuse("drain", "got true together with partialScaleIn, which takes instances from running jobs: remove one of them");
  }
  const instanceType = value<string>("instanceType");
  if (given.has("volumeSizeGb") && instanceType && hasLocalDisk(instanceType)) {
    refuse(
      "volumeSizeGb",
      `got ${show(args.volumeSizeGb)}, but ${instanceType} has local disks, for which SageMaker takes no volume size: remove it`,
    );
  }
  const ami = value<string>("inferenceAmiVersion");
  if (ami && instanceType) {
    const known: readonly string[] | undefined = gpuInstance(instanceType)?.inferenceAmiVersions;
    if (known && !known.includes(ami)) refuse("inferenceAmiVersion", `got ${show(ami)}, but ${instanceType} takes ${known.join(", ")}`);
    if (ami.includes("-gpu-") && !hasGpu(instanceType))
      refuse("inferenceAmiVersion", `got ${show(ami)}, but ${instanceType} has no GPU: remove it`);
  }

  const prefixes = prefixNames.map((name) => ({ name, prefix: withSlash(value<string>(name) ?? `${name}/`) }));
  for (const [index, { name, prefix }] of prefixes.entries()) {
    const other = prefixes.slice(0, index).find((earlier) => earlier.prefix.startsWith(prefix) || prefix.startsWith(earlier.prefix));
    if (other) refuse(name, `got ${show(prefix)}, which overlaps with ${other.name} ${show(other.prefix)}: prefixes must be apart`);
  }
  for (const [former, kind] of Object.entries(value<Record<string, string>>("formerPrefixes") ?? {})) {
    const prefix = withSlash(former);
    // One and the same kind may move below what it was, or above.
    const other = prefixes.find((now) => now.name !== `${kind}Prefix` && (now.prefix.startsWith(prefix) || prefix.startsWith(now.prefix)));
    if (other)
      refuse(
        `formerPrefixes.${former}`,
        `got ${show(kind)}, but it overlaps with ${other.name} ${show(other.prefix)}: prefixes must be apart`,
      );
    const same = prefixes.find((now) => now.prefix === prefix && now.name === `${kind}Prefix`);
    if (same) refuse(`formerPrefixes.${former}`, `got ${show(kind)}, but it is ${same.name} now: remove it`);
  }
  const kmsKeyArn = value<string>("kmsKeyArn");
  if (typeof kmsKeyArn === "string" && value<unknown[]>("formerKmsKeyArns")?.includes(kmsKeyArn)) {
    refuse("formerKmsKeyArns", `got ${show(kmsKeyArn)}, which is kmsKeyArn now: remove it`);
  }
  if (given.has("bucketName")) {
    for (const name of expirationNames) {
      if (given.has(name)) refuse(name, "got one together with bucketName: the lifecycle of your own bucket stays yours: remove it");
    }
  }
  if (value("functionsInVpc") === true && !given.has("vpcSubnetIds")) {
    refuse("functionsInVpc", "got true, but there are no vpcSubnetIds: give them, with vpcSecurityGroupIds");
  }
  if (value("alarmsEnabled") !== true) {
    for (const name of ["alarmTopicArn", "alarmEmails"] as const) {
      if (given.has(name)) refuse(name, "got one, but alarmsEnabled is false: set it, or remove this");
    }
  }
  if (value("notificationsEnabled") === false) {
    for (const name of ["successTopicArn", "errorTopicArn", "includeInferenceResponse", "successEmails", "failureEmails"] as const) {
      if (given.has(name)) refuse(name, "got one, but notificationsEnabled is false: remove one of them");
    }
  }
  const tagNames = new Map<string, string>();
  for (const name of Object.keys(value<object>("tags") ?? {})) {
    const same = tagNames.get(name.toLowerCase());
    if (same === undefined) tagNames.set(name.toLowerCase(), name);
    else refuse(`tags.${name}`, `got one together with ${show(same)}, which IAM takes for the same name: remove one of them`);
  }
  if (value("forceDestroy") === true && value("protect") === true) {
    refuse("protect", "got true together with forceDestroy, which deletes what protect keeps: remove one of them");
  }
  return problems;
}

/** Hours that are all of the week, that meet, or whose time zone nobody knows. */
function warmProblems(warmHours: readonly string[], timeZone: string): Problem[] {
  const problems: Problem[] = [];
  const windows = warmHours.map((text) => ({ text, window: readWarmWindow(text) as WarmWindow }));
  for (const [index, { text, window }] of windows.entries()) {
    const refuse = (reason: string) => problems.push({ propertyPath: `warmHours[${index}]`, reason: `got ${show(text)}, ${reason}` });
    if (isAlways(window)) refuse("which is all of the week: set minCapacity instead");
    const other = windows.slice(0, index).find((earlier) => meet(earlier.window, window));
    // The end of one would undo the beginning of the other.
    if (other) refuse(`which meets ${show(other.text)}: write them as one`);
  }
  const known = knownTimeZone(timeZone);
  if (known === undefined || (known !== timeZone && known.toLowerCase() === timeZone.toLowerCase())) {
    const expected = known === undefined ? acceptedBy("warmTimeZone") : show(known);
    problems.push({ propertyPath: "warmTimeZone", reason: `got ${show(timeZone)}, expected ${expected}` });
  }
  return problems;
}

/** A time zone's name as Node writes it, which forgives capitals; Application Auto Scaling does not. Undefined when there is none. */
function knownTimeZone(timeZone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** A prefix with its one trailing slash. */
export function withSlash(prefix: string): string {
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}

const namePattern = /^[a-zA-Z](-?[a-zA-Z0-9])*$/;

/** Checks the name of a service: part of every resource's name, with SageMaker's characters and room for suffixes. */
export function requireServiceName(name: string): void {
  requireName("name", name, name.length <= 40, "at most 40 letters, digits and single hyphens, starting with a letter");
}

/** Checks the name of a handler. A function's name has at most 64 characters, of which Pulumi's suffix takes 8. */
export function requireHandlerName(name: string, functionName: string): void {
  requireName(
    "name",
    name,
    functionName.length <= 56,
    `letters, digits and single hyphens, starting with a letter; with the service's, ${functionName.length - name.length} to 56 characters in all`,
  );
}

function requireName(propertyPath: string, name: string, fits: boolean, accepts: string): void {
  if (!namePattern.test(name) || !fits) fail(`"${name}"`, [{ propertyPath, reason: `got ${show(name)}, expected ${accepts}` }]);
}

/** Checks what Lambda takes. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export function requireLambdaBounds(name: string, args: { timeoutSeconds: number; memoryMb: number }): void {
  fail(`function "${name}"`, outOfBounds(args, { timeoutSeconds: [1, 900], memoryMb: [128, 10240] }));
}

/**
 * Checks a queue of job events. Its dead-letter queue's name has at most 80 characters, of which Pulumi's suffix takes 8.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 */
export function requireQueueArgs(
  name: string,
  args: { states?: readonly string[]; visibilityTimeoutSeconds?: number; maxReceiveCount?: number },
): void {
  requireName("name", name, name.length <= 59, "at most 59 letters, digits and single hyphens, starting with a letter");
  const { states } = args;
  const known: readonly string[] = terminalStates;
  const sound = states === undefined || (states.length > 0 && [...states].every((state) => known.includes(state)));
  fail(`queue "${name}"`, [
    ...(sound ? [] : [{ propertyPath: "states", reason: `got ${show(states)}, expected a list of one or more of ${known.join(", ")}` }]),
    ...outOfBounds<"visibilityTimeoutSeconds" | "maxReceiveCount">(args, {
      visibilityTimeoutSeconds: [0, 43_200],
      maxReceiveCount: [1, 1000],
    }),
  ]);
}

/** Whole numbers that are given and beyond their bounds, both included. */
function outOfBounds<Name extends string>(
  args: { readonly [name in Name]?: number },
  bounds: Record<Name, readonly [number, number]>,
): Problem[] {
  return (Object.keys(bounds) as Name[]).flatMap((propertyPath) => {
    const [minimum, maximum] = bounds[propertyPath];
    const value = args[propertyPath];
    if (value === undefined || (Number.isInteger(value) && value >= minimum && value <= maximum)) return [];
    return [{ propertyPath, reason: `got ${show(value)}, expected a whole number from ${minimum} to ${maximum}` }];
  });
}
