import { Option, type Command } from "commander";
import { followClock } from "../../aws/followClock";
import { systemClock } from "../../client/waiting/clock";
import { createServiceClock } from "../../core/serviceClock";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { AwsSettings } from "../aws";
import { number } from "../options";
import { facts, type Paint } from "../output";
import { relative } from "../../core/duration";
import { priceOf, pricesAsOf, pricesRegion } from "../../components/prices";
import { requirePackages } from "../optionalPackages";
import { addCommand, addCommonOptions, withService, type Session } from "../session";
import type { TargetOptions } from "../target";
import { watching, watchOption, type Change } from "../watching";

/** What `endpoint` tells. */
export interface EndpointReport {
  endpointName: string;
  /** When it was so, by the service's clock: ISO 8601, UTC. */
  at: string;
  /** SageMaker's EndpointStatus. */
  state: string;
  failureReason?: string;
  instanceType: string;
  instances: { current: number; desired: number; min: number; max: number };
  /** The newest value of each metric; a metric that nobody published lately is left out. */
  backlog: { requests?: number; oldestSeconds?: number; asOf?: string };
  /** In US dollars. `perInstanceHour` is absent for an instance type whose price is not known. */
  cost: { perInstanceHour?: number; hour?: number; mostHour?: number; source: string };
}

/** Between two looks: what moves are a handful of instances, and metrics of a minute each. */
const everyMilliseconds = 5000;

/** The metrics are a minute or two late; older values say nothing of now. */
const metricWindowMilliseconds = 15 * 60_000;

/** `sagemaker-async endpoint` */
export function addEndpoint(program: Command, session: Session): Command {
  const command = addCommand(program, "endpoint", "Show the endpoint: its state, instances, backlog, and what it costs per hour.", [
    "sagemaker-async endpoint --stack dev",
    "sagemaker-async endpoint --outputs outputs.json --price-per-hour 1.21 --json",
    "sagemaker-async endpoint --stack dev --watch",
  ])
    .addOption(
      new Option("--price-per-hour <usd>", "price of one instance, for types and regions that are not known here").argParser(
        number(0, " of dollars"),
      ),
    )
    .option(...watchOption);
  return addCommonOptions(command, { target: true }).action(async (options: TargetOptions & { pricePerHour?: number; watch?: boolean }) => {
    requirePackages("endpoint", ["@aws-sdk/client-sagemaker", "@aws-sdk/client-cloudwatch"]);
    await withService(session, options, async ({ target, aws }) => {
      const { output } = session;
      const look = () => readEndpoint(target.outputs, aws, options.pricePerHour);
      const frame = (report: EndpointReport, paint: Paint) => render(report, paint, output.columns);
      if (options.watch) {
        await watching(session, { look, frame, changes: (report) => [changeOf(report)], everyMilliseconds });
        return;
      }
      const report = await look();
      output.show(report, (paint) => frame(report, paint));
    });
  });
}

/** The endpoint in a line, which is another when something else than the time is. */
function changeOf(report: EndpointReport): Change {
  const { at, endpointName, state, instances, backlog } = report;
  const { current, desired } = instances;
  const waiting = backlog.requests === undefined ? "backlog unknown" : `${backlog.requests} waiting`;
  const oldest = backlog.oldestSeconds === undefined ? "" : `${backlog.oldestSeconds} s`;
  const words = [state, `${current} now`, `${desired} wanted`, waiting, oldest];
  return { key: endpointName, value: words.join(), object: report, line: [at, ...words].join("\t").trimEnd() };
}

/** Asks SageMaker and CloudWatch about the endpoint. */
export async function readEndpoint(outputs: AsyncInferenceOutputs, aws: AwsSettings, pricePerHour?: number): Promise<EndpointReport> {
  const { SageMakerClient, DescribeEndpointCommand, DescribeEndpointConfigCommand } = await import("@aws-sdk/client-sagemaker");
  const client = new SageMakerClient(aws);
  const clock = createServiceClock(systemClock);
  followClock(client, clock);
  try {
    const endpoint = await client.send(new DescribeEndpointCommand({ EndpointName: outputs.endpointName }));
    const [config, backlog] = await Promise.all([
      client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName })),
      readBacklog(outputs.endpointName, aws, clock.stamp()),
    ]);
    const instanceType = config.ProductionVariants?.[0]?.InstanceType ?? "unknown";
    const variant = endpoint.ProductionVariants?.[0];
    const instances = {
      current: variant?.CurrentInstanceCount ?? 0,
      desired: variant?.DesiredInstanceCount ?? 0,
      min: outputs.minCapacity,
      max: outputs.maxCapacity,
    };
    return {
      endpointName: outputs.endpointName,
      at: new Date(clock.stamp()).toISOString(),
      state: endpoint.EndpointStatus ?? "Unknown",
      ...(endpoint.FailureReason !== undefined && { failureReason: endpoint.FailureReason }),
      instanceType,
      instances,
      backlog,
      cost: costOf(instanceType, instances, outputs.region, pricePerHour),
    };
  } finally {
    client.destroy();
  }
}

