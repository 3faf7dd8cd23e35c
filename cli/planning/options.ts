import { InvalidArgumentError } from "commander";
import type { ColumnRole, NamedColumns } from "../../planner/loads/columns";
import { instanceType } from "../options";

/** An instance type to plan with, and how much faster it is than today's. */
export interface PlannedType {
  instanceType: string;
  /** @default 1 */
  factor?: number;
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };
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
