import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { openJob } from "../../doubles/jobs";
import { validatorOf, violations } from "../support/conforms";

const error = { code: "MODEL_ERROR", message: "m", retryable: false, advice: "a" };
const time = "2026-01-25T22:47:00.000Z";
const open = openJob({ jobId: "order-17" });
const done = { ...open, state: "COMPLETED" as const, outputLocation: "s3://b/k", endedAt: time, expiresAt: 1 };

describe("the published schemas", () => {
  for (const file of readdirSync("schemas")) {
    it(`${file} says of every field what it is`, () => {
      const { title, description, properties } = JSON.parse(readFileSync(`schemas/${file}`, "utf8")) as {
        title?: string;
        description?: string;
        properties: Record<string, { description?: string }>;
      };
      expect([typeof title, typeof description]).to.deep.equal(["string", "string"]);
      expect(Object.keys(properties).filter((name) => properties[name]?.description === undefined)).to.deep.equal([]);
    });
  }

  it("submit-request's examples are requests", () => {
    const { examples } = JSON.parse(readFileSync("schemas/submit-request.schema.json", "utf8")) as { examples: unknown[] };
    expect(examples.flatMap((example) => violations("submit-request", example))).to.deep.equal([]);
  });

  const detail = { schemaVersion: 1, idempotencyKey: `ocr/order-17/${time}`, job: done };
  const event = {
    version: "0",
    id: "e-1",
    source: "sagemaker-async-inference",
    "detail-type": "Asynchronous Inference Job Ended",
    account: "123456789012",
    region: "eu-west-1",
    time: "2026-01-25T22:47:00Z",
    resources: [],
    detail,
  };

  const right: [Parameters<typeof validatorOf>[0], object][] = [
    ["job", open],
    ["job", done],
    ["job", { ...done, state: "FAILED", error }],
    ["job-event", { schemaVersion: 1, job: done }],
    ["job-ended", event],
    ["webhook", { type: "job.completed", timestamp: time, data: detail }],
    ["submit-answer", { statusCode: 202, jobId: "a", inferenceId: "1.a", state: "INVOKING" }],
    ["submit-answer", { statusCode: 400, error }],
  ];
  for (const [name, document] of right) {
    it(`${name} takes ${JSON.stringify(document).slice(0, 80)}`, () => {
      expect(violations(name, document)).to.deep.equal([]);
    });
  }

  const wrong: [Parameters<typeof validatorOf>[0], object, string][] = [
    ["job", { ...open, attempt: 0 }, "an attempt that can't be"],
    ["job", { ...open, jobId: "#lease" }, "an item that is not a job"],
    ["job", { ...open, state: "DONE" }, "a state that doesn't exist"],
    ["job", { ...open, colour: "red" }, "an attribute that nobody described"],
    ["job", { ...open, createdAt: "2026-01-25T22:46:00Z" }, "a time that would sort wrongly"],
    ["job", { ...open, dueAt: undefined }, "an open job that nobody would look after"],
    ["job", { ...open, endedAt: time }, "an open job that has ended"],
    ["job", { ...done, endedAt: undefined }, "an ended job without the time of its end"],
    ["job", { ...done, outputLocation: undefined }, "a completed job without a result"],
    ["job", { ...done, state: "FAILED" }, "a failed job without a reason"],
    ["job", { ...done, state: "FAILED", error: { ...error, code: "OOPS" } }, "a code that doesn't exist"],
    ["job-event", { schemaVersion: 1, job: open }, "an event of a job that has not ended"],
    ["job-event", { schemaVersion: 2, job: done }, "an event of another version"],
    ["job-ended", { ...event, detail: { ...detail, job: open } }, "an event of a job that has not ended"],
    ["job-ended", { ...event, detail: { ...detail, idempotencyKey: undefined } }, "an event without the key that tells ends apart"],
    ["webhook", { type: "job.completed", timestamp: time, data: { ...detail, job: open } }, "a webhook of a job that has not ended"],
    ["webhook", { type: "job.submitted", timestamp: time, data: detail }, "a webhook of what is no end"],
    ["submit-answer", { statusCode: 202, jobId: "a", state: "COMPLETED" }, "a 202 of a job that has ended"],
    ["submit-answer", { statusCode: 200, jobId: "a", state: "SUBMITTED" }, "a 200 of a job that goes on"],
    ["submit-answer", { statusCode: 400, jobId: "a" }, "a refusal without a reason"],
    ["submit-answer", { statusCode: 500, error }, "a status that is not in the contract"],
  ];
  for (const [name, document, what] of wrong) {
    it(`${name} refuses ${what}`, () => {
      expect(validatorOf(name)(JSON.parse(JSON.stringify(document)))).to.equal(false);
    });
  }
});
