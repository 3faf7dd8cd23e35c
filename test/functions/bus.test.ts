import type { PutEventsCommandInput, PutEventsCommandOutput } from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { openJob } from "../../doubles/jobs";
import { busFunction } from "../../functions/bus";
import type { JobRecord } from "../../core/records/job";
import { violations } from "../support/conforms";
import { deployed } from "../support/serialized";

const endedAt = "2026-01-25T22:47:00.123Z";
const ended = (job: Partial<JobRecord> = {}) =>
  openJob({
    jobId: "order-17",
    state: "COMPLETED",
    outputLocation: "s3://b/k",
    endedAt,
    expiresAt: 1,
    dueAt: undefined,
    metadata: { customer: "acme" },
    ...job,
  });

describe("the bus function, as Lambda runs it", () => {
  const puts: PutEventsCommandInput[] = [];
  const log: string[] = [];
  let answer: Partial<PutEventsCommandOutput>;
  let handler: ReturnType<typeof busFunction>;

  before(async () => {
    const modules = {
      "@aws-sdk/client-eventbridge": {
        EventBridgeClient: class {
          send(input: PutEventsCommandInput) {
            puts.push(input);
            return Promise.resolve(answer);
          }
        },
        PutEventsCommand: class {
          constructor(input: object) {
            Object.assign(this, input);
          }
        },
      },
    };
    handler = await deployed(busFunction, { settings: { endpointName: "ocr", eventBusName: "shop" }, modules, log });
  });
  beforeEach(() => {
    puts.length = 0;
    log.length = 0;
    answer = { FailedEntryCount: 0, Entries: [{ EventId: "e-1" }] };
  });

  const deliver = (...messages: string[]) =>
    handler({ Records: messages.map((Message, index) => ({ Sns: { MessageId: `m-${index}`, Message } })) });
  const messageOf = (job: JobRecord) => JSON.stringify({ schemaVersion: 1, job });

  it("puts one documented event for a job's end on the bus, with the key that tells ends apart", async () => {
    await deliver(messageOf(ended()));

    const [entry, ...more] = puts.flatMap(({ Entries }) => Entries ?? []);
    expect(more).to.deep.equal([]);
    expect({ ...entry, Detail: undefined }).to.deep.equal({
      EventBusName: "shop",
      Source: "sagemaker-async-inference",
      DetailType: "Asynchronous Inference Job Ended",
      Time: new Date(endedAt),
      Detail: undefined,
    });
    const detail = JSON.parse(entry?.Detail ?? "") as object;
    expect(detail).to.deep.equal(JSON.parse(JSON.stringify({ schemaVersion: 1, idempotencyKey: `ocr/order-17/${endedAt}`, job: ended() })));
    const event = {
      version: "0",
      id: "e-1",
      source: entry?.Source,
      "detail-type": entry?.DetailType,
      account: "123456789012",
      region: "eu-west-1",
      time: "2026-01-25T22:47:00Z",
      resources: [],
      detail,
    };
    expect(violations("job-ended", event)).to.deep.equal([]);
  });

  it("fails, so that Lambda delivers again, when the bus answers 200 without taking the event", async () => {
    answer = { FailedEntryCount: 1, Entries: [{ ErrorCode: "ThrottlingException", ErrorMessage: "Rate exceeded" }] };

    const error: unknown = await deliver(messageOf(ended())).catch((reason: unknown) => reason);

    expect((error as Error).message).to.match(
      /^UNAVAILABLE: The event bus shop did not take the event: ThrottlingException: Rate exceeded/,
    );
  });

  it("puts nothing of another endpoint's jobs, nor of what is no job event, which would never get better", async () => {
    await deliver(messageOf(ended({ endpointName: "another" })), "hello");

    expect(puts).to.deep.equal([]);
    expect(log.map((line) => JSON.parse(line) as unknown)).to.deep.equal([
      { level: "error", message: "job event dropped", code: "BAD_MESSAGE", problem: "not JSON", messageId: "m-1" },
    ]);
  });
});
