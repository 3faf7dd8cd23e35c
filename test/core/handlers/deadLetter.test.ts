import { expect } from "chai";
import * as fc from "fast-check";
import { readDeadLetter, redrive, type RedrivePorts } from "../../../core/handlers/deadLetter";
import { openJob } from "../../../doubles/jobs";

const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:ocr-result-0a1b2c3";
const topicArn = "arn:aws:sns:eu-west-1:123456789012:ocr-jobs";
const subscriptionArn = `${topicArn}:1111`;
const key = "#once/shop/prod/store/ocr/order-1/2026-01-25T22:46:09.000Z/charge";

const ended = JSON.stringify({
  schemaVersion: 1,
  job: { ...openJob({ jobId: "order-1" }), state: "COMPLETED", endedAt: "2026-01-25T22:46:09.000Z", expiresAt: 1 },
});
const notification = JSON.stringify({ inferenceId: "1.order-1", invocationStatus: "Failed", failureReason: "x" });
const toFunction = (Message: string) => ({ Records: [{ EventSource: "aws:sns", Sns: { Message, MessageId: "m" } }] });
const upload = { Records: [{ s3: { bucket: { name: "b" }, object: { key: "inbox/a+b.png", eTag: "e" } } }] };

const uploads = { Records: [...upload.Records, { s3: { bucket: { name: "b" }, object: { key: "inbox/c.png", eTag: "e" } } }] };
const foreign = JSON.stringify({ inferenceId: "theirs", invocationStatus: "Failed" });

const execution = (requestPayload: unknown, responsePayload?: unknown) =>
  JSON.stringify({
    version: "1.0",
    timestamp: "2026-01-25T22:50:00.000Z",
    requestContext: { requestId: "r", functionArn: `${functionArn}:$LATEST`, condition: "RetriesExhausted", approximateInvokeCount: 3 },
    requestPayload,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    ...(responsePayload === undefined ? {} : { responsePayload }),
  });
const failure = { errorType: "Error", errorMessage: "THROTTLED: busy", trace: ["…"] };
const inDoubt = {
  errorType: "Error",
  errorMessage: `IN_DOUBT: Effect ${key} was interrupted in run a-1_B: whether it happened can't be known.`,
};
const delivery = (Message: string) =>
  JSON.stringify({
    Type: "Notification",
    MessageId: "m",
    TopicArn: topicArn,
    Message,
    Timestamp: "2026-01-25T22:50:00.000Z",
    SignatureVersion: "1",
    Signature: "s",
    SigningCertURL: "https://sns.example/cert.pem",
    UnsubscribeURL: `https://sns.example/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
    MessageAttributes: { state: { Type: "String", Value: "COMPLETED" } },
  });

describe("a dead letter", () => {
  for (const [what, body, cargo] of [
    ["a notification", execution(toFunction(notification), failure), { what: "notification", inferenceId: "1.order-1", jobId: "order-1" }],
    ["a job event", execution(toFunction(ended), failure), { what: "jobEvent", jobId: "order-1", state: "COMPLETED" }],
    ["an upload", execution(upload, failure), { what: "upload", keys: ["inbox/a b.png"] }],
    ["a request", execution({ jobId: "order-1", input: 1 }, failure), { what: "request", jobId: "order-1" }],
    ["uploads, several at once", execution(uploads, failure), { what: "upload", keys: ["inbox/a b.png", "inbox/c.png"] }],
    ["a request without an id", execution({ jobId: 5, input: 1 }, failure), { what: "request" }],
    ["a notification of somebody else's", execution(toFunction(foreign), failure), { what: "notification", inferenceId: "theirs" }],
    ["a message that is no notification", execution(toFunction("hello"), failure), { what: "unknown" }],
    ["no upload at all", execution({ Records: [] }, failure), { what: "unknown" }],
    ["nothing", execution(null, failure), { what: "unknown" }],
    ["something else", execution("?", failure), { what: "unknown" }],
  ] as const) {
    it(`of a function that failed at ${what} says what, where and why`, () => {
      const letter = readDeadLetter(body);

      expect(letter).to.deep.include({ kind: "execution", functionArn, cargo, tries: 3, error: "Error: THROTTLED: busy" });
    });
  }

  it("of an event that grew too old before it was tried has Lambda's own reason", () => {
    expect(readDeadLetter(execution(upload))).to.include({ kind: "execution", error: "RetriesExhausted" });
  });

  it("has what is known of a failure that says less than usual", () => {
    const nameless = execution(upload, { errorType: "", errorMessage: "out of memory" }).replace('"approximateInvokeCount":3', '"x":3');

    expect(readDeadLetter(nameless)).to.deep.include({ kind: "execution", error: "out of memory", tries: 0 });
  });

  it("never stops a redrive of all letters by a throw, whatever somebody put into the queue", () => {
    const letters = [execution(toFunction(ended), failure), delivery(notification), ended].map((body) => JSON.parse(body) as object);
    const changed = fc
      .tuple(fc.constantFrom(...letters), fc.constantFrom("requestPayload", "requestContext", "Message", "UnsubscribeURL", "job"))
      .chain(([letter, name]) => fc.jsonValue().map((value) => JSON.stringify({ ...letter, [name]: value })));

    fc.assert(fc.property(fc.oneof(fc.json(), changed), (body) => void readDeadLetter(body).kind));
  });

  it("of a delivery has the event as the topic would have handed it over", () => {
    expect(readDeadLetter(delivery(ended))).to.deep.equal({
      kind: "delivery",
      topicArn,
      subscriptionArn,
      cargo: { what: "jobEvent", jobId: "order-1", state: "COMPLETED" },
      event: {
        Records: [
          {
            EventSource: "aws:sns",
            EventVersion: "1.0",
            EventSubscriptionArn: subscriptionArn,
            Sns: {
              Type: "Notification",
              MessageId: "m",
              TopicArn: topicArn,
              Subject: null,
              Message: ended,
              Timestamp: "2026-01-25T22:50:00.000Z",
              SignatureVersion: "1",
              Signature: "s",
              SigningCertUrl: "https://sns.example/cert.pem",
              UnsubscribeUrl: `https://sns.example/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
              MessageAttributes: { state: { Type: "String", Value: "COMPLETED" } },
            },
          },
        ],
      },
    });
  });

  it("of an effect in doubt names the effect", () => {
    expect(readDeadLetter(execution(toFunction(ended), inDoubt))).to.deep.include({ kind: "inDoubt", effect: { key, owner: "a-1_B" } });
  });

  for (const [body, problem] of [
    ["what is this?", "not a JSON object"],
    ["[]", "not a JSON object"],
    ["null", "not a JSON object"],
    ["5", "not a JSON object"],
    ['{"hello":1}', "neither SNS's envelope, nor Lambda's record, nor a job event"],
    ['{"requestContext":{}}', "no functionArn"],
    ['{"webhook":{"queueArn":"arn:q"}}', "no queueArn or no job event"],
    [`{"webhook":{},"event":${JSON.stringify(ended)}}`, "no queueArn or no job event"],
    ...["TopicArn", "Message", "UnsubscribeURL"].map(
      (name) => [delivery(ended).replace(`"${name}"`, '"Other"'), "no TopicArn, Message or SubscriptionArn"] as const,
    ),
  ] as const) {
    it(`that is none is told apart: ${body.slice(0, 100)}`, () => {
      expect(readDeadLetter(body)).to.deep.equal({ kind: "malformed", problem });
    });
  }
});

