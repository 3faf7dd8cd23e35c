import type { JobRecord } from "../functions/core/job";
import { Injector } from "../local/faults/injector";
import { jobIdIn, jobIdOfItem, jobIdOfKey } from "../local/faults/jobOf";
import { isJobFault, type FaultPlan } from "../local/faults/plan";
import type { Deployment } from "./deployment";
import { DynamoDbDouble } from "./dynamodb";
import { LambdaDouble, type FunctionDefinition } from "./lambda";
import { MessagingDouble } from "./messaging";
import { S3Double, type StoredObject } from "./s3";
import { SageMakerDouble } from "./sagemaker";
import { Scheduler } from "./scheduler";
import type { Input, SdkPorts } from "./sdk";

/** What is left out, to see that the check can fail. */
export type Without = "sweeper" | "conditional-writes";

/** Virtual time at which every run starts. */
const start = Date.parse("2026-01-25T22:46:00.000Z");

/** After how long a job that is still open is open for good: every attempt's deadline and Lambda's retries are over. */
const horizonMilliseconds = 3 * 3600_000;

/** Over how long the jobs come in. */
const arrivalMilliseconds = 120_000;

/** One job as the one who sent it knows it. */
export interface Sent {
  jobId: string;
  onDoubt: "rerun" | "wait";
}

/** One cloud with the deployed program, and a plan of what happens to it. */
export class World {
  readonly scheduler: Scheduler;
  readonly injector: Injector;
  readonly table: DynamoDbDouble;
  readonly s3: S3Double;
  readonly messaging: MessagingDouble;
  readonly lambda: LambdaDouble;
  readonly sageMaker: SageMakerDouble;
  readonly trace: string[] = [];
  private readonly skews = new Map<string, number>();
  private clients = 0;
  private uploadsUnderWay = 0;
  private sequencer = 0;

  constructor(
    readonly deployment: Deployment,
    readonly plan: FaultPlan,
    private readonly without: Without | undefined,
  ) {
    const scheduler = (this.scheduler = new Scheduler(plan.seed, start));
    const injector = (this.injector = new Injector(plan, ({ kind, jobId }) =>
      this.note(`fault ${kind}${jobId === undefined ? "" : ` of ${jobId}`}`),
    ));
    this.table = new DynamoDbDouble(
      deployment.table,
      () => scheduler.now(),
      without !== "conditional-writes",
      (run) => void scheduler.after(scheduler.random.integer(1, 2000), run),
    );
    this.s3 = new S3Double(
      () => scheduler.now(),
      (bucket, key, object) => this.uploaded(bucket, key, object),
    );
    this.messaging = new MessagingDouble({
      scheduler,
      injector,
      subscriptions: deployment.subscriptions,
      siteOf: (topicArn) => (topicArn === deployment.jobsTopicArn ? "event" : "notification"),
      deliver: (functionArn, event) => this.lambda.accept(functionArn, event),
    });
    for (const name of deployment.queues) this.messaging.queues.set(name, []);
    const { endpoint } = deployment;
    this.sageMaker = new SageMakerDouble(endpoint, {
      scheduler,
      injector,
      s3: this.s3,
      publish: (...message) => this.messaging.publish(...message),
    });
    const sdk: SdkPorts = {
      scheduler,
      injector,
      services: {
        dynamodb: this.table.operations,
        s3: this.s3.operations,
        sns: this.messaging.sns,
        sqs: this.messaging.sqs,
        "sagemaker-runtime": this.sageMaker.runtime,
        sagemaker: this.sageMaker.control,
        "application-auto-scaling": { RegisterScalableTarget: () => ({}) },
      },
      jobIdOf,
    };
    this.lambda = new LambdaDouble(deployment.functions, {
      scheduler,
      injector,
      sdk,
      skewOf: (functionName) => this.skews.get(functionName) ?? 0,
      deadLetter: (arn, document) => this.messaging.send(arn, JSON.stringify(document)),
      log: (functionName, line) => this.note(`${functionName} logs ${line}`),
    });
  }

  /** Lets the plan happen until every job has ended and nothing is under way, or the horizon is reached. */
  async run(): Promise<void> {
    const { scheduler, plan } = this;
    for (const fault of plan.faults) if (!isJobFault(fault)) this.planServiceFault(fault);
    if (this.without !== "sweeper") this.startSchedules();
    for (let index = 1; index <= plan.jobs; index++) {
      scheduler.after(scheduler.random.integer(0, arrivalMilliseconds), () => this.send(`job-${index}`));
    }
    const arrived = start + arrivalMilliseconds;
    await scheduler.run(() => scheduler.now() > start + horizonMilliseconds || (scheduler.now() > arrived && this.isQuiet()));
  }

  /** Every record of a job. */
  jobs(): JobRecord[] {
    return this.table.keys().flatMap((key) => (key.startsWith("#") ? [] : [this.table.item(key) as unknown as JobRecord]));
  }

