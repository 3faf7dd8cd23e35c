import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as sqsLibrary from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { AsyncInferenceError } from "../../../client/errors";
import { plainReads } from "../../../client/plainItems";
import { createJobWaiter, type JobWaiter } from "../../../client/waiting/waiter";
import type { JobRecord } from "../../../core/records/job";
import { createServiceClock } from "../../../core/serviceClock";
import { AwsProxy, jsonFault } from "../../../doubles/awsProxy";
import { startJobServices, type JobServices } from "../../../doubles/jobServices";
import { openJob } from "../../../doubles/jobs";
import { outcomeOf, SteppedTime } from "../../support/steppedTime";

describe("waiting with a consumer queue", () => {
  let services: JobServices;
  let tableProxy: AwsProxy;
  let queueProxy: AwsProxy;
  /** To the queue itself, past the proxy. */
  let sqs: sqsLibrary.SQSClient;
  let directUrl: string;

  before(async () => {
    services = await startJobServices();
    tableProxy = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_DYNAMODB"] as string);
    queueProxy = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_SQS"] as string);
    directUrl = process.env["AWS_ENDPOINT_URL_SQS"] as string;
    sqs = new sqsLibrary.SQSClient({});
  });
  after(async () => {
    sqs.destroy();
    await queueProxy.close();
    await tableProxy.close();
    await services.close();
  });

  let time: SteppedTime;
  let dynamodb: DynamoDBClient;
  let queues: sqsLibrary.SQSClient;
  let name: string;
  let logged: Record<string, unknown>[];
  let waiters: JobWaiter[];
  let tests = 0;

  beforeEach(async () => {
    time = new SteppedTime(Date.parse("2026-01-25T22:46:00.000Z"));
    name = `queue-${++tests}`;
    logged = [];
    waiters = [];
    dynamodb = time.watch(new DynamoDBClient({ endpoint: tableProxy.url, maxAttempts: 1 }));
    queues = new sqsLibrary.SQSClient({ endpoint: queueProxy.url, maxAttempts: 1 });
    tableProxy.counted();
    queueProxy.counted();
    queueProxy.faults.splice(0);
    await create(name, 5);
  });
  afterEach(async () => {
    waiters.forEach((waiter) => waiter.close());
    dynamodb.destroy();
    queues.destroy();
  });

  async function create(queueName: string, maxReceiveCount: number): Promise<void> {
    await sqs.send(new sqsLibrary.CreateQueueCommand({ QueueName: `${queueName}-dead` }));
    const deadLetterTargetArn = `arn:aws:sqs:eu-west-1:000000000000:${queueName}-dead`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    await sqs.send(new sqsLibrary.CreateQueueCommand({ QueueName: queueName, Attributes: { RedrivePolicy, VisibilityTimeout: "60" } }));
  }

  function client(waiter = name, endpointName = "ocr"): JobWaiter {
    const created = createJobWaiter({
      items: plainReads(dynamodb),
      tableName: services.tableName,
      tableArn: "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs",
      waiter,
      pollIntervalSeconds: 1,
      queue: { sqs: queues, library: sqsLibrary, queueUrl: `${queueProxy.url}/000000000000/${name}`, endpointName },
      clock: createServiceClock(time),
      log: (line) => void logged.push(line),
    });
    waiters.push(created);
    return created;
  }

  const patience = () => ({ deadline: time.now() + 1_200_000 });
  const endOf = (job: string, changes: Partial<JobRecord> = {}) =>
    openJob({
      jobId: `${name}-${job}`,
      waiter: name,
      state: "COMPLETED",
      outputLocation: `s3://service/${job}`,
      endedAt: new Date(time.now()).toISOString(),
      ...changes,
    });
  const queueUrl = (queueName = name) => `${directUrl}/000000000000/${queueName}`;

  async function announce(job: JobRecord, body: (event: string) => string = (event) => event): Promise<void> {
    const MessageBody = body(JSON.stringify({ schemaVersion: 1, job }));
    await sqs.send(new sqsLibrary.SendMessageCommand({ QueueUrl: queueUrl(), MessageBody }));
  }

  /** Messages that wait in a queue, and those that were received and are hidden. */
  async function held(queueName = name): Promise<[number, number]> {
    const AttributeNames: sqsLibrary.QueueAttributeName[] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    const { Attributes } = await sqs.send(new sqsLibrary.GetQueueAttributesCommand({ QueueUrl: queueUrl(queueName), AttributeNames }));
    return [Number(Attributes?.["ApproximateNumberOfMessages"]), Number(Attributes?.["ApproximateNumberOfMessagesNotVisible"])];
  }

  /** Resolves when the clients have made an operation's call, and it was answered. */
  function called(operation: string, times = 1): Promise<void> {
    return new Promise((resolve) => {
      queues.middlewareStack.add(
        (next, context) => async (args) => {
          try {
            return await next(args);
          } finally {
            if (context["commandName"] === `${operation}Command` && --times === 0) setImmediate(resolve);
          }
        },
        { step: "initialize" },
      );
    });
  }

  async function codeOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown as AsyncInferenceError,
    );
    return { code: error?.code, advice: error?.advice };
  }

  it("tells of an end as soon as its event arrives, while the clock stands still, and takes the event from the queue", async () => {
    const job = endOf("pushed");
    await services.putJob(openJob({ jobId: job.jobId, waiter: name }));
    const deleted = called("DeleteMessageBatch");
    const ended = client().wait(job.jobId, { own: true, ...patience() });
    await time.advance(0);
    await announce(job);

    expect(await ended).to.deep.equal(job);
    await deleted;
    expect(await held()).to.deep.equal([0, 0]);
  });

  it("understands events of a subscription without raw delivery, and of handles from elsewhere", async () => {
    const job = endOf("wrapped", { waiter: "somebody-else" });
    await services.putJob(openJob({ jobId: job.jobId }));
    const ended = client().wait(job.jobId, { own: false, ...patience() });
    await time.advance(0);
    await announce(job, (Message) => JSON.stringify({ Type: "Notification", MessageId: "1", Message }));

    expect(await ended).to.deep.equal(job);
  });

  it("polls behind a queue that delivers at a fifth of the pace, and finds what the queue never got", async () => {
    const job = endOf("lost");
    await services.putJob(openJob({ jobId: job.jobId, waiter: name }));
    const received = called("ReceiveMessage");
    const outcome = outcomeOf(client().wait(job.jobId, { own: true, ...patience() }));
    await time.advance(0);
    await announce(endOf("other", { waiter: undefined }));
    await received;
    await time.pass(5.5);
    tableProxy.counted();
    // No longer than a poll may take: the queue's time is the wall's.
    await time.pass(20);
    expect(tableProxy.counted()).to.deep.equal({ Query: 4 });

    await services.putJob(job);
    await time.pass(5);
    expect(outcome).to.deep.equal({ value: job });
  });

  it("hands the event of another process's job on to it, when both share the queue", async () => {
    const job = endOf("theirs", { waiter: `${name}-them` });
    await services.putJob(openJob({ jobId: job.jobId }));
    await services.putJob(openJob({ jobId: `${name}-ours` }));
    const returned = called("ChangeMessageVisibilityBatch");
    void client()
      .wait(`${name}-ours`, { own: true, ...patience() })
      .catch(() => undefined);
    await time.advance(0);
    await announce(job);
    await returned;
    // Not before, so that the event certainly reached the wrong one.
    const ended = client(`${name}-them`).wait(job.jobId, { own: true, ...patience() });
    await time.advance(0);

    expect(await ended).to.deep.equal(job);
  });

  for (const [maxReceiveCount, receives] of [
    [5, 3],
    [1, 1],
  ] as const) {
    it(`drops an event that nobody takes, and never makes it a dead letter after ${maxReceiveCount} receives`, async () => {
      await services.putJob(openJob({ jobId: `${name}-open` }));
      name = `${name}-${maxReceiveCount}`;
      await create(name, maxReceiveCount);
      await services.putJob(openJob({ jobId: `${name}-open` }));
      const deleted = called("DeleteMessageBatch");
      void client()
        .wait(`${name}-open`, { own: true, ...patience() })
        .catch(() => undefined);
      await time.advance(0);
      await announce(endOf("nobody", { waiter: "client-that-is-gone" }));
      await deleted;

      expect(queueProxy.counted()["ChangeMessageVisibilityBatch"] ?? 0).to.equal(receives - 1);
      expect([await held(), await held(`${name}-dead`)]).to.deep.equal([
        [0, 0],
        [0, 0],
      ]);
    });
  }

  it("drops at once what no client submitted, and takes no other endpoint's job for its own", async () => {
    await services.putJob(openJob({ jobId: `${name}-same` }));
    const deleted = called("DeleteMessageBatch");
    const outcome = outcomeOf(client().wait(`${name}-same`, { own: true, ...patience() }));
    await time.advance(0);
    await announce(endOf("same", { endpointName: "another", waiter: undefined }));
    await deleted;

    expect(outcome).to.deep.equal({});
    expect(queueProxy.counted()["ChangeMessageVisibilityBatch"]).to.equal(undefined);
  });

  it("leaves what it can't read for the dead-letter queue, and says so", async () => {
    await services.putJob(openJob({ jobId: `${name}-open` }));
    const received = called("ReceiveMessage");
    void client()
      .wait(`${name}-open`, { own: true, ...patience() })
      .catch(() => undefined);
    await time.advance(0);
    await announce(endOf("odd"), () => "not an event");
    await received;

    expect(await held()).to.deep.equal([0, 1]);
    expect(logged.map(({ message }) => message)).to.deep.equal(["a message of the consumer queue is no job event: not JSON"]);
  });

  it("polls at its usual pace, with one warning, when the queue is gone", async () => {
    await services.putJob(openJob({ jobId: `${name}-open`, waiter: name }));
    await sqs.send(new sqsLibrary.DeleteQueueCommand({ QueueUrl: queueUrl() }));
    const asked = called("GetQueueAttributes");
    const waiter = client();
    const outcome = outcomeOf(waiter.wait(`${name}-open`, { own: true, ...patience() }));
    await time.advance(0);
    await asked;
    await time.pass(1);
    tableProxy.counted();
    await time.pass(10);
    void waiter.wait(`${name}-open`, { own: true, ...patience() }).catch(() => undefined);
    await time.pass(10);

    expect(tableProxy.counted()).to.deep.equal({ Query: 20 });
    expect(queueProxy.counted()).to.deep.equal({ GetQueueAttributes: 1 });
    expect(outcome).to.deep.equal({});
    expect(logged).to.deep.equal([
      {
        level: "warn",
        message: "the consumer queue does not exist: ends of jobs are polled for",
        queueUrl: `${queueProxy.url}/000000000000/${name}`,
      },
    ]);
  });

  for (const operation of ["GetQueueAttributes", "ReceiveMessage"]) {
    it(`names the statement to add, at once, when ${operation} is refused`, async () => {
      await services.putJob(openJob({ jobId: `${name}-open` }));
      queueProxy.fail(operation, jsonFault(403, "AccessDenied", "no"));
      const refused = codeOf(client().wait(`${name}-open`, { own: true, ...patience() }));
      await time.advance(0);

      expect(await refused).to.deep.equal({
        code: "ACCESS_DENIED",
        advice: `Add to the caller's role: {"Effect":"Allow","Action":"sqs:${operation}","Resource":"arn:aws:sqs:eu-west-1:000000000000:${name}"}`,
      });
    });
  }

  it("comes back to the queue after a burst of errors, and polls at its usual pace meanwhile", async () => {
    const job = endOf("after");
    await services.putJob(openJob({ jobId: job.jobId, waiter: name }));
    queueProxy.fail("ReceiveMessage", jsonFault(503, "ServiceUnavailable"), 1);
    queueProxy.fail("ReceiveMessage", "reset", 1);
    const failures = called("ReceiveMessage", 2);
    const ended = client().wait(job.jobId, { own: true, ...patience() });
    let failed = false;
    void failures.then(() => (failed = true));
    while (!failed) await time.pass(0.5);
    await announce(job);
    let done = false;
    void ended.then(() => (done = true));
    while (!done) await time.pass(0.5);

    expect(await ended).to.deep.equal(job);
    expect(logged).to.deep.equal([]);
  });
});
