import * as net from "node:net";
import { readWarmWindow, type WarmWindow } from "../core/floor/warmHours";
import { addressGuard } from "../core/handlers/addressGuard";
import { acceptedBy } from "./describe";
import { deploymentProblems } from "./deploymentPlan";
import { bytesOfEnvironment, environmentBytes } from "./environmentBytes";
import { gpuInstance, hasGpu, hasLocalDisk } from "./instanceTypes";
import { judgeModel } from "./modelChecks";
import { withSlash } from "./prefixes";
import { priceOf } from "./prices";
import { show, type PlainArgs, type Problem } from "./problems";
import { settings, type Setting, type SettingName } from "./settings";
import { isHere, type Webhook } from "./settings/webhooks";
import { isAlways, meet } from "./warmSchedule";

/** What is known of arguments, each of which is fine by itself. */
interface Known {
  args: PlainArgs;
  given: ReadonlySet<string>;
  /** What an argument says, or its default; undefined when it is known later. */
  value: <T>(name: SettingName) => T | undefined;
}

/**
 * What can't go together.
 *
 * @param region where the endpoint will be, when that is known
 */
export function contradictionsIn(args: PlainArgs, given: ReadonlySet<string>, region: string | undefined): Problem[] {
  const known: Known = { args, given, value: valueOf(args, given) };
  const { problems } = judgeModel({ ...known, ...(region !== undefined && { region }) });
  return [...problems, ...rules.flatMap((rule) => rule(known))];
}

/** What an argument says, or its default; undefined when it is known later. */
export function valueOf(args: PlainArgs, given: ReadonlySet<string>) {
  return <T>(name: SettingName): T | undefined =>
    (args[name] ?? (given.has(name) ? undefined : (settings[name] as Setting).default)) as T | undefined;
}

const rules: readonly ((known: Known) => Problem[])[] = [
  halfVpc,
  capacities,
  ({ value }) => deploymentProblems(value),
  warmHours,
  warmCapacity,
  drainAgainstPartial,
  volumes,
  drivers,
  overlaps,
  formerPrefixes,
  formerPrefixesInEnvironments,
  formerKeys,
  ownLifecycle,
  functionsWithoutVpc,
  withoutAlarms,
  idleSpendWithoutPrice,
  withoutNotifications,
  withoutPriorities,
  withoutTraces,
  webhooksNobodyReaches,
  sameTags,
  protectAgainstDestroy,
];

const problem = (propertyPath: string, reason: string): Problem => ({ propertyPath, reason });

/** One problem where something holds, else none. */
function problemIf(holds: boolean, propertyPath: string, reason: string): Problem[] {
  return holds ? [problem(propertyPath, reason)] : [];
}

function halfVpc({ given }: Known): Problem[] {
  if (given.has("vpcSubnetIds") === given.has("vpcSecurityGroupIds")) return [];
  const missing = given.has("vpcSubnetIds") ? "vpcSecurityGroupIds" : "vpcSubnetIds";
  return [problem(missing, `got nothing, expected ${acceptedBy(missing)}: a VPC needs subnets and security groups`)];
}

function capacities({ value }: Known): Problem[] {
  const [minCapacity, maxCapacity] = [value<number>("minCapacity"), value<number>("maxCapacity")];
  if (minCapacity === undefined || maxCapacity === undefined || minCapacity <= maxCapacity) return [];
  return [problem("minCapacity", `got ${minCapacity}, expected at most maxCapacity, which is ${maxCapacity}`)];
}

/** Hours that are all of the week, that meet, or whose time zone nobody knows. */
function warmHours({ value }: Known): Problem[] {
  const problems: Problem[] = [];
  const windows = (value<string[]>("warmHours") ?? []).map((text) => ({ text, window: readWarmWindow(text) as WarmWindow }));
  for (const [index, { text, window }] of windows.entries()) {
    const refuse = (reason: string) => problems.push(problem(`warmHours[${index}]`, `got ${show(text)}, ${reason}`));
    if (isAlways(window)) refuse("which is all of the week: set minCapacity instead");
    const other = windows.slice(0, index).find((earlier) => meet(earlier.window, window));
    // The end of one would undo the beginning of the other.
    if (other) refuse(`which meets ${show(other.text)}: write them as one`);
  }
  const timeZone = value<string>("warmTimeZone") ?? "UTC";
  const known = knownTimeZone(timeZone);
  if (known === undefined || (known !== timeZone && known.toLowerCase() === timeZone.toLowerCase())) {
    const expected = known === undefined ? acceptedBy("warmTimeZone") : show(known);
    problems.push(problem("warmTimeZone", `got ${show(timeZone)}, expected ${expected}`));
  }
  return problems;
}

