import { Option, type Command } from "commander";
import type { JobStatus } from "../../client";
import type { CostShares } from "../../planner/cost/shares";
import { exitCodes } from "../exitCodes";
import { UsageError } from "../failure";
import { number, since, type Since } from "../options";
import { requirePackages } from "../optionalPackages";
import type { Column } from "../output";
import { readJobs, type JobsOf } from "../planning/deployed";
import { shownUsd, withoutMetricsWords } from "../planning/figures";
import { readGivenPrices } from "../planning/prices";
import { readShares } from "../planning/shares";
import { repeated, groupBy } from "../planning/options";
import { addCommand, addCommonOptions, withService, type Session } from "../session";
import type { TargetOptions } from "../target";

interface CostOptions extends TargetOptions {
  since: Since;
  by: string;
  csv?: boolean;
  price?: string[];
  priceFactor?: number;
}

/** What the jobs of one group used, in hours of instances. */
export interface CostRow {
  group: string;
  jobs: number;
  computeHours: number;
  startupHours: number;
  idleHours: number;
  /** Absent without a price. */
  usd?: number;
  usdPerJob?: number;
}

/** All that `cost` reports. */
export interface CostReport {
  endpointName: string;
  since: string;
  by: string;
  instanceType: string;
  usdPerHour?: number;
  prices: string;
  rows: CostRow[];
  /**
   * Jobs of the rows that ended in minutes of which CloudWatch has no metrics: they come up to five minutes late, and are not kept for ever.
   * Their compute is at most: what `maxCapacity` instances can have run. Start-up and idle time are not in their rows.
   */
  jobsWithoutMetrics: number;
  /** Jobs that no instance is known to have worked on; they cost nothing here. */
  jobsWithoutRun: number;
  /** What CloudWatch counted, and what of it is not in the rows. Absent when it could not be asked. */
  counted?: { instanceHours: number; usd?: number; withoutJobsHours: number; beyondHours: number; periodSeconds: number };
  /** Why CloudWatch could not be asked. */
  uncounted?: string;
}

/** `sagemaker-async cost` */
export function addCost(program: Command, session: Session): Command {
  const command = addCommand(program, "cost", "Say what jobs did cost: compute, and their share of start-up and idle time.", [
    "sagemaker-async cost --stack prod --since 30d",
    "sagemaker-async cost --stack prod --since 30d --by metadata.customer --csv",
  ])
    .addOption(new Option("--since <time>", "jobs accepted since: a span or a time").argParser(since).default(since("7d"), "7d"))
    .addOption(new Option("--by <group>", "day, state, code, job or metadata.KEY").argParser(groupBy).default("day"))
    .addOption(new Option("--price <type=usd>", "price of an instance an hour, in the place of the list's").argParser(repeated))
    .addOption(
      new Option("--price-factor <factor>", "what is paid of the list price, such as 0.7 with a savings plan").argParser(number(0.01, "")),
    )
    .addOption(new Option("--csv", "comma-separated values, a row for each group"));
  return addCommonOptions(command, { target: true }).action((options: CostOptions) => runCost(session, options));
}

async function runCost(session: Session, options: CostOptions): Promise<void> {
  const { output } = session;
  if (options.csv && output.json) throw new UsageError("got --json and --csv: give one of them");
  const given = readGivenPrices(options.price ?? []);
  requirePackages("cost", ["@aws-sdk/client-sagemaker", "@aws-sdk/client-cloudwatch"]);
  await withService(session, options, async (service) => {
    const { outputs } = service.target;
    const jobs = await readJobs(session, service, options.since);
    const times = { from: jobs.from.getTime(), now: jobs.now };
    const paid = { given, factor: options.priceFactor };
    const { shares, answer, instanceType, usdPerHour, prices } = await readShares(session, service, jobs.ran, times, paid);
    const report: CostReport = {
      endpointName: outputs.endpointName,
      since: jobs.from.toISOString(),
      by: options.by,
      instanceType,
      ...(usdPerHour !== undefined && { usdPerHour }),
      prices,
      rows: rowsBy(options.by, jobs, shares, usdPerHour),
      jobsWithoutMetrics: shares.unmeasured.size,
      jobsWithoutRun: jobs.without.length,
      ...(answer.history === undefined ? { uncounted: answer.reason } : { counted: countedOf(shares, usdPerHour, answer.periodSeconds) }),
    };
    show(session, report, options.csv === true);
    return exitCodes.done;
  });
}

/** Adds up what the jobs of each group used; days and jobs in their order, others by cost. */
export function rowsBy(by: string, { ran }: Pick<JobsOf, "ran">, shares: CostShares, usdPerHour: number | undefined): CostRow[] {
  const rows = new Map<string, CostRow>();
  for (const [index, { status }] of ran.entries()) {
    const group = groupOf(by, status);
    const row = rows.get(group) ?? { group, jobs: 0, computeHours: 0, startupHours: 0, idleHours: 0 };
    const { computeSeconds, startupSeconds, idleSeconds } = shares.jobs[index] as CostShares["jobs"][number];
    row.jobs += 1;
    row.computeHours += computeSeconds / 3600;
    row.startupHours += startupSeconds / 3600;
    row.idleHours += idleSeconds / 3600;
    rows.set(group, row);
  }
  const hours = ({ computeHours, startupHours, idleHours }: CostRow) => computeHours + startupHours + idleHours;
  const inOrder = by === "day" ? (a: CostRow, b: CostRow) => (a.group < b.group ? -1 : 1) : (a: CostRow, b: CostRow) => hours(b) - hours(a);
  return [...rows.values()].sort(inOrder).map((row) => {
    if (usdPerHour === undefined) return row;
    const usd = hours(row) * usdPerHour;
    return { ...row, usd, usdPerJob: usd / row.jobs };
  });
}

