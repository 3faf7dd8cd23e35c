import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { plainReads } from "../../../client/plainItems";
import { createJobWaiter, type JobWaiter, type JobWaiterDependencies } from "../../../client/waiting/waiter";
import type { JobRecord } from "../../../core/records/job";
import { createServiceClock } from "../../../core/serviceClock";
import { AwsProxy } from "../../../doubles/awsProxy";
import { startJobServices, type JobServices } from "../../../doubles/jobServices";
import { openJob } from "../../../doubles/jobs";
import { SteppedTime } from "../../support/steppedTime";
import { errorOf } from "../support";

export const tableArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs";

/** A real job table, and in each test a waiter of its own on a clock that the test moves. */
export class TableBench {
  services!: JobServices;
  proxy!: AwsProxy;
  time!: SteppedTime;
  client!: DynamoDBClient;
  waiter!: JobWaiter;
  /** The waiter's; no other test's jobs are its. */
  name = "";
  private tests = 0;

  /** In a `describe`, of which it is the set-up. */
  /** What the test's waiters have logged. */
  logged: Record<string, unknown>[] = [];

  constructor() {
    before(async () => {
      this.services = await startJobServices();
      this.proxy = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_DYNAMODB"] as string);
    });
    after(async () => {
      await this.proxy.close();
      await this.services.close();
    });
    beforeEach(() => {
      this.time = new SteppedTime(Date.parse("2026-01-25T22:46:00.000Z"));
      this.name = `client-${++this.tests}`;
      this.client = this.time.watch(new DynamoDBClient({ endpoint: this.proxy.url, maxAttempts: 1 }));
      this.waiter = this.newWaiter();
      this.logged = [];
      this.proxy.counted();
      this.proxy.faults.splice(0);
    });
    afterEach(() => {
      this.waiter.close();
      this.client.destroy();
    });
  }

  newWaiter(changes: Partial<JobWaiterDependencies> = {}): JobWaiter {
    return createJobWaiter({
      items: plainReads(this.client),
      tableName: this.services.tableName,
      tableArn,
      waiter: this.name,
      pollIntervalSeconds: 1,
      clock: createServiceClock(this.time),
      log: (line) => void this.logged.push(line),
      ...changes,
    });
  }

  readonly soon = (seconds = 1200) => ({ deadline: this.time.now() + seconds * 1000 });
  readonly id = (job: string) => `${this.name}-${job}`;

  readonly accept = async (job: string, changes: Partial<JobRecord> = {}): Promise<JobRecord> => {
    const record = openJob({ jobId: this.id(job), waiter: this.name, ...changes });
    await this.services.putJob(record);
    return record;
  };

  /** Ends a job by a writer whose clock is off by so much. */
  readonly end = async (job: string, skewSeconds = 0, changes: Partial<JobRecord> = {}): Promise<JobRecord> => {
    const endedAt = new Date(this.time.now() + skewSeconds * 1000).toISOString();
    return this.accept(job, { state: "COMPLETED", outputLocation: `s3://service/${job}`, endedAt, ...changes });
  };
}

/** What a promise is rejected with, as users log it. */
export async function failed(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return { ...(await errorOf(promise)).toJSON() };
}