/** @param now the service's time: its metrics are stamped by it */
async function readBacklog(EndpointName: string, aws: AwsSettings, now: number): Promise<EndpointReport["backlog"]> {
  const { CloudWatchClient, GetMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient(aws);
  const query = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: {
      Metric: { Namespace: "AWS/SageMaker", MetricName, Dimensions: [{ Name: "EndpointName", Value: EndpointName }] },
      Period: 60,
      Stat: "Maximum",
    },
  });
  try {
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: [query("requests", "ApproximateBacklogSize"), query("oldest", "ApproximateAgeOfOldestRequest")],
        StartTime: new Date(now - metricWindowMilliseconds),
        EndTime: new Date(now),
        ScanBy: "TimestampDescending",
      }),
    );
    const newest = (id: string) => {
      const result = MetricDataResults.find(({ Id }) => Id === id);
      return { value: result?.Values?.[0], at: result?.Timestamps?.[0] };
    };
    const [requests, oldest] = [newest("requests"), newest("oldest")];
    return {
      ...(requests.value !== undefined && { requests: requests.value }),
      // With nothing in the queue the last age is history.
      ...(oldest.value !== undefined && requests.value !== 0 && { oldestSeconds: oldest.value }),
      ...(requests.at !== undefined && { asOf: requests.at.toISOString() }),
    };
  } finally {
    client.destroy();
  }
}

function costOf(
  instanceType: string,
  { current, max }: EndpointReport["instances"],
  region: string,
  given: number | undefined,
): EndpointReport["cost"] {
  const price = given ?? priceOf(instanceType);
  if (price === undefined) return { source: `the price of ${instanceType} is not known here: give it with --price-per-hour` };
  const elsewhere = region === pricesRegion ? "" : `, not of ${region}: give that with --price-per-hour`;
  return {
    perInstanceHour: price,
    hour: rounded(price * current),
    mostHour: rounded(price * max),
    source: given === undefined ? `list price of ${pricesRegion}, ${pricesAsOf}${elsewhere}` : "--price-per-hour",
  };
}

function rounded(dollars: number): number {
  return Math.round(dollars * 10_000) / 10_000;
}

function render(
  { endpointName, at, state, failureReason, instanceType, instances, backlog, cost }: EndpointReport,
  paint: Paint,
  columns: number | undefined,
): string {
  const { current, desired, min, max } = instances;
  const style = state === "InService" ? "green" : state === "Failed" ? "red" : "yellow";
  const waiting =
    backlog.requests === undefined
      ? "not published in the last 15 minutes"
      : `${backlog.requests} waiting${backlog.oldestSeconds === undefined ? "" : `, the oldest for ${backlog.oldestSeconds} s`}, counted ${relative(Date.parse(backlog.asOf ?? at), Date.parse(at))}`;
  const usd = (dollars: number | undefined) => `${(Math.round((dollars ?? 0) * 100) / 100).toFixed(2)} USD`;
  const costs =
    cost.perInstanceHour === undefined
      ? cost.source
      : `${usd(cost.hour)} an hour now, ${usd(cost.mostHour)} at ${max} (${cost.perInstanceHour} an instance: ${cost.source})`;
  const lines = facts(
    [
      ["state", paint(style, state)],
      ["failure", failureReason],
      ["instances", `${current} now, ${desired} wanted, ${min} to ${max} allowed`],
      ["type", instanceType],
      ["backlog", waiting],
      ["cost", costs],
    ],
    paint,
    columns,
  );
  return `${paint("bold", endpointName)}\n${lines}`;
}
