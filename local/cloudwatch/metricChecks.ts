import { ServiceError } from "../wire";

/** A datum as a call has it, with its time in milliseconds since the epoch. */
interface Datum {
  MetricName: string;
  Dimensions: Readonly<Record<string, string>>;
  Timestamp?: number | undefined;
  Value?: number | undefined;
  Values?: readonly number[] | undefined;
  Counts?: readonly number[] | undefined;
  StatisticValues?: Readonly<Record<"SampleCount" | "Sum" | "Minimum" | "Maximum", number>> | undefined;
  Unit: string;
}

/** A part of a question for datapoints. */
interface Query {
  Id: string;
  Expression?: string | undefined;
  MetricStat?: { Period: number } | undefined;
}

type Kind = "MissingParameter" | "InvalidParameterValue" | "InvalidParameterCombination";

/** Names in JSON and CBOR of errors that Query names without their end. */
const shapes: Readonly<Record<Kind, string>> = {
  MissingParameter: "MissingRequiredParameterException",
  InvalidParameterValue: "InvalidParameterValueException",
  InvalidParameterCombination: "InvalidParameterCombinationException",
};

const units = new Set(
  ["Bytes", "Bits", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Kilobits", "Megabits", "Gigabits", "Terabits", "Count"]
    .flatMap((unit) => [unit, `${unit}/Second`])
    .concat("Seconds", "Microseconds", "Milliseconds", "Percent", "None"),
);

const millisecondsPerHour = 3_600_000;

/** What is wrong with one call, in CloudWatch's words: problems of one kind are reported together, a line each. */
class Problems {
  private readonly found: { kind: Kind; message: string }[] = [];

  add(kind: Kind, message: string, holds = true): void {
    if (holds) this.found.push({ kind, message });
  }

  /** Refuses an empty text, one of other letters than ASCII's and a longer one than `most`. */
  text(parameter: string, value: string, most: number): void {
    this.add("MissingParameter", `The parameter ${parameter} is required.`, value.trim() === "");
    this.add("InvalidParameterValue", `The value for parameter ${parameter} contains non-ASCII characters.`, /[^\x00-\x7f]/.test(value));
    this.add("InvalidParameterValue", `The parameter ${parameter} must be shorter than ${most + 1} characters.`, value.length > most);
  }

  size(parameter: string, { length }: { length: number }, most: number): void {
    this.add("InvalidParameterValue", `The collection ${parameter} must not have a size greater than ${most}.`, length > most);
  }

  number(parameter: string, value: number): void {
    const valid = Number.isFinite(value) && Math.abs(value) <= 2 ** 360;
    this.add("InvalidParameterValue", `The value ${value} for parameter ${parameter} is invalid.`, !valid);
  }

  exclusive(one: string, other: string, both: boolean): void {
    const message = `The parameters ${one} and ${other} are mutually exclusive and you have specified both.`;
    this.add("InvalidParameterCombination", message, both);
  }

  refuse(): void {
    const kind = (Object.keys(shapes) as Kind[]).find((each) => this.found.some((problem) => problem.kind === each));
    if (kind === undefined) return;
    const lines = this.found.flatMap((problem) => (problem.kind === kind ? problem.message : []));
    throw new ServiceError(kind, lines.join("\n"), 400, shapes[kind]);
  }
}

/**
 * Refuses what CloudWatch refuses of published data.
 *
 * @param now in milliseconds since the epoch
 * @throws ServiceError
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export function checkData(namespace: string, data: readonly Datum[], now: number): void {
  const problems = new Problems();
  problems.text("Namespace", namespace, 255);
  problems.add("InvalidParameterValue", `The value ${namespace} for parameter Namespace is invalid.`, /^(:|AWS\/)/.test(namespace));
  problems.size("MetricData", data, 1000);
  data.forEach((datum, index) => checkDatum(problems, `MetricData.member.${index + 1}`, datum, now));
  problems.refuse();
}

function checkDatum(problems: Problems, at: string, datum: Datum, now: number): void {
  const { MetricName, Dimensions, Timestamp = now, Value, Values = [], Counts = [], StatisticValues, Unit } = datum;
  problems.text(`${at}.MetricName`, MetricName, 255);
  problems.size(`${at}.Dimensions`, Object.keys(Dimensions), 30);
  Object.entries(Dimensions).forEach(([name, value], index) => {
    problems.text(`${at}.Dimensions.member.${index + 1}.Name`, name, 255);
    problems.text(`${at}.Dimensions.member.${index + 1}.Value`, value, 1024);
  });
  const time = `The parameter ${at}.Timestamp must specify a time`;
  const hoursAgo = (now - Timestamp) / millisecondsPerHour;
  problems.add("InvalidParameterValue", `${time} within the past two weeks.`, hoursAgo > 14 * 24);
  problems.add("InvalidParameterValue", `${time} no more than two hours in the future.`, hoursAgo < -2);
  problems.add("InvalidParameterValue", `The value ${Unit} for parameter ${at}.Unit is invalid.`, !units.has(Unit));
  problems.add(
    "MissingParameter",
    `The parameter ${at}.Value is required.`,
    !StatisticValues && Value === undefined && Values.length === 0,
  );
  problems.exclusive(`${at}.Value`, `${at}.Values`, Value !== undefined && Values.length > 0);
  problems.exclusive(`${at}.Value`, `${at}.StatisticValues`, Value !== undefined && StatisticValues !== undefined);
  problems.exclusive(`${at}.Values`, `${at}.StatisticValues`, Values.length > 0 && StatisticValues !== undefined);
  for (const [name, value] of Object.entries(StatisticValues ?? {})) problems.number(`${at}.StatisticValues.${name}`, value);
  const positive = (name: string, value: number) =>
    problems.add("InvalidParameterValue", `The value ${value} for parameter ${at}.${name} is invalid.`, value <= 0);
  if (StatisticValues !== undefined) positive("StatisticValues.SampleCount", StatisticValues.SampleCount);
  Counts.forEach((count, index) => positive(`Counts.member.${index + 1}`, count));
  const backwards = StatisticValues !== undefined && StatisticValues.Maximum < StatisticValues.Minimum;
  const order = `The parameter ${at}.StatisticValues.Maximum must be greater than or equal to ${at}.StatisticValues.Minimum.`;
  problems.add("InvalidParameterValue", order, backwards);
  if (Value !== undefined) problems.number(`${at}.Value`, Value);
  problems.size(`${at}.Values`, Values, 150);
  Values.forEach((value, index) => problems.number(`${at}.Values.member.${index + 1}`, value));
  const unequal = Counts.length > 0 && Counts.length !== Values.length;
  problems.add("InvalidParameterValue", `The parameters ${at}.Values and ${at}.Counts must be of the same size.`, unequal);
}

function timeProblem(start: number, end: number, later: string): string | undefined {
  if (start === end) return "The parameter StartTime must not equal parameter EndTime.";
  return start > end ? later : undefined;
}

function periodProblem(parameter: string, seconds: number): string | undefined {
  const valid = [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
  return valid ? undefined : `The parameter ${parameter} must be a value in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.`;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
const mostDatapoints = 1440;

/** Refuses what CloudWatch refuses of a call of GetMetricStatistics. Times are in milliseconds. @throws ServiceError */
export function checkStatisticsQuery(query: {
  StartTime: number;
  EndTime: number;
  Period: number;
  Statistics: readonly string[];
  ExtendedStatistics: readonly string[];
}): void {
  const { StartTime, EndTime, Period, Statistics, ExtendedStatistics } = query;
  const problems = new Problems();
  const time = timeProblem(StartTime, EndTime, "The parameter StartTime must be less than the parameter EndTime.");
  for (const message of [time, periodProblem("Period", Period)]) if (message !== undefined) problems.add("InvalidParameterValue", message);
  const none = Statistics.length + ExtendedStatistics.length === 0;
  problems.add("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics", none);
  const asked = Math.ceil((EndTime - StartTime) / 1000 / Period);
  problems.add(
    "InvalidParameterCombination",
    `You have requested up to ${asked.toLocaleString("en-US")} datapoints, which exceeds the limit of ` +
      `${mostDatapoints.toLocaleString("en-US")}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    asked > mostDatapoints,
  );
  problems.refuse();
}

/** Refuses what CloudWatch refuses of a call of GetMetricData, whose errors have a code of their own. Times are in milliseconds. @throws ServiceError */
export function checkQueries(queries: readonly Query[], start: number, end: number): void {
  const problems = [timeProblem(start, end, "The parameter EndTime must be greater than StartTime.")];
  if (queries.length > 500) problems.push("The collection MetricDataQueries must not have a size greater than 500.");
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length) {
    problems.push("The values for parameter id in MetricDataQueries are not unique.");
  }
  queries.forEach(({ Id, Expression, MetricStat }, index) => {
    const at = `MetricDataQueries.member.${index + 1}`;
    if (!/^[a-z]\w{0,254}$/.test(Id)) problems.push(`The value ${Id} for parameter ${at}.Id is invalid.`);
    if (MetricStat === undefined) return;
    problems.push(periodProblem(`${at}.MetricStat.Period`, MetricStat.Period));
    if (Expression !== undefined) {
      problems.push(`The parameters ${at}.Expression and ${at}.MetricStat are mutually exclusive and you have specified both.`);
    }
  });
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new ServiceError("ValidationError", found.join("\n"));
}
