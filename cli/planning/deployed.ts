import type { JobStatus } from "../../client";
import { asyncInferenceError } from "../../client/errors";
import type { AsyncInferenceOutputs } from "../../outputs";
import { runSeconds, type EndedJob, type RanOn } from "../../planner/cost/runs";
import { JobCollector } from "../../planner/loads/collect";
import { LoadProblem } from "../../planner/loads/problem";
import type { ReadLoad } from "../../planner/loads/trace";
import { LiveLine } from "../liveLine";
import type { Since } from "../options";
import type { Service, Session } from "../session";
import { readHistory } from "./history";
import { plannedOf } from "./settings";

/** A job that ended with known times, and what its record says besides. */
export interface RanJob extends EndedJob {
  status: JobStatus;
  acceptedAt: number;
}

/** A deployed service's jobs of a time. */
export interface JobsOf {
  ran: RanJob[];
  /** Jobs that no instance is known to have worked on: still open, cancelled, expired, or without the service's times. */
  without: JobStatus[];
  from: Date;
  now: number;
}

/** What the jobs of a deployed service ran on. */
export function ranOn({ maxConcurrentInvocationsPerInstance: concurrency, maxCapacity: maxInstances }: AsyncInferenceOutputs): RanOn {
  return { concurrency, maxInstances };
}

/** Reads the jobs of a deployed service, with the times that their records know. */
export async function readJobs({ output, signal }: Session, { client }: Service, since: Since): Promise<JobsOf> {
  const service = await client();
  const from = await since(() => service.serviceTime());
  const found: JobsOf = { ran: [], without: [], from, now: 0 };
  const line = new LiveLine(output.live);
  try {
    for await (const status of service.statuses({ since: from, signal })) {
      const { acceptedAt = "", receivedAt, finishedAt } = status.timings;
      if (!status.ended || receivedAt === undefined || finishedAt === undefined) found.without.push(status);
      else {
        const times = { acceptedAt: Date.parse(acceptedAt), receivedAt: Date.parse(receivedAt), finishedAt: Date.parse(finishedAt) };
        found.ran.push({ jobId: status.jobId, status, ...times });
      }
      line.show(`${found.ran.length + found.without.length} jobs read`);
    }
  } finally {
    line.clear();
  }
  found.now = (await service.serviceTime()).getTime();
  return found;
}

/** The jobs of a deployed service as a load. @throws LoadProblem when there are none */
export async function deployedLoad(session: Session, service: Service, since: Since): Promise<ReadLoad> {
  const { outputs } = service.target;
  const { ran, without, from, now } = await readJobs(session, service, since);
  const time = `since ${from.toISOString().slice(0, 16)}Z`;
  if (ran.length === 0) {
    const others = without.length === 0 ? "no jobs" : `no job that ended with the service's times (${without.length} others)`;
    throw new LoadProblem(
      `${outputs.endpointName} has ${others} ${time}.`,
      'Give a longer time with --since, a trace with --trace FILE, or a load in words with --rate "peak 0.05/s, day curve, 20-120 s".',
    );
  }
  const answer = await readHistory(outputs, service.aws, from.getTime(), now, session.signal);
  const runs = runSeconds(ran, ranOn(outputs), answer.history);
  const jobs = new JobCollector(outputs.endpointName);
  // A run that fell within one tick of a clock took some time all the same.
  for (const [index, { acceptedAt }] of ran.entries()) jobs.add(acceptedAt / 1000, Math.max(0.001, runs[index] as number));
  const left = without.length === 0 ? "" : `; ${without.length} without the service's times are left out`;
  const how =
    answer.history === undefined
      ? `durations are at most, since CloudWatch could not be asked (${answer.reason})`
      : "durations are found from its order of work and CloudWatch's processing times";
  return {
    load: jobs.load(true, { from: from.getTime() / 1000, to: now / 1000 }),
    told: `${outputs.endpointName}: ${ran.length.toLocaleString("en-US")} jobs ${time}; ${how}${left}`,
  };
}

/** The settings of a deployed service, as far as its outputs and its endpoint's configuration tell them. */
export async function deployedSettings({ target: { outputs }, aws }: Service): Promise<{ texts: Record<string, string>; from: string }> {
  const texts = plannedOf(outputs);
  const instanceType = await deployedType(outputs.endpointConfigName, aws);
  const known = instanceType === undefined ? texts : { ...texts, instanceType };
  return { texts: known, from: `what ${outputs.endpointName} has deployed (others: the defaults; correct them with --set)` };
}

/** The instance type of a deployed endpoint; undefined where it can't be read. */
export async function deployedType(EndpointConfigName: string, aws: Service["aws"]): Promise<string | undefined> {
  const { SageMakerClient, DescribeEndpointConfigCommand } = await import("@aws-sdk/client-sagemaker");
  const client = new SageMakerClient(aws);
  try {
    const { ProductionVariants } = await client.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
    return ProductionVariants?.[0]?.InstanceType;
  } catch (error) {
    if (asyncInferenceError(error).code === "ACCESS_DENIED") return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
