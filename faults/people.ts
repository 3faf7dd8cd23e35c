import { dynamoDbHandler } from "../aws/dynamoDbHandler";
import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { snsEvents } from "../aws/snsEvents";
import { cancelJob } from "../core/lifecycle/cancel";
import { readDeadLetter, redrive, type DeadLetter } from "../core/handlers/deadLetter";
import type { JobState } from "../core/records/job";
import { AsyncInferenceError } from "../client/errors";
import { readInput } from "../client/input";
import { jobIdIn } from "../local/faults/jobOf";
import { clientOf } from "./application";
import { sdkFor, type Caller, type Input } from "./sdk";
import type { World } from "./world";

/** What somebody was told about a job, which then has to be so. */
export interface Told {
  jobId: string;
  /** Undefined: that there is none, since as many are open as may be. */
  state: JobState | undefined;
}

/** Days for which users' settings keep records. */
const retentionDays = 30;

/** How often somebody tries again whose command failed or was interrupted. */
const cancelTries = 3;
const redriveRounds = 12;

/** Those who use and run the service, over the client's and the command line's own code. */
export class People {
  readonly told: Told[] = [];
  /** Requests that were refused for maxOpenJobs. */
  refused = 0;
  /** Dead letters that were put back. */
  redriven = 0;
  private readonly requests = new Map<string, Input>();
  /** What somebody is at. */
  underWay = 0;

  /** By how much the clocks of machines with clients are off, in milliseconds. */
  clockSkew = 0;

  constructor(
    private readonly world: World,
    private readonly clientsFollow: boolean,
  ) {}

  /** How applications behave: most send a job again until it is taken, some give up, some send it twice. */
  send(jobId: string): void {
    const { scheduler, s3, deployment } = this.world;
    const { random } = scheduler;
    if (random.chance(0.15)) {
      s3.put(`s3://${deployment.bucket}/inbox/${jobId}.json`, Buffer.from(JSON.stringify({ page: jobId })), "application/json");
      return;
    }
    const isLong = random.chance(0.02);
    const request = {
      jobId,
      input: { page: jobId },
      onDoubt: random.chance(0.3) ? "wait" : "rerun",
      ...(isLong ? { invocationTimeoutSeconds: 3600 } : {}),
    };
    this.requests.set(jobId, request);
    const tries = random.chance(0.2) ? 1 : 6;
    const submit = random.chance(0.3) ? () => this.submitByClient(request, tries) : () => this.submit(request, tries);
    for (let copies = random.chance(0.1) ? 2 : 1; copies > 0; copies--) void this.busy(submit());
  }

  /** Asks for a job again, as who wants to know how it is, at the very moment at which somebody else is at it. */
  askAgain(jobId: string): void {
    const request = this.requests.get(jobId);
    const { scheduler } = this.world;
    if (request) scheduler.after(scheduler.random.integer(0, 60), () => void this.busy(this.submit(request, 1)));
  }

  /** Cancels a job, again when that is interrupted. */
  cancel(jobId: string): void {
    void this.busy(
      (async () => {
        for (let left = cancelTries; left > 0; left--) {
          const job = await this.cancelOnce(jobId);
          if (job) return void this.told.push({ jobId, state: job.state });
          await this.world.scheduler.sleep(this.world.scheduler.random.integer(500, 60_000));
        }
      })(),
    );
  }

  /** Puts all dead letters back, and says of effects in doubt whether they have happened. */
  redriveAll(): void {
    void this.busy(this.redriveOnce());
  }

  /** Puts dead letters back until none is left. */
  async redriveUntilNone(quiet: () => Promise<void>): Promise<void> {
    for (let left = redriveRounds; left > 0 && this.letters().length > 0; left--) {
      this.redriveAll();
      await quiet();
    }
  }

  /** Bodies of the dead letters that lie there. */
  letters(): string[] {
    return this.deadLetterQueues().flatMap(([, messages]) => messages.map(({ body }) => body));
  }

  private deadLetterQueues() {
    return [...this.world.messaging.queues].filter(([name]) => !name.includes("effects"));
  }

  private async busy(work: Promise<void>): Promise<void> {
    this.underWay += 1;
    await work;
    this.underWay -= 1;
  }

  private async submit(request: Input, tries: number): Promise<void> {
    const { scheduler, lambda } = this.world;
    const jobId = String(request["jobId"]);
    for (let left = tries; left > 0; left--) {
      const outcome = await lambda.invoke(this.world.function("submit"), request);
      const answer = outcome?.payload as
        | { statusCode?: number; state?: JobState; error?: { code?: string; retryable?: boolean } }
        | undefined;
      this.world.note(`client of ${jobId} hears ${JSON.stringify(answer ?? "throttled")}`);
      if (answer?.state !== undefined) this.told.push({ jobId, state: answer.state });
      if (answer?.error?.code === "LIMIT") {
        this.refused += 1;
        this.told.push({ jobId, state: undefined });
      }
      if (outcome && !outcome.failed && answer?.error?.retryable !== true) return;
      await scheduler.sleep(scheduler.random.integer(500, 8000));
    }
  }

