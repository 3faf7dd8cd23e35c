import { InvalidArgumentError } from "commander";
import { acceptedBy } from "../../components/describe";
import { problemsWith } from "../../components/valueChecks";
import type { ColumnRole, NamedColumns } from "../../planner/loads/columns";
import { instanceType } from "../options";

/** An instance type to plan with, and how much faster it is than today's. */
export interface PlannedType {
  instanceType: string;
  /** @default 1 */
  factor?: number;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };
/** An hour for the download of the model, and one until its container answers: the bounds of the settings. */
const longestStartupSeconds = 7200;
/** As AWS counts a month. */
const monthHours = 730;

/** Reads text that may be given several times. */
export function repeated(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

/** Reads a waiting time in seconds: `45s`, `10m`, `1.5h`. */
export function readWait(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined && Number(amount) > 0) return Number(amount) * (unitSeconds[unit] as number);
  throw new InvalidArgumentError("Expected a time such as 45s, 10m or 1.5h.");
}

/** Reads how long an instance takes until it serves: `240`, or a span such as `200-300`, in seconds. */
export function readStartup(text: string): readonly [number, number] {
  const [, least, most = least] = /^(\d{1,5})(?:-(\d{1,5}))?\s*s?$/.exec(text) ?? [];
  const span = [Number(least), Number(most)] as const;
  if (least !== undefined && span[0] > 0 && span[0] <= span[1] && span[1] <= longestStartupSeconds) return span;
  throw new InvalidArgumentError(`Expected seconds from 1 to ${longestStartupSeconds}, such as 240 or 200-300.`);
}

/** Reads a budget in dollars a month: `2000/month`, `60/day`, `2000`. */
export function readBudget(text: string): number {
  const [, amount, per = "month"] = /^\$?(\d+(?:\.\d+)?)(?:\s*\/\s*(month|day|hour))?$/.exec(text) ?? [];
  if (amount !== undefined && Number(amount) > 0) {
    const hours = { month: monthHours, day: 24, hour: 1 }[per as "month" | "day" | "hour"];
    return (Number(amount) * monthHours) / hours;
  }
  throw new InvalidArgumentError("Expected dollars above 0 such as 2000/month or 60/day.");
}

/** Reads `ml.g6.xlarge` or `ml.g6.xlarge=1.3`, repeatable. */
export function readTypes(text: string, previous: PlannedType[] | undefined): PlannedType[] {
  const [type = "", factor, ...more] = text.split("=");
  const known = { instanceType: instanceType(type), ...(factor !== undefined && { factor: Number(factor) }) };
  if (more.length > 0 || (known.factor !== undefined && !(known.factor > 0 && known.factor <= 100))) {
    throw new InvalidArgumentError("Expected an instance type, and how many times as fast it is: ml.g6e.xlarge=1.8.");
  }
  return [...(previous ?? []), known];
}

/** How many requests are sent to an instance at once, and how fast each then runs. */
export interface PlannedConcurrency {
  count: number;
  /** How many times as fast as today. @default as much slower as there are more of them: batches bring nothing */
  factor?: number;
}

/** Reads `4` or `4=0.6`, repeatable. */
export function readConcurrency(text: string, previous: PlannedConcurrency[] | undefined): PlannedConcurrency[] {
  const [, count, factor] = /^(\d+)(?:=(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  const known = { count: Number(count), ...(factor !== undefined && { factor: Number(factor) }) };
  if (count === undefined || problemsWith("maxConcurrentInvocationsPerInstance", known.count).length > 0 || known.factor === 0) {
    throw new InvalidArgumentError(
      `Expected requests at once (${acceptedBy("maxConcurrentInvocationsPerInstance")}), and how many times as fast each runs then: 4=0.6.`,
    );
  }
  return [...(previous ?? []), known];
}

const roles: readonly ColumnRole[] = ["arrival", "duration", "start", "finish"];

/** Reads `arrival=NAME,duration=NAME`. */
export function readColumns(text: string): NamedColumns {
  const named: NamedColumns = {};
  for (const pair of text.split(",")) {
    const [, role, column] = /^\s*(\w+)=(.+)$/.exec(pair) ?? [];
    if (role === undefined || column === undefined || !(roles as readonly string[]).includes(role)) {
      throw new InvalidArgumentError(`Expected ${roles.map((each) => `${each}=NAME`).join(", ")}, with commas between.`);
    }
    named[role as ColumnRole] = column.trim();
  }
  return named;
}

/** Reads what costs are grouped by. */
export function groupBy(text: string): string {
  if (/^(day|state|code|job|metadata\..+)$/.test(text)) return text;
  throw new InvalidArgumentError("Expected day, state, code, job or metadata.KEY.");
}
