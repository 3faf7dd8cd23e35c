import type { JobRecord, JobState } from "../core/records/job";
import { Injector, type Injected } from "../local/faults/injector";
import { jobIdIn, jobIdOfItem, jobIdOfKey } from "../local/faults/jobOf";
import { isJobFault, type FaultPlan } from "../local/faults/plan";
import { BatchEngine } from "./batchEngine";
import type { Deployment } from "./deployment";
import { DynamoDbDouble, type Write } from "./dynamodb";
import { LambdaDouble, type FunctionDefinition } from "./lambda";
import { MessagingDouble } from "./messaging";
import { People } from "./people";
import { batchId, idleSeconds } from "./program";
import { S3Double, type StoredObject } from "./s3";
import { SageMakerDouble } from "./sagemaker";
import { ScalingDouble } from "./scaling";
import { Scheduler } from "./scheduler";
import type { Input, SdkPorts } from "./sdk";
import { Watch } from "./watch";

/** What is left out, to see that the check can fail. */
export const parts = ["sweeper", "conditional-writes", "floor", "service-time"] as const;

/** One of {@link parts}. */
export type Without = (typeof parts)[number];

/** Virtual time at which every run starts. */
const start = Date.parse("2026-01-25T22:46:00.000Z");

/** After how long a job that is still open is open for good: every attempt's deadline and Lambda's retries are over. */
const horizonMilliseconds = 8 * 3600_000;

/** Over how long most jobs come in; and the others, which meet a fleet that is made smaller. */
const arrivalMilliseconds = 120_000;
const lateShare = 0.25;
const lateMilliseconds = 1_500_000;

/** How often a caller asks for a job again while somebody reads or writes its record. */
const askedAgain = { bySweeper: 0.2, byOthers: 0.05 };

/** How many jobs a flood brings. */
const floodJobs = 60;

/** One cloud with the deployed program, and a plan of what happens to it. */
export class World {
  readonly scheduler: Scheduler;
  readonly injector: Injector;
  readonly table: DynamoDbDouble;
  readonly s3: S3Double;
  readonly messaging: MessagingDouble;
  readonly lambda: LambdaDouble;
  readonly sageMaker: SageMakerDouble;
  readonly scaling: ScalingDouble;
  readonly people: People;
  readonly batches: BatchEngine;
  readonly sdk: SdkPorts;
  readonly trace: string[] = [];
  /** Each fault that happened, and when. */
  readonly injections: (Injected & { at: number })[] = [];
  readonly watch: Watch;
  /** Dead letters that nobody had put back when all was quiet; they are, then. */
  deadLettersLeft: string[] = [];
  private readonly skews = new Map<string, number>();
  private uploadsUnderWay = 0;
  private sequencer = 0;