  /** The same over the client, in processes that may be killed, each of which begins without knowing what time it is. */
  private async submitByClient({ input, ...request }: Input & { jobId: string }, tries: number): Promise<void> {
    const { scheduler, deployment } = this.world;
    const { jobId } = request;
    for (let left = tries; left > 0; left--) {
      const outcome = await this.as("client", jobId, async (load) => {
        const { clockSkew, clientsFollow: followsClock } = this;
        const client = clientOf({ load, scheduler, clockSkew, followsClock }, deployment.outputs);
        const submission = { jobId, named: true, request: { ...request, waiter: "application" }, maxAttempts: 1, signal: undefined };
        const given = { ...submission, input: () => readInput(input, {}), inTurn: <Result>(work: () => Promise<Result>) => work() };
        return client.submit(given).catch((error: unknown) => error as AsyncInferenceError);
      });
      const error = outcome instanceof AsyncInferenceError ? outcome : undefined;
      // A handle says that there is a job; how it is only when it has ended.
      if (outcome !== undefined && !(outcome instanceof AsyncInferenceError)) {
        this.told.push({ jobId, state: outcome.record?.state ?? "ACCEPTED" });
      }
      this.world.note(`client of ${jobId} hears ${error === undefined ? (outcome === undefined ? "nothing" : "taken") : String(error)}`);
      if (error?.code === "LIMIT") {
        this.refused += 1;
        this.told.push({ jobId, state: undefined });
      }
      if (outcome !== undefined && error?.retryable !== true) return;
      await scheduler.sleep(scheduler.random.integer(500, 8000));
    }
  }

  /** Undefined when it failed or was interrupted. */
  private cancelOnce(jobId: string) {
    return this.as("user", jobId, async (load) => {
      const { deployment, scheduler } = this.world;
      const dynamodb = load("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
      const documents = load("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
      const sns = load("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
      const ports = {
        jobs: dynamoDbJobs(documents, new dynamodb.DynamoDBClient({}), deployment.table.TableName),
        events: snsEvents(sns, new sns.SNSClient({}), deployment.jobsTopicArn),
        clock: { now: () => scheduler.now(), sleep: (milliseconds: number) => scheduler.sleep(milliseconds) },
        log: () => undefined,
      };
      return (await cancelJob(ports, { retentionDays }, jobId)).job;
    });
  }

  private async redriveOnce(): Promise<void> {
    for (const [name, messages] of this.deadLetterQueues()) {
      for (const { id, body } of [...messages]) {
        await this.as("operator", jobIdIn(body), (load) => this.putBack(load, name, id, readDeadLetter(body)));
      }
    }
  }

  /** As the command does: the letter goes once its event was handed over. */
  private async putBack(load: (name: string) => unknown, queue: string, id: string, letter: DeadLetter): Promise<void> {
    const { deployment, scheduler } = this.world;
    const lambda = load("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
    const sqs = load("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
    const dynamodb = load("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
    const documents = load("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
    const ports = {
      invoke: async (FunctionName: string, event: unknown) => {
        const Payload = JSON.stringify(event);
        await new lambda.LambdaClient({}).send(new lambda.InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
      },
      subscriber: async (arn: string) => deployment.subscriptions.find((one) => one.arn === arn)?.functionArn,
      // The program's topics lead to functions alone.
      followers: async () => [],
      send: async () => false,
      marks: dynamoDbHandler(documents, new dynamodb.DynamoDBClient({}), deployment.table.TableName).marks,
      clock: { now: () => scheduler.now(), sleep: (milliseconds: number) => scheduler.sleep(milliseconds) },
    };
    const { action, text } = await redrive(ports, letter, letter.kind === "inDoubt" ? { inDoubt: this.lookedUp(letter) } : {});
    this.world.note(`operator: ${text}`);
    if (action === "kept") return;
    this.redriven += 1;
    await new sqs.SQSClient({}).send(new sqs.DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: id }));
  }

  /** What somebody finds who looks whether an effect has happened. */
  private lookedUp({ functionArn, cargo }: Extract<DeadLetter, { kind: "inDoubt" }>): "done" | "again" {
    const { deployment } = this.world;
    const handler = deployment.functions.find(({ arn }) => arn === functionArn)?.name;
    const happened = this.world.effects().some((effect) => "jobId" in cargo && effect.jobId === cargo.jobId && effect.handler === handler);
    return happened ? "done" : "again";
  }

  /** Runs something as a process of somebody's, which may be killed; undefined when it was, or failed. */
  private as<Result>(
    functionName: string,
    jobId: string | undefined,
    work: (load: (name: string) => unknown) => Promise<Result>,
  ): Promise<Result | undefined> {
    return new Promise((resolve) => {
      const caller: Caller & { alive: boolean } = {
        functionName,
        jobId,
        alive: true,
        ...(functionName === "client" && { now: () => this.world.scheduler.now() + this.clockSkew }),
        kill: (reason) => {
          caller.alive = false;
          this.world.note(`${functionName} of ${jobId} is interrupted: ${reason}`);
          resolve(undefined);
        },
      };
      // A call that hangs is given up with the command.
      this.world.scheduler.after(60_000, () => caller.alive && caller.kill("it hangs"));
      work(sdkFor(caller, this.world.sdk)).then(
        (result) => resolve(result),
        (error: unknown) => {
          this.world.note(`${functionName} of ${jobId} hears ${String(error)}`);
          resolve(undefined);
        },
      );
    });
  }
}