function groupOf(by: string, { jobId, state, error, metadata = {}, timings }: JobStatus): string {
  if (by.startsWith("metadata.")) return metadata[by.slice("metadata.".length)] ?? "(none)";
  switch (by) {
    case "state":
      return state;
    case "code":
      return error?.code ?? "(no error)";
    case "job":
      return jobId;
    default:
      return (timings.acceptedAt ?? "").slice(0, 10);
  }
}

function countedOf(
  { instanceSeconds = 0, withoutJobsSeconds, beyondSeconds }: CostShares,
  usdPerHour: number | undefined,
  periodSeconds: number,
): NonNullable<CostReport["counted"]> {
  const instanceHours = instanceSeconds / 3600;
  return {
    instanceHours,
    ...(usdPerHour !== undefined && { usd: instanceHours * usdPerHour }),
    withoutJobsHours: withoutJobsSeconds / 3600,
    beyondHours: beyondSeconds / 3600,
    periodSeconds,
  };
}

/** A job of seconds is not 0.000 hours. */
const hours = (value: number) => (value > 0 && value < 0.0995 ? value.toPrecision(2) : value.toFixed(value < 10 ? 3 : 1));
const columns: readonly Column<CostRow>[] = [
  { name: "GROUP", value: ({ group }) => group },
  { name: "JOBS", value: ({ jobs }) => String(jobs) },
  { name: "COMPUTE H", value: ({ computeHours }) => hours(computeHours) },
  { name: "START-UP H", value: ({ startupHours }) => hours(startupHours) },
  { name: "IDLE H", value: ({ idleHours }) => hours(idleHours) },
  { name: "USD", value: ({ usd }) => (usd === undefined ? "no price" : shownUsd(usd)) },
  { name: "USD/JOB", value: ({ usdPerJob }) => (usdPerJob === undefined ? "no price" : shownUsd(usdPerJob)) },
];

function show({ output }: Session, report: CostReport, csv: boolean): void {
  if (output.json) return output.show(report, () => "");
  if (csv) return output.show({}, () => costCsv(report));
  const { rows, by, endpointName, since: from } = report;
  if (rows.length === 0) output.note(`No job of ${endpointName} that ended since ${from} has the service's times.`);
  else output.table(rows, [{ ...(columns[0] as Column<CostRow>), name: by.toUpperCase() }, ...columns.slice(1)]);
  output.show({}, (paint) => `\n${paint("dim", output.fit(totalsOf(report), 0))}`);
}

/** What the rows add up to beside what CloudWatch counted, the difference named. */
export function totalsOf(report: CostReport): string {
  const { rows, jobsWithoutRun, jobsWithoutMetrics, counted, uncounted, usdPerHour, instanceType, prices } = report;
  const sum = rows.reduce((total, { computeHours, startupHours, idleHours }) => total + computeHours + startupHours + idleHours, 0);
  const usd = (value: number) => (usdPerHour === undefined ? "" : ` (${shownUsd(value * usdPerHour)} USD)`);
  const parts = [
    `The rows are ${jobsWithoutMetrics > 0 ? "an estimate of " : ""}${hours(sum)} instance hours${usd(sum)} of ${instanceType}.`,
    ...(counted === undefined
      ? [
          `CloudWatch could not be asked (${uncounted}): compute is the most that maxCapacity instances can have run, and start-up and idle time are not known.`,
        ]
      : [
          `CloudWatch counted ${hours(counted.instanceHours)}${usd(counted.instanceHours)}: ${hours(counted.withoutJobsHours)} of them without a job (a minimum, warm hours, or jobs from before).`,
          ...(jobsWithoutMetrics > 0 ? [withoutMetricsWords(jobsWithoutMetrics)] : []),
          ...(counted.beyondHours > 0
            ? [
                `${hours(counted.beyondHours)} of the rows are compute that CloudWatch has not counted${jobsWithoutMetrics > 0 ? "" : ": its minutes are coarser than runs"}.`,
              ]
            : []),
          ...(counted.periodSeconds > 60
            ? [`Datapoints of that age cover ${counted.periodSeconds / 60} minutes each, so runs are less exact.`]
            : []),
        ]),
    ...(jobsWithoutRun > 0 ? [`${jobsWithoutRun} jobs are open, or have no times of the service, and are not in the rows.`] : []),
    `Prices: ${prices}.`,
  ];
  return parts.join(" ");
}

/** The rows as comma-separated values. */
export function costCsv({ by, rows }: CostReport): string {
  const names = [by, "jobs", "computeHours", "startupHours", "idleHours", "usd", "usdPerJob"];
  const figure = (value: number | undefined) => (value === undefined ? "" : String(Number(value.toPrecision(6))));
  const lines = rows.map(({ group, jobs, computeHours, startupHours, idleHours, usd, usdPerJob }) => [
    /[",\r\n]/.test(group) ? `"${group.replaceAll('"', '""')}"` : group,
    ...[jobs, computeHours, startupHours, idleHours, usd, usdPerJob].map(figure),
  ]);
  return [names, ...lines].map((cells) => cells.join(",")).join("\n");
}