  constructor(
    readonly deployment: Deployment,
    readonly plan: FaultPlan,
    private readonly without: Without | undefined,
  ) {
    const scheduler = (this.scheduler = new Scheduler(plan.seed, start));
    const injector = (this.injector = new Injector(plan, (injected) => {
      const { kind, jobId } = injected;
      this.injections.push({ ...injected, at: scheduler.now() });
      this.note(`fault ${kind}${jobId === undefined ? "" : ` of ${jobId}`}`);
    }));
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
      mostInstances: deployment.scaling.maxCapacity,
      publish: (...message) => this.messaging.publish(...message),
      onCalled: (inferenceId) => this.watch.called(inferenceId),
    });
    this.scaling = new ScalingDouble(deployment.scaling, {
      scheduler,
      sageMaker: this.sageMaker,
      idleMinutes: idleSeconds / 60,
      onScaleIn: () => injector.happened({ kind: "scale-in" }),
    });
    const sdk: SdkPorts = (this.sdk = {
      scheduler,
      injector,
      services: {
        dynamodb: this.table.operations,
        s3: this.s3.operations,
        sns: this.messaging.sns,
        sqs: this.messaging.sqs,
        "sagemaker-runtime": this.sageMaker.runtime,
        sagemaker: this.sageMaker.control,
        "application-auto-scaling": this.scaling.autoScaling,
        cloudwatch: this.scaling.cloudWatch,
        lambda: {
          Invoke: (input, call) => (this.isLeftOut(String(input["FunctionName"])) ? {} : this.lambda.operations["Invoke"]?.(input, call)),
        },
      },
      jobIdOf,
    });
    this.lambda = new LambdaDouble(deployment.functions, {
      scheduler,
      injector,
      sdk,
      skewOf: (functionName) => this.skews.get(functionName) ?? 0,
      deadLetter: (arn, document) => this.messaging.send(arn, JSON.stringify(document)),
      log: (functionName, line) => {
        this.scaling.hear(line);
        this.note(`${functionName} logs ${line}`);
      },
    });
    this.people = new People(this, without !== "service-time");
    this.batches = new BatchEngine(this);
    this.watch = new Watch(this);
    this.table.onRead = (key, by) => this.asked(key, by);
    this.table.onWrite = (write) => this.written(write);
    this.messaging.onPublished = (topicArn, message) => this.watch.published(topicArn, message);
  }

  /** Lets the plan happen until every job has ended and nothing is under way, or the horizon is reached; then puts dead letters back. */
  async run(): Promise<void> {
    const { scheduler, plan, people } = this;
    for (const fault of plan.faults) if (!isJobFault(fault)) this.planServiceFault(fault);
    this.startSchedules();
    this.scaling.start();
    for (let index = 1; index <= plan.jobs; index++) {
      const isLate = scheduler.random.chance(lateShare);
      const within = isLate ? lateMilliseconds : arrivalMilliseconds;
      scheduler.after(scheduler.random.integer(0, within), () => people.send(`job-${index}`));
    }
    await this.untilQuiet();
    this.deadLettersLeft = people.letters();
    await people.redriveUntilNone(() => this.untilQuiet());
  }

  private untilQuiet(): Promise<void> {
    const { scheduler } = this;
    const arrived = start + lateMilliseconds;
    const until = Math.max(start, scheduler.now()) + horizonMilliseconds;
    return scheduler.run(() => scheduler.now() > until || (scheduler.now() > arrived && this.isQuiet()));
  }

  /** Every record of a job. */
  jobs(): JobRecord[] {
    return this.table.keys().flatMap((key) => (key.startsWith("#") ? [] : [this.table.item(key) as unknown as JobRecord]));
  }

  note(text: string): void {
    this.trace.push(`${new Date(this.scheduler.now()).toISOString().slice(11, 23)} ${text}`);
  }

  private isQuiet(): boolean {
    if (
      this.people.underWay > 0 ||
      this.batches.underWay > 0 ||
      this.uploadsUnderWay > 0 ||
      this.lambda.underWay > 0 ||
      this.messaging.underWay > 0
    )
      return false;
    return this.jobs().every((job) => job.announcedAt !== undefined);
  }

  /** What handlers did. */
  effects(): { jobId: string; handler: string; state: JobState }[] {
    const queue = [...this.messaging.queues].find(([name]) => name.includes("effects"))?.[1] ?? [];
    return queue.map(({ body }) => JSON.parse(body) as { jobId: string; handler: string; state: JobState });
  }

  /** While somebody is at a job, a caller may ask for it again. */
  private asked(key: string, by: string): void {
    if (!key.startsWith("#") && this.scheduler.random.chance(by === "sweep" ? askedAgain.bySweeper : askedAgain.byOthers)) {
      this.people.askAgain(key);
    }
  }

  private written(write: Write): void {
    const { key, before, by } = write;
    this.watch.written(write);
    this.asked(key, by);
    const accepted = before === undefined && !key.startsWith("#") ? this.injector.next("accepted", key) : undefined;
    if (accepted) this.scheduler.after(accepted.delaySeconds * 1000 + this.scheduler.random.integer(0, 300), () => this.people.cancel(key));
  }

  function(name: string): FunctionDefinition {
    const found = this.deployment.functions.find((definition) => definition.name === name);
    if (!found) throw new Error(`the program has no function ${name}`);
    return found;
  }

  private uploaded(bucket: string, key: string, object: StoredObject): void {
    this.watch.placed(key);
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

  private isLeftOut(functionName: string): boolean {
    return (this.without === "sweeper" && /-sweep\b/.test(functionName)) || (this.without === "floor" && /-floor\b/.test(functionName));
  }

  private startSchedules(): void {
    const { scheduler } = this;
    for (const { functionArn, everySeconds, input } of this.deployment.schedules) {
      if (this.isLeftOut(functionArn)) continue;
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
        case "client-clock":
          injector.happened({ kind: fault.kind });
          this.people.clockSkew = fault.minutes * 60_000;
          return;
        case "two-sweepers":
          for (const { functionArn } of deployment.schedules) {
            if (this.isLeftOut(functionArn)) continue;
            injector.happened({ kind: fault.kind });
            this.lambda.accept(functionArn, {});
            this.lambda.accept(functionArn, {});
          }
          return;
        case "endpoint-updating":
          injector.happened({ kind: fault.kind });
          return this.sageMaker.update(fault.durationSeconds);
        case "scale-in-sigterm":
          if (this.sageMaker.replaceInstances(1) > 0) injector.happened({ kind: fault.kind });
          return;
        case "scale-in":
          return this.scaling.tryScaleIn();
        case "flood":
          injector.happened({ kind: fault.kind });
          for (let index = 1; index <= floodJobs; index++) {
            scheduler.after(scheduler.random.integer(0, 90_000), () => this.people.send(`flood-${index}`));
          }
          return;
        case "batch":
          injector.happened({ kind: fault.kind });
          return this.batches.start(batchId);
        case "redrive":
          if (this.people.letters().length > 0) injector.happened({ kind: fault.kind });
          return this.people.redriveAll();
        case "deployment":
          injector.happened({ kind: fault.kind });
          this.lambda.replaceAll();
          this.sageMaker.update(5);
          return void this.sageMaker.replaceInstances(Infinity);
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
