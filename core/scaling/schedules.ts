import { Cron } from "croner";

/** When a scheduled action is carried out. */
export interface Schedule {
  /** `cron(…)`, `rate(…)` or `at(…)`. */
  schedule: string;
  /** Of cron and at expressions. @default "UTC" */
  timezone?: string | undefined;
  /** ISO time. */
  startTime?: string | undefined;
  /** ISO time. */
  endTime?: string | undefined;
}

const unitMilliseconds: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The parser takes an expression of cron in the place of a time too. */
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;

/** The first occurrence after a time, both in milliseconds; undefined when there is none left. */
export type Occurrences = (after: number) => number | undefined;

/**
 * Reads `cron(minutes hours day-of-month month day-of-week year)`, `rate(value unit)` and `at(yyyy-mm-ddThh:mm:ss)`.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
 * @throws Error that says what a schedule must look like
 */
export function occurrences({ schedule, timezone = "UTC", startTime, endTime }: Schedule, now: number): Occurrences {
  const from = startTime === undefined ? now : Date.parse(startTime);
  const to = endTime === undefined ? Infinity : Date.parse(endTime);
  const within = (at: number | undefined): number | undefined => (at !== undefined && at <= to ? at : undefined);
  const [, kind, text = ""] = /^(cron|rate|at)\((.+)\)$/.exec(schedule) ?? [];
  if (kind === "rate") {
    const step = rateMilliseconds(text);
    // The first occurrence is the start itself.
    const first = startTime === undefined ? from + step : from;
    return (after) => within(after < first ? first : first + (Math.floor((after - first) / step) + 1) * step);
  }
  if (kind === "cron" || (kind === "at" && timePattern.test(text))) {
    const cron = cronOf(kind === "at" ? text : sixFields(text), timezone, schedule);
    return (after) => within(cron.nextRun(new Date(Math.max(after, from - 1)))?.getTime());
  }
  throw refused(schedule);
}

function rateMilliseconds(text: string): number {
  const [, value, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(text) ?? [];
  const milliseconds = Number(value) * (unitMilliseconds[unit] ?? Number.NaN);
  if (!(milliseconds > 0)) throw refused(`rate(${text})`);
  return milliseconds;
}

/** The parser's fields begin with the second. */
function sixFields(text: string): string {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw refused(`cron(${text})`);
  return ["0", ...fields].join(" ");
}

function cronOf(pattern: string, timezone: string, schedule: string): Cron {
  try {
    // AWS counts weekdays from 1, Sunday, and writes 0/20 for every 20th from 0.
    return new Cron(pattern, { timezone, alternativeWeekdays: true, sloppyRanges: true });
  } catch (error) {
    throw refused(schedule, error instanceof Error ? error.message : String(error));
  }
}

function refused(schedule: string, detail = ""): Error {
  const reason = detail === "" ? "" : ` (${detail})`;
  return new Error(
    `Schedule: got "${schedule}"${reason}; accepts cron(minutes hours day-of-month month day-of-week year), ` +
      "rate(value minutes|hours|days) or at(yyyy-mm-ddThh:mm:ss)",
  );
}
