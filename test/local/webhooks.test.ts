import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { openJob } from "../../doubles/jobs";
import { webhookFunction } from "../../functions/webhook";
import { VirtualClock } from "../../local/clock";
import type { CloudEvent } from "../../local/ports";
import { createSsm } from "../../local/ssm";
import { startTestCloud, type TestCloud } from "../support/cloudContext";
import { addQueuesAndFunctions } from "../support/messaging";
import { archiveOf } from "./lambda/support";

const hour = 3_600_000;

describe("a webhook whose receiver is down", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let sqs: SQSClient;
  let receiver: Server;
  let queueUrl: string;
  let deadLetterQueueUrl: string;
  let status = 200;
  /** What the receiver was sent: whose end, by which id, when, and what it answered. */
  const posts: { jobId: string; id: string; at: number; status: number }[] = [];

  before(async () => {
    receiver = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        const { data } = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as { data: { job: { jobId: string } } };
        posts.push({ jobId: data.job.jobId, id: String(request.headers["webhook-id"]), at: clock.now(), status });
        response.writeHead(status).end();
      });
    });
    await once(receiver.listen(0, "127.0.0.1"), "listening");
    clock = new VirtualClock();
    cloud = await startTestCloud({ clock });
    cloud.add(createSsm(cloud.context));
    await addQueuesAndFunctions(cloud);
    sqs = new SQSClient({ ...cloud.client, maxAttempts: 1 });

    const queueOf = async (name: string, inputs: object = {}) => {
      const { state } = await cloud.create("aws:sqs/queue:Queue", name, { name, visibilityTimeoutSeconds: 360, ...inputs });
      return state as { arn: string; url: string };
    };
    const deadLetters = await queueOf("dead-letters");
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 50 });
    const queue = await queueOf("orders", { redrivePolicy });
    [queueUrl, deadLetterQueueUrl] = [queue.url, deadLetters.url];
    const secret = `whsec_${"A".repeat(32)}`;
    await cloud.create("aws:ssm/parameter:Parameter", "orders", { name: "orders", type: "SecureString", value: secret });
    await cloud.create("aws:cloudwatch/logGroup:LogGroup", "orders", { name: "orders" });
    const settings = {
      endpointName: "ocr",
      url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/jobs`,
      secretsParameterName: "orders",
      queueArn: queue.arn,
      queueUrl,
      deadLetterQueueUrl,
    };
    await cloud.create("aws:lambda/function:Function", "orders", {
      name: "orders",
      code: await archiveOf(webhookFunction),
      handler: "__index.handler",
      runtime: "nodejs24.x",
      role: "arn:aws:iam::000000000000:role/orders",
      timeout: 60,
      environment: { variables: { SETTINGS: JSON.stringify(settings) } },
      loggingConfig: { logFormat: "Text", logGroup: "orders" },
    });
    await cloud.create("aws:lambda/eventSourceMapping:EventSourceMapping", "orders", {
      functionName: "orders",
      eventSourceArn: queue.arn,
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
  });
  after(async () => {
    sqs.destroy();
    await cloud.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  const end = (jobId: string) => {
    const job = openJob({ jobId, state: "COMPLETED", endedAt: new Date(clock.now()).toISOString(), dueAt: undefined });
    return sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ schemaVersion: 1, job }) }));
  };

  /** Waits, event by event, until something is so. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const known = cloud.events.length;
      await cloud.event((event) => cloud.events.indexOf(event) >= known);
    }
  }

  const printed = () =>
    cloud.events.flatMap((event: CloudEvent) => {
      const line = event.kind === "printed" ? /\{.*\}$/.exec(event.line)?.[0] : undefined;
      return line === undefined ? [] : [JSON.parse(line) as { jobId: string; nextInSeconds?: number }];
    });
  const isIdle = () => {
    const changes = cloud.events.flatMap((event) => (event.kind === "function" ? [event.change] : []));
    return changes.filter((change) => change === "started").length === changes.filter((change) => change !== "started").length;
  };
  const postsOf = (jobId: string) => posts.filter((post) => post.jobId === jobId);
  const tried = (jobId: string) => printed().filter((line) => line.jobId === jobId);

  /** Until Lambda has deleted what the function is done with: time would bring it back. */
  async function untilLeft(count: number): Promise<void> {
    const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    for (;;) {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...AttributeNames] }));
      if (AttributeNames.reduce((sum, name) => sum + Number(Attributes?.[name]), 0) === count) return;
    }
  }

  /** Goes on to each next try of these jobs, until one is over. */
  async function follow(jobIds: readonly string[], isOver: (jobId: string) => boolean): Promise<void> {
    for (;;) {
      await until(() => isIdle() && jobIds.every((jobId) => isOver(jobId) || tried(jobId).length === postsOf(jobId).length));
      const due = jobIds.flatMap((jobId) => {
        const last = postsOf(jobId).at(-1);
        return isOver(jobId) || last === undefined ? [] : [last.at + (tried(jobId).at(-1)?.nextInSeconds ?? 0) * 1000];
      });
      await untilLeft(due.length);
      if (due.length === 0) return;
      const count = posts.length;
      await clock.advance(Math.max(0, Math.min(...due) - clock.now()));
      await until(() => posts.length > count);
    }
  }

  it("for a day gets every end when it is up again, under the id of its first try, and none is lost or left behind", async () => {
    const jobIds = ["order-1", "order-2", "order-3"];
    const downUntil = clock.now() + 24 * hour;
    status = 503;
    for (const jobId of jobIds) await end(jobId);
    await until(() => jobIds.every((jobId) => postsOf(jobId).length > 0));
    clock.setTimeout(() => (status = 204), 24 * hour);
    await follow(jobIds, (jobId) => postsOf(jobId).some((post) => post.status === 204));

    for (const jobId of jobIds) {
      const own = postsOf(jobId);
      expect(own.map((post) => post.status)).to.deep.equal([...own.slice(1).map(() => 503), 204]);
      expect(new Set(own.map(({ id }) => id)).size).to.equal(1);
      expect((own.at(-1)?.at ?? 0) - downUntil).to.be.within(0, 5 * hour);
    }
    expect(new Set(posts.map(({ id }) => id)).size).to.equal(3);
    expect(await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl })).then(({ Messages }) => Messages)).to.equal(
      undefined,
    );
  });

  it("for longer is given up after a day and a little: the end is among the dead letters, with what the receiver answered", async () => {
    status = 500;
    await end("order-4");
    await until(() => postsOf("order-4").length > 0);
    const isOver = (jobId: string) => tried(jobId).some(({ nextInSeconds }) => nextInSeconds === undefined);
    await follow(["order-4"], isOver);

    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetterQueueUrl, WaitTimeSeconds: 20 }));
    const { webhook, event } = JSON.parse(Messages[0]?.Body ?? "") as { webhook: { queueArn: string; error: string }; event: string };
    expect([webhook.queueArn.split(":").at(-1), webhook.error]).to.deep.equal(["orders", "the receiver answered 500"]);
    expect((JSON.parse(event) as { job: { jobId: string } }).job.jobId).to.equal("order-4");
  });
});
