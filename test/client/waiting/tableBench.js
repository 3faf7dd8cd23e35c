import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as library from "@aws-sdk/lib-dynamodb";
import { createJobWaiter } from "../../../client/waiting/waiter";
import { createServiceClock } from "../../../core/serviceClock";
import { AwsProxy } from "../../../doubles/awsProxy";
import { startJobServices } from "../../../doubles/jobServices";
import { openJob } from "../../../doubles/jobs";
import { SteppedTime } from "../../support/steppedTime";
import { errorOf } from "../support";
export const tableArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs";
/** A real job table, and in each test a waiter of its own on a clock that the test moves. */
export class TableBench {
    services;
    proxy;
    time;
    client;
    waiter;
    /** The waiter's; no other test's jobs are its. */
    name = "";
    tests = 0;
    /** In a `describe`, of which it is the set-up. */
    /** What the test's waiters have logged. */
    logged = [];
    constructor() {
        before(async () => {
            this.services = await startJobServices();
            this.proxy = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_DYNAMODB"]);
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
    newWaiter(changes = {}) {
        return createJobWaiter({
            documents: library.DynamoDBDocumentClient.from(this.client),
            library,
            tableName: this.services.tableName,
            tableArn,
            waiter: this.name,
            pollIntervalSeconds: 1,
            clock: createServiceClock(this.time),
            log: (line) => void this.logged.push(line),
            ...changes,
        });
    }
    soon = (seconds = 1200) => ({ deadline: this.time.now() + seconds * 1000 });
    id = (job) => `${this.name}-${job}`;
    accept = async (job, changes = {}) => {
        const record = openJob({ jobId: this.id(job), waiter: this.name, ...changes });
        await this.services.putJob(record);
        return record;
    };
    /** Ends a job by a writer whose clock is off by so much. */
    end = async (job, skewSeconds = 0, changes = {}) => {
        const endedAt = new Date(this.time.now() + skewSeconds * 1000).toISOString();
        return this.accept(job, { state: "COMPLETED", outputLocation: `s3://service/${job}`, endedAt, ...changes });
    };
}
/** What a promise is rejected with, as users log it. */
export async function failed(promise) {
    return { ...(await errorOf(promise)).toJSON() };
}