  note(text: string): void {
    this.trace.push(`${new Date(this.scheduler.now()).toISOString().slice(11, 23)} ${text}`);
  }

  private isQuiet(): boolean {
    if (this.clients > 0 || this.uploadsUnderWay > 0 || this.lambda.underWay > 0 || this.messaging.underWay > 0) return false;
    return this.jobs().every((job) => job.announcedAt !== undefined);
  }

  /** How applications behave: most send a job again until it is taken, some give up, some send it twice. */
  private send(jobId: string): void {
    const { scheduler } = this;
    const { random } = scheduler;
    if (random.chance(0.15)) {
      this.s3.put(`s3://${this.deployment.bucket}/inbox/${jobId}.json`, Buffer.from(JSON.stringify({ page: jobId })), "application/json");
      return;
    }
    const request = { jobId, input: { page: jobId }, onDoubt: random.chance(0.3) ? "wait" : "rerun" };
    const tries = random.chance(0.2) ? 1 : 6;
    for (let copies = random.chance(0.1) ? 2 : 1; copies > 0; copies--) void this.submit(request, tries);
  }

  private async submit(request: Input, tries: number): Promise<void> {
    const { scheduler, lambda } = this;
    this.clients += 1;
    for (let left = tries; left > 0; left--) {
      const outcome = await lambda.invoke(this.function("submit"), request);
      const answer = outcome?.payload as { statusCode?: number; error?: { retryable?: boolean } } | undefined;
      this.note(`client of ${String(request["jobId"])} hears ${JSON.stringify(answer ?? "throttled")}`);
      if (outcome && !outcome.failed && answer?.error?.retryable !== true) break;
      await scheduler.sleep(scheduler.random.integer(500, 8000));
    }
    this.clients -= 1;
  }

  private function(name: string): FunctionDefinition {
    const found = this.deployment.functions.find((definition) => definition.name === name);
    if (!found) throw new Error(`the program has no function ${name}`);
    return found;
  }

  private uploaded(bucket: string, key: string, object: StoredObject): void {
    const hears = this.deployment.uploads.find(({ prefix }) => key.startsWith(prefix));
    if (!hears || bucket !== this.deployment.bucket) return;
    const sequencer = String(++this.sequencer).padStart(16, "0");
    const record = { s3: { bucket: { name: bucket }, object: { key, eTag: object.eTag.replaceAll('"', ""), sequencer } } };
    this.uploadsUnderWay += 1;
    this.scheduler.after(this.scheduler.random.integer(50, 2000), () => {
      this.uploadsUnderWay -= 1;
      this.lambda.accept(hears.functionArn, { Records: [record] });
    });
  }

  private startSchedules(): void {
    const { scheduler } = this;
    for (const { functionArn, everySeconds, input } of this.deployment.schedules) {
      const tick = () => {
        this.lambda.accept(functionArn, input === undefined ? {} : JSON.parse(input));
        scheduler.after(everySeconds * 1000, tick);
      };
      scheduler.after(scheduler.random.integer(0, everySeconds * 1000), tick);
    }
  }

  private planServiceFault(fault: Exclude<FaultPlan["faults"][number], { job: number }>): void {
    const { scheduler, injector, deployment } = this;
    scheduler.after(fault.atSeconds * 1000, () => {
      switch (fault.kind) {
        case "clock-skew":
          for (const { name } of deployment.functions.filter((one) => fault.function === undefined || one.name.endsWith(fault.function))) {
            this.skews.set(name, fault.minutes * 60_000);
            injector.happened({ kind: fault.kind });
          }
          // A clock that is off is that of a machine: new environments start on it.
          return this.lambda.replaceAll();
        case "two-sweepers":
          for (const { functionArn } of deployment.schedules) {
            injector.happened({ kind: fault.kind });
            this.lambda.accept(functionArn, {});
            this.lambda.accept(functionArn, {});
          }
          return;
        case "endpoint-updating":
          injector.happened({ kind: fault.kind });
          return this.sageMaker.update(fault.durationSeconds);
        case "scale-in-sigterm":
          injector.happened({ kind: fault.kind });
          return void this.sageMaker.stopInstances(1);
        case "deployment":
          injector.happened({ kind: fault.kind });
          this.lambda.replaceAll();
          this.sageMaker.update(5);
          return void this.sageMaker.stopInstances(2);
      }
    });
  }
}

/** The job that a call is about. */
function jobIdOf(service: string, input: Input): string | undefined {
  switch (service) {
    case "dynamodb": {
      const key = ((input["Key"] ?? input["Item"]) as Input | undefined)?.["jobId"];
      return typeof key === "string" ? jobIdOfItem(key) : undefined;
    }
    case "s3":
      return jobIdOfKey(String(input["Key"]));
    case "sagemaker-runtime":
      return jobIdIn(JSON.stringify({ inferenceId: input["InferenceId"] }));
    default:
      return jobIdIn(((input["Message"] ?? input["MessageBody"]) as string | undefined) ?? "");
  }
}