/** A time zone's name as Node writes it, which forgives capitals; Application Auto Scaling does not. Undefined when there is none. */
function knownTimeZone(timeZone: string): string | undefined {
  // The default: to look it up, Node loads the names of all zones, a tenth of what a program's run takes.
  if (timeZone === "UTC") return timeZone;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function warmCapacity({ given, value }: Known): Problem[] {
  if (!given.has("warmHours")) {
    return ["warmMinCapacity", "warmTimeZone"]
      .filter((name) => given.has(name))
      .map((name) => problem(name, `needs warmHours: set them too, or remove ${name}`));
  }
  const warmMinCapacity = value<number>("warmMinCapacity") ?? 1;
  const [minCapacity, maxCapacity] = [value<number>("minCapacity"), value<number>("maxCapacity")];
  if (minCapacity === undefined || maxCapacity === undefined) return [];
  return problemIf(
    warmMinCapacity <= minCapacity || warmMinCapacity > maxCapacity,
    "warmMinCapacity",
    `got ${warmMinCapacity}, expected more than minCapacity, which is ${minCapacity}, and at most maxCapacity, which is ${maxCapacity}`,
  );
}

function drainAgainstPartial({ value }: Known): Problem[] {
  const both = value("drain") === true && value("partialScaleIn") === true;
  return problemIf(both, "drain", "got true together with partialScaleIn, which takes instances from running jobs: remove one of them");
}

function volumes({ args, given, value }: Known): Problem[] {
  const instanceType = value<string>("instanceType");
  if (!given.has("volumeSizeGb") || !instanceType || !hasLocalDisk(instanceType)) return [];
  const got = `got ${show(args.volumeSizeGb)}, but ${instanceType} has local disks`;
  return [problem("volumeSizeGb", `${got}, for which SageMaker takes no volume size: remove it`)];
}

function drivers({ value }: Known): Problem[] {
  const [ami, instanceType] = [value<string>("inferenceAmiVersion"), value<string>("instanceType")];
  if (!ami || !instanceType) return [];
  const known: readonly string[] | undefined = gpuInstance(instanceType)?.inferenceAmiVersions;
  const tooOld = known !== undefined && !known.includes(ami);
  const withoutGpu = ami.includes("-gpu-") && !hasGpu(instanceType);
  return [
    ...(tooOld ? [problem("inferenceAmiVersion", `got ${show(ami)}, but ${instanceType} takes ${known.join(", ")}`)] : []),
    ...problemIf(withoutGpu, "inferenceAmiVersion", `got ${show(ami)}, but ${instanceType} has no GPU: remove it`),
  ];
}

const prefixNames = ["inputPrefix", "outputPrefix", "failurePrefix", "inboxPrefix"] as const;

function prefixesIn({ value }: Known) {
  return prefixNames.map((name) => ({ name, prefix: withSlash(value<string>(name) ?? `${name}/`) }));
}

function overlaps(known: Known): Problem[] {
  return prefixesIn(known).flatMap(({ name, prefix }, index, prefixes) => {
    const other = prefixes.slice(0, index).find((earlier) => earlier.prefix.startsWith(prefix) || prefix.startsWith(earlier.prefix));
    if (!other) return [];
    return [problem(name, `got ${show(prefix)}, which overlaps with ${other.name} ${show(other.prefix)}: prefixes must be apart`)];
  });
}

function formerPrefixes(known: Known): Problem[] {
  const prefixes = prefixesIn(known);
  return Object.entries(known.value<Record<string, string>>("formerPrefixes") ?? {}).flatMap(([former, kind]) => {
    const prefix = withSlash(former);
    // One and the same kind may move below what it was, or above.
    const other = prefixes.find((now) => now.name !== `${kind}Prefix` && (now.prefix.startsWith(prefix) || prefix.startsWith(now.prefix)));
    const same = prefixes.find((now) => now.prefix === prefix && now.name === `${kind}Prefix`);
    const refuse = (reason: string) => [problem(`formerPrefixes.${former}`, `got ${show(kind)}, but it ${reason}`)];
    return [
      ...(other ? refuse(`overlaps with ${other.name} ${show(other.prefix)}: prefixes must be apart`) : []),
      ...(same ? refuse(`is ${same.name} now: remove it`) : []),
    ];
  });
}

/**
 * Of a function's 4,096 bytes, what its settings take besides lists and prefixes: eight names of resources that Pulumi makes unique, an
 * ARN, numbers, and the names of the settings.
 */
const otherSettingsBytes = 1200;

/** The sweep function knows the inputs' former prefixes, the inbox function the inbox's, and further buckets besides. */
function formerPrefixesInEnvironments({ value }: Known): Problem[] {
  const former = Object.entries(value<Record<string, string>>("formerPrefixes") ?? {});
  const bytesOf = (texts: readonly string[]) => bytesOfEnvironment({ SETTINGS: JSON.stringify(texts) });
  const prefixes = (["inputPrefix", "outputPrefix", "inboxPrefix"] as const).map((name) => value<string>(name) ?? "");
  return (
    [
      ["input", []],
      ["inbox", value<string[]>("inputBuckets") ?? []],
    ] as const
  ).flatMap(([kind, others]) => {
    const own = former.flatMap(([prefix, was]) => (was === kind ? [withSlash(prefix)] : []));
    const room = environmentBytes - otherSettingsBytes - bytesOf([...prefixes, ...others]);
    const bytes = bytesOf(own);
    const reason =
      `got ${own.length} of kind ${kind} with ${bytes} bytes as JSON, expected at most ${room}, since a function's environment has ` +
      `${environmentBytes} bytes for all its settings: remove those below which nothing is left`;
    return problemIf(own.length > 0 && bytes > room, "formerPrefixes", reason);
  });
}

function formerKeys({ value }: Known): Problem[] {
  const kmsKeyArn = value<string>("kmsKeyArn");
  const isFormer = typeof kmsKeyArn === "string" && value<unknown[]>("formerKmsKeyArns")?.includes(kmsKeyArn) === true;
  return problemIf(isFormer, "formerKmsKeyArns", `got ${show(kmsKeyArn)}, which is kmsKeyArn now: remove it`);
}

function ownLifecycle({ given }: Known): Problem[] {
  if (!given.has("bucketName")) return [];
  return ["inputExpirationDays", "outputExpirationDays", "failureExpirationDays", "inboxExpirationDays"]
    .filter((name) => given.has(name))
    .map((name) => problem(name, "got one together with bucketName: the lifecycle of your own bucket stays yours: remove it"));
}

function functionsWithoutVpc({ given, value }: Known): Problem[] {
  const without = value("functionsInVpc") === true && !given.has("vpcSubnetIds");
  return problemIf(without, "functionsInVpc", "got true, but there are no vpcSubnetIds: give them, with vpcSecurityGroupIds");
}

function withoutAlarms({ given, value }: Known): Problem[] {
  if (value("alarmsEnabled") === true) return [];
  return ["alarmTopicArn", "alarmEmails", "idleSpendAlarmUsdPerDay"]
    .filter((name) => given.has(name))
    .map((name) => problem(name, "got one, but alarmsEnabled is false: set it, or remove this"));
}

function idleSpendWithoutPrice({ given, value }: Known): Problem[] {
  const instanceType = value<string>("instanceType");
  if (!given.has("idleSpendAlarmUsdPerDay") || instanceType === undefined || priceOf(instanceType) !== undefined) return [];
  return [
    problem(
      "idleSpendAlarmUsdPerDay",
      `got a limit, but no price of ${instanceType} is known: remove it, or take a type with a price; awake-with-nothing-open needs none`,
    ),
  ];
}

function withoutNotifications({ given, value }: Known): Problem[] {
  if (value("notificationsEnabled") !== false) return [];
  return ["successTopicArn", "errorTopicArn", "includeInferenceResponse", "successEmails", "failureEmails"]
    .filter((name) => given.has(name))
    .map((name) => problem(name, "got one, but notificationsEnabled is false: remove one of them"));
}

function withoutPriorities({ given, value }: Known): Problem[] {
  if (value<boolean>("priorityEnabled") !== false) return [];
  return ["lowPriorityBacklog", "lowPriorityFairBy"]
    .filter((name) => given.has(name))
    .map((name) => problem(name, `needs priorityEnabled: true: set it too, or remove ${name}`));
}

function withoutTraces({ given }: Known): Problem[] {
  if (given.has("traceEndpoint")) return [];
  return ["traceHeaders", "traceSamplePercent"]
    .filter((name) => given.has(name))
    .map((name) => problem(name, `needs traceEndpoint: set it too, or remove ${name}`));
}

/** Receivers at addresses that functions do not ask: {@link addressGuard} judges what a name leads to when it is asked. */
function webhooksNobodyReaches({ value }: Known): Problem[] {
  const inVpc = value<boolean>("functionsInVpc");
  return Object.entries(value<Record<string, Partial<Webhook>>>("webhooks") ?? {}).flatMap(([name, { url, privateAllowed = false }]) => {
    const at = `webhooks.${name}`;
    if (url === undefined || !URL.canParse(url)) return [problem(`${at}.url`, `got ${show(url)}, which is no URL: mend its host or port`)];
    const host = isHere(url) ? "" : new URL(url).hostname;
    const refusal = net.isIP(host) === 0 ? undefined : addressGuard(net, privateAllowed)(host);
    return [
      ...problemIf(refusal !== undefined, `${at}.url`, `got ${show(url)}, but ${refusal}: give the address of a receiver`),
      ...problemIf(
        privateAllowed && inVpc === false,
        `${at}.privateAllowed`,
        "got true, but functionsInVpc is false, and functions outside of a VPC reach no private network: set that, or remove this",
      ),
    ];
  });
}

function sameTags({ value }: Known): Problem[] {
  return Object.keys(value<object>("tags") ?? {}).flatMap((name, index, names) => {
    const same = names.slice(0, index).find((earlier) => earlier.toLowerCase() === name.toLowerCase());
    if (same === undefined) return [];
    return [problem(`tags.${name}`, `got one together with ${show(same)}, which IAM takes for the same name: remove one of them`)];
  });
}

function protectAgainstDestroy({ value }: Known): Problem[] {
  const both = value("forceDestroy") === true && value("protect") === true;
  return problemIf(both, "protect", "got true together with forceDestroy, which deletes what protect keeps: remove one of them");
}
