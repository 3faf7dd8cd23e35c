import { contradictionsIn } from "../../components/contradictions";
import { acceptedBy, adviceOn } from "../../components/describe";
import { gpuCount } from "../../components/instanceTypes";
import { linesOf, show, type PlainArgs, type Problem } from "../../components/problems";
import { defaultConcurrency, serverFamilyOf } from "../../components/serverFamilies";
import { defaultFramework, frameworks, type Framework } from "../../components/servingImages";
import { defaults, settings, type Setting, type SettingName } from "../../components/settings";
import { readText, writtenIn } from "../../components/settings/read";
import { problemsWith } from "../../components/valueChecks";
import type { AsyncInferenceOutputs } from "../../outputs";
import { planned, type PlannedName, type PlanSettings } from "../../planner/settings";
import { failure } from "../failure";

/** Settings that are read besides, since a default follows from them. */
const alsoRead = ["image", "framework", "deployment"] as const satisfies readonly SettingName[];

/** What each instance type costs, and how much faster it is than that of the traced runs. */
export interface TypeFacts {
  usdPerHour: (instanceType: string) => number | undefined;
  /** @default 1 */
  speedFactor?: number;
}

/**
 * Reads settings as the program does: the same types, bounds and contradictions, of those that a plan depends on.
 *
 * @param texts by name, as the stack file has them
 * @param subject where they stand, as the error begins
 * @throws CommandError `BAD_INPUT` with everything that is wrong, a line each
 */
export function readPlanned(texts: Readonly<Record<string, string>>, subject: string): PlainArgs {
  const values: PlainArgs = {};
  const problems: Problem[] = [];
  for (const name of [...planned, ...alsoRead]) {
    const text = texts[name];
    if (text === undefined) continue;
    const setting: Setting = settings[name];
    const value = readText(setting, text);
    const wrong =
      value === undefined
        ? [{ propertyPath: name, reason: `got ${show(writtenIn(setting, text))}, expected ${acceptedBy(name)}` }]
        : problemsWith(name, value);
    problems.push(...wrong);
    if (wrong.length === 0 && show(value) !== show(setting.default)) values[name] = value;
  }
  const about = new Set<string>([...planned, "deployment"]);
  const contradictions = contradictionsIn(values, new Set(Object.keys(values)), undefined);
  problems.push(...contradictions.filter(({ propertyPath }) => about.has(propertyPath.replace(/[[.].*/, ""))));
  if (problems.length > 0) throw failure("BAD_INPUT", [`${subject} can't be planned:`, ...linesOf(problems)].join("\n"), "");
  return values;
}

/** What a deployed stack's outputs say of the settings; the others are as if they were not given. */
export function plannedOf(outputs: AsyncInferenceOutputs): Record<string, string> {
  const { minCapacity, maxCapacity, maxConcurrentInvocationsPerInstance, requestTtlSeconds, invocationTimeoutSeconds } = outputs;
  const known = { minCapacity, maxCapacity, maxConcurrentInvocationsPerInstance, requestTtlSeconds, invocationTimeoutSeconds };
  return Object.fromEntries(Object.entries(known).map(([name, value]) => [name, String(value)]));
}

/**
 * Reads `--set name=value` for a plan.
 *
 * @throws CommandError `BAD_INPUT` naming each that is no setting, or that changes neither waiting nor cost
 */
export function readChanges(pairs: readonly string[]): Record<string, string> {
  const changes: Record<string, string> = {};
  const problems: string[] = [];
  for (const pair of pairs) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) problems.push(`got ${show(pair)}, expected name=value such as idleSeconds=300`);
    else if (!Object.hasOwn(settings, name)) problems.push(`${name} ${adviceOn(name)}`);
    else if (!(planned as readonly string[]).includes(name)) {
      problems.push(`${name} changes neither waiting nor cost: expected one of ${planned.join(", ")}`);
    } else changes[name] = value;
  }
  if (problems.length > 0) throw failure("BAD_INPUT", `--set: ${problems.join("; ")}`, "");
  return changes;
}

/** The settings of a plan: what was read, and the program's defaults. */
export function planSettings(values: PlainArgs, { usdPerHour, speedFactor = 1 }: TypeFacts): PlanSettings {
  const value = <T>(name: Exclude<PlannedName, "maxConcurrentInvocationsPerInstance">) => (values[name] ?? defaults[name]) as T;
  const instanceType = value<string>("instanceType");
  const price = usdPerHour(instanceType);
  return {
    instanceType,
    speedFactor,
    minCapacity: value("minCapacity"),
    maxCapacity: value("maxCapacity"),
    targetBacklogPerInstance: value("targetBacklogPerInstance"),
    maxConcurrentInvocationsPerInstance: concurrencyOf(values, instanceType),
    scaleInCooldownSeconds: value("scaleInCooldownSeconds"),
    scaleOutCooldownSeconds: value("scaleOutCooldownSeconds"),
    idleSeconds: value("idleSeconds"),
    drain: value("drain"),
    partialScaleIn: value("partialScaleIn"),
    warmHours: value("warmHours"),
    warmMinCapacity: value("warmMinCapacity"),
    warmTimeZone: value("warmTimeZone"),
    requestTtlSeconds: value("requestTtlSeconds"),
    invocationTimeoutSeconds: value("invocationTimeoutSeconds"),
    ...(price !== undefined && { usdPerHour: price }),
  };
}

/** The same settings with another number of requests at once, each so many times as fast. @param factor default: the same throughput */
export function withConcurrency(settings: PlanSettings, count: number, factor?: number): PlanSettings {
  const speed = factor ?? settings.maxConcurrentInvocationsPerInstance / count;
  return { ...settings, maxConcurrentInvocationsPerInstance: count, speedFactor: settings.speedFactor * speed };
}

/** As `components/serving` has it: the user's, or what the image's server computes at once. */
function concurrencyOf({ maxConcurrentInvocationsPerInstance: given, image, framework }: PlainArgs, instanceType: string): number {
  if (typeof given === "number") return given;
  const family =
    typeof image === "string" ? serverFamilyOf(image) : frameworks[(framework as Framework | undefined) ?? defaultFramework].family;
  return defaultConcurrency(family, gpuCount(instanceType));
}
