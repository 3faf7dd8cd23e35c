import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Webhook } from "standardwebhooks";
import { openJob } from "../../doubles/jobs";
import { webhookFunction, type SqsEvent } from "../../functions/webhook";
import { codedError } from "../../core/records/errors";
import type { JobRecord } from "../../core/records/job";
import { violations } from "../support/conforms";
import { deployed } from "../support/serialized";

const [secret, formerSecret] = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString("base64")}`) as [string, string];
const queueArn = "arn:aws:sqs:eu-west-1:123456789012:ocr-webhook-orders";
const queueUrl = "https://sqs/ocr-webhook-orders";
const deadLetterQueueUrl = "https://sqs/dead-letters";
const ended = (job: Partial<JobRecord> = {}) =>
  openJob({
    jobId: "order-17",
    state: "COMPLETED",
    outputLocation: "s3://b/k",
    endedAt: "2026-01-25T22:47:00.123Z",
    expiresAt: 1,
    dueAt: undefined,
    metadata: { customer: "acme" },
    ...job,
  });
const messageOf = (job: JobRecord) => JSON.stringify({ schemaVersion: 1, job });

describe("the webhook function, as Lambda runs it", () => {
  let server: Server;
  let handler: ReturnType<typeof webhookFunction>;
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  const calls: object[] = [];
  const log: string[] = [];
  let status: number;
  let refusal: Error | undefined;

  before(async () => {
    server = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks as Buffer[]).toString() });
        response.writeHead(status).end();
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const command = (name: string) =>
      class {
        readonly call: object;
        constructor(input: object) {
          this.call = { [name]: input };
        }
      };
    const client = class {
      async send({ call }: { call: object }) {
        calls.push(call);
        if (refusal) throw refusal;
        return { Parameter: { Value: `${secret} ${formerSecret}` } };
      }
    };
    const modules = {
      "@aws-sdk/client-ssm": { SSMClient: client, GetParameterCommand: command("get") },
      "@aws-sdk/client-sqs": {
        SQSClient: client,
        ChangeMessageVisibilityCommand: command("hide"),
        SendMessageCommand: command("send"),
      },
    };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs`;
    const settings = { endpointName: "ocr", url, secretsParameterName: "secrets", queueArn, queueUrl, deadLetterQueueUrl };
    handler = await deployed(webhookFunction, { settings, modules, log });
  });
  beforeEach(() => {
    for (const list of [received, calls, log]) list.length = 0;
    status = 204;
    refusal = undefined;
  });
  // A receiver that takes an end again is wanted again.
  afterEach(async () => {
    status = 204;
    refusal = undefined;
    await deliver([messageOf(ended())], { redriven: true });
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  const deliver = (bodies: string[], { tries = 1, ageSeconds = 0, redriven = false } = {}) => {
    const attributes = { ApproximateReceiveCount: String(tries), SentTimestamp: String(Date.now() - ageSeconds * 1000) };
    const Records: SqsEvent["Records"] = bodies.map((body, index) => ({
      messageId: `m-${index}`,
      receiptHandle: `r-${index}`,
      body,
      attributes,
      ...(redriven && { messageAttributes: { redriven: { stringValue: "true" } } }),
    }));
    return handler({ Records });
  };
  const logged = () => log.map((line) => JSON.parse(line) as object);

  it("POSTs an end signed with both secrets, which it asks for once, as the schema describes it, and is done with it", async () => {
    const answers = [
      await deliver([messageOf(ended())]),
      await deliver([messageOf(ended({ jobId: "order-18", state: "FAILED", error: codedError("MODEL_ERROR", "no page") }))]),
    ];

    expect(answers).to.deep.equal([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    expect(calls).to.deep.equal([{ get: { Name: "secrets", WithDecryption: true } }]);
    const events = received.map(({ headers, body }) =>
      [secret, formerSecret].map((each) => new Webhook(each).verify(body, headers as Record<string, string>)),
    );
    expect(events.map(([first]) => violations("webhook", first))).to.deep.equal([[], []]);
    expect(events.map(([first, second]) => [(first as { type: string }).type, (second as { type: string }).type])).to.deep.equal([
      ["job.completed", "job.completed"],
      ["job.failed", "job.failed"],
    ]);
    expect(log).to.deep.equal([]);
  });

  it("hides an end that the receiver did not take, and leaves it in the queue; those beside it are done", async () => {
    status = 503;
    const answer = await deliver([messageOf(ended()), messageOf(ended({ endpointName: "another" })), "hello"], { tries: 2 });

    expect(answer).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m-0" }] });
    const [{ hide }, ...more] = calls as [{ hide: { VisibilityTimeout: number } }];
    expect(more).to.deep.equal([]);
    expect(hide.VisibilityTimeout).to.be.within(60, 72);
    expect(hide).to.deep.include({ QueueUrl: queueUrl, ReceiptHandle: "r-0" });
    expect(received).to.have.length(1);
    expect(logged()).to.deep.equal([
      { level: "error", message: "job event dropped", code: "BAD_MESSAGE", problem: "not JSON", messageId: "m-2" },
      {
        level: "warn",
        message: "webhook failed",
        jobId: "order-17",
        state: "COMPLETED",
        tries: 2,
        error: "the receiver answered 503",
        nextInSeconds: hide.VisibilityTimeout,
      },
    ]);
  });

  it("gives up after a day, and at once for 410: the end goes to the dead letters with the reason, and out of the queue", async () => {
    const letters = [];
    for (const [code, tries, ageSeconds] of [
      [503, 12, 86_400],
      [410, 1, 0],
    ] as const) {
      status = code;
      expect(await deliver([messageOf(ended())], { tries, ageSeconds })).to.deep.equal({ batchItemFailures: [] });
      const { send } = calls.pop() as { send: { QueueUrl: string; MessageBody: string } };
      letters.push([send.QueueUrl, JSON.parse(send.MessageBody)]);
    }

    expect(letters).to.deep.equal([
      [deadLetterQueueUrl, { webhook: { queueArn, tries: 12, error: "the receiver answered 503" }, event: messageOf(ended()) }],
      [deadLetterQueueUrl, { webhook: { queueArn, tries: 1, error: "the receiver answered 410" }, event: messageOf(ended()) }],
    ]);
  });

  it("asks a receiver that answered 410 no more for an hour but for what somebody put back, and keeps each end in the dead letters", async () => {
    status = 410;
    await deliver([messageOf(ended())]);
    await deliver([messageOf(ended({ jobId: "order-18" }))]);
    const letters = calls.flatMap((call) => ("send" in call ? [(call.send as { MessageBody: string }).MessageBody] : []));
    expect(received).to.have.length(1);
    const [first, second] = letters.map((letter) => (JSON.parse(letter) as { webhook: { error: string } }).webhook.error);
    expect(first).to.equal("the receiver answered 410");
    expect(second).to.match(/^the receiver answered 410 at 20\d\d-\S+Z, and is not asked again within an hour$/);

    status = 204;
    await deliver([messageOf(ended())], { redriven: true });
    await deliver([messageOf(ended({ jobId: "order-19" }))]);
    expect([received.length, calls.filter((call) => "send" in call).length]).to.deep.equal([3, 2]);
  });

  it("leaves an end in the queue that it could not hide or give up, so that none is lost to a throttled call", async () => {
    refusal = new Error("ThrottlingException: Rate exceeded");
    for (const code of [503, 410]) {
      status = code;
      expect(await deliver([messageOf(ended())])).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m-0" }] });
    }
    expect(logged().filter((line) => (line as { message: string }).message === "webhook not tried")).to.have.length(2);
  });

  it("says no secret in its log", async () => {
    status = 500;
    await deliver([messageOf(ended())]);
    expect(log.join()).to.not.include("whsec_");
  });
});
