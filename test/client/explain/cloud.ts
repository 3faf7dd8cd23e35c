import * as applicationAutoScaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudWatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { RemovePermissionCommand } from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sagemaker from "@aws-sdk/client-sagemaker";
import * as sqs from "@aws-sdk/client-sqs";
import { explainJob, explainSources, type ExplainConnections } from "../../../client/explain";
import type { GivenLocations } from "../../../client/explain/gather";
import type { Explanation } from "../../../client/explain/types";
import { plainReads } from "../../../client/plainItems";
import type { JobRecord } from "../../../core/records/job";
import { VirtualClock } from "../../../local/clock";
import type { EmbeddedCloudOptions } from "../../../local/embeddedCloud";
import type { CloudEvent } from "../../../local/ports";
import { keepMade, type Made } from "../../support/made";
import { CloudUnderTest, ServiceUnderTest } from "../../support/service";
import { passTime } from "../../support/passTime";

/** When the clock of each of these clouds starts. */
const start = Date.UTC(2026, 0, 25, 12);

/** A deployed service on a clock that the test moves, and what explains its jobs. */
export class ExplainedCloud {
  private readonly times = new Map<CloudEvent, string>();
  readonly sagemaker: sagemaker.SageMakerClient;
  readonly autoscaling: applicationAutoScaling.ApplicationAutoScalingClient;
  readonly cloudWatch: cloudWatch.CloudWatchClient;
  readonly dynamodb: DynamoDBClient;
  readonly logs: logs.CloudWatchLogsClient;

  private constructor(
    readonly clock: VirtualClock,
    readonly cloud: CloudUnderTest,
    readonly service: ServiceUnderTest,
    private readonly made: readonly Made[],
  ) {
    this.sagemaker = new sagemaker.SageMakerClient({ ...cloud.settings, maxAttempts: 1 });
    this.autoscaling = new applicationAutoScaling.ApplicationAutoScalingClient(cloud.settings);
    this.cloudWatch = new cloudWatch.CloudWatchClient(cloud.settings);
    this.dynamodb = new DynamoDBClient(cloud.settings);
    this.logs = new logs.CloudWatchLogsClient(cloud.settings);
    cloud.cloud.events.on("event", (event) => this.times.set(event, this.now));
  }

  static async start(settings: Record<string, string> = {}, options: EmbeddedCloudOptions = {}): Promise<ExplainedCloud> {
    const clock = new VirtualClock(start);
    const cloud = await CloudUnderTest.start({ ...options, clock });
    const made: Made[] = [];
    keepMade(cloud, made);
    const outputs = await passTime(clock, cloud.deployOwn(settings), 1);
    return new ExplainedCloud(clock, cloud, await ServiceUnderTest.follow(cloud, outputs), made);
  }

  get now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  get outputs() {
    return this.service.outputs;
  }

  /** When an event happened, by the cloud's clock. */
  at(wanted: (event: CloudEvent) => boolean): string {
    const found = [...this.times].find(([event]) => wanted(event));
    if (found === undefined) throw new Error("no such event");
    return found[1];
  }

  /** Moves time on until the cloud tells of an event. */
  until(wanted: (event: CloudEvent) => boolean, stepSeconds = 1): Promise<CloudEvent> {
    return passTime(this.clock, this.cloud.event(wanted), stepSeconds);
  }

  /** Moves time on by so many seconds, a minute at a time, and lets functions and sockets keep up. */
  async pass(seconds: number, stepSeconds = 60): Promise<void> {
    for (let rest = seconds; rest > 0; rest -= stepSeconds) {
      await this.clock.advance(Math.min(rest, stepSeconds) * 1000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Takes from the schedule the permission to invoke its functions. */
  async endSchedule(): Promise<void> {
    for (const { registration, created } of this.made) {
      const { principal, function: FunctionName } = registration.inputs as { principal?: string; function?: string };
      if (principal !== "events.amazonaws.com") continue;
      await this.cloud.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: created.id }));
    }
  }

  /** Moves time on until a job has ended. */
  end(jobId: string): Promise<JobRecord> {
    return passTime(this.clock, this.service.end(jobId), 1);
  }

  /** What is said of a job now. */
  explain(jobId: string, connections: Partial<ExplainConnections> = {}, locations?: GivenLocations): Promise<Explanation> {
    const { cloud, outputs } = this;
    const all: ExplainConnections = {
      s3: { library: s3, client: cloud.s3 },
      dynamodb: { client: this.dynamodb, items: plainReads(this.dynamodb) },
      sagemaker: { library: sagemaker, client: this.sagemaker },
      autoscaling: { library: applicationAutoScaling, client: this.autoscaling },
      cloudWatch: { library: cloudWatch, client: this.cloudWatch },
      logs: { library: logs, client: this.logs },
      sqs: { library: sqs, client: cloud.sqs },
      ...connections,
    };
    const { jobTableName, ...withoutTable } = outputs;
    const known = locations === undefined ? { ...withoutTable, jobTableName } : withoutTable;
    return explainJob(
      explainSources(all, known, () => this.clock.now()),
      jobId,
      locations,
    );
  }

  /** The job's record, as explanations show it. */
  async recordFacts(jobId: string): Promise<Record<string, unknown>> {
    const record = await this.service.record(jobId);
    return Object.fromEntries(Object.entries(record ?? {}).filter(([name]) => shownInFacts.split(" ").includes(name)));
  }

  async close(): Promise<void> {
    for (const client of [this.sagemaker, this.autoscaling, this.cloudWatch, this.logs]) client.destroy();
    await this.cloud.close();
  }
}

/** What of a record an explanation shows: nothing of the caller's own words, nothing of the table's bookkeeping. */
const shownInFacts =
  "state attempt maxAttempts onDoubt inferenceId inputLocation inputInCall outputLocation failureLocation createdAt invokingAt submittedAt receivedAt " +
  "finishedAt endedAt dueAt requestTtlSeconds invocationTimeoutSeconds refusal error";