describe("putting a dead letter back", () => {
  const queues = ["orders", "audit"].map((name) => `arn:aws:sqs:eu-west-1:123456789012:${name}`);

  function world(subscriber: string | undefined = functionArn) {
    const done: unknown[][] = [];
    const ports: RedrivePorts = {
      invoke: async (...call) => void done.push(["invoke", ...call]),
      subscriber: async () => subscriber,
      followers: async (state) => (state === "COMPLETED" ? queues : []),
      send: async (...call) => {
        done.push(["send", ...call]);
        return !call[0].endsWith("gone");
      },
      marks: {
        finish: async (...call) => void done.push(["finish", ...call]),
        forget: async (...call) => void done.push(["forget", ...call]),
      },
      clock: { now: () => 0, sleep: () => Promise.resolve() },
    };
    return { ports, done };
  }

  it("hands its event to the function that failed at it, and says what it was", async () => {
    const { ports, done } = world("arn:aws:lambda:eu-west-1:123456789012:function:a-subscriber");

    expect(await redrive(ports, readDeadLetter(execution(uploads, failure)))).to.deep.equal({
      action: "redriven",
      text: 'Upload of inbox/a b.png, inbox/c.png, failed 3 times with "Error: THROTTLED: busy": sent to ocr-result-0a1b2c3 again.',
    });
    expect(done).to.deep.equal([["invoke", functionArn, uploads]]);
  });

  for (const [event, text] of [
    [{ jobId: "order-1", input: 1 }, "Request of job order-1"],
    [{ input: 1 }, "A request"],
    ["?", "An event of unknown content"],
  ] as const) {
    it(`says in a line that stays readable what it was: ${text}`, async () => {
      const letter = readDeadLetter(execution(event, { errorMessage: "x".repeat(5000) }));

      expect((await redrive(world().ports, letter)).text).to.equal(
        `${text}, failed 3 times with "${"x".repeat(300)}": sent to ocr-result-0a1b2c3 again.`,
      );
    });
  }

  it("hands what could not be delivered to its one subscriber, and to none of the others", async () => {
    const { ports, done } = world();
    const letter = readDeadLetter(delivery(notification));

    expect((await redrive(ports, letter)).text).to.equal("SageMaker's notification of 1.order-1: sent to ocr-result-0a1b2c3 again.");
    expect(done.map(([what, arn]) => [what, arn])).to.deep.equal([["invoke", functionArn]]);
  });

  it("sends an end that a queue did not take to the queues that follow such ends, as the topic would have", async () => {
    const { ports, done } = world();
    const letter = readDeadLetter(ended);
    const { job } = JSON.parse(ended) as { job: object };

    const dry = await redrive(ports, letter, { dryRun: true });
    expect([dry, done]).to.deep.equal([
      { action: "wouldRedrive", text: "The end of job order-1 (COMPLETED): would be sent to orders, audit again." },
      [],
    ]);
    expect(await redrive(ports, letter)).to.deep.equal({
      action: "redriven",
      text: "The end of job order-1 (COMPLETED): sent to orders, audit again.",
    });
    expect(done).to.deep.equal(queues.map((queueArn) => ["send", queueArn, ended, job]));
    expect(await redrive({ ...ports, followers: async () => [] }, letter)).to.deep.equal({
      action: "kept",
      text: "The end of job order-1 (COMPLETED): no queue follows such ends; kept.",
    });
  });

  it("only says what it would do when that is asked for", async () => {
    const { ports, done } = world();
    const letter = readDeadLetter(execution(toFunction(ended), inDoubt));

    const { action, text } = await redrive(ports, letter, { dryRun: true, inDoubt: "again" });

    expect([action, text.endsWith(": would be sent to ocr-result-0a1b2c3 again."), done]).to.deep.equal(["wouldRedrive", true, []]);
  });

  it("keeps an effect in doubt until somebody says what happened, and then repeats it or does not", async () => {
    const letter = readDeadLetter(execution(toFunction(ended), inDoubt));
    const kept = world();
    const answered = { done: world(), again: world() };

    const { action, text } = await redrive(kept.ports, letter);
    expect(action).to.equal("kept");
    expect(text.split('": ').at(-1)).to.equal("kept until somebody says whether the effect is done.");
    for (const inDoubt of ["done", "again"] as const) await redrive(answered[inDoubt].ports, letter, { inDoubt });

    expect(kept.done).to.deep.equal([]);
    const invoked = ["invoke", functionArn, toFunction(ended)];
    expect(answered.done.done).to.deep.equal([["finish", key, "1970-01-01T00:00:00.000Z", "a-1_B"], invoked]);
    expect(answered.again.done).to.deep.equal([["forget", key, "a-1_B"], invoked]);
  });

  it("sends what a webhook's receiver never took to that webhook alone, and keeps it when the webhook is gone", async () => {
    const { ports, done } = world();
    const letter = (queueArn: string) =>
      readDeadLetter(JSON.stringify({ webhook: { queueArn, tries: 12, error: "the receiver answered 503" }, event: ended }));
    const about = 'The end of job order-1 (COMPLETED), failed 12 times with "the receiver answered 503": ';

    expect(await redrive(ports, letter(`${queues[0]}`), { dryRun: true })).to.deep.equal({
      action: "wouldRedrive",
      text: `${about}would be sent to orders again.`,
    });
    expect(done).to.deep.equal([]);
    expect(await redrive(ports, letter(`${queues[0]}`))).to.deep.equal({ action: "redriven", text: `${about}sent to orders again.` });
    const gone = "arn:aws:sqs:eu-west-1:123456789012:gone";
    expect(await redrive(ports, letter(gone))).to.deep.equal({ action: "kept", text: `${about}its webhook gone is gone; kept.` });
    const once = readDeadLetter(JSON.stringify({ webhook: { queueArn: gone, tries: 1, error: "410" }, event: ended }));
    expect((await redrive(ports, once, { dryRun: true })).text).to.contain(', failed once with "410": would be sent');
    const { job } = JSON.parse(ended) as { job: unknown };
    expect(done).to.deep.equal([
      ["send", queues[0], ended, job],
      ["send", gone, ended, job],
    ]);
  });

  it("keeps what it does not know, and what nobody subscribes to any more", async () => {
    const { ports, done } = world();
    const gone: RedrivePorts = { ...ports, subscriber: async () => undefined };

    expect(await redrive(ports, readDeadLetter("?"))).to.deep.equal({ action: "kept", text: "Not one of ours (not a JSON object): kept." });
    expect(await redrive(gone, readDeadLetter(delivery(ended)))).to.deep.equal({
      action: "kept",
      text: "The end of job order-1 (COMPLETED): its subscription is gone; kept.",
    });
    expect(done).to.deep.equal([]);
  });
});
