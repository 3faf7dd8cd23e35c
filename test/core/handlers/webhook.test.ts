import { createHash, createHmac } from "node:crypto";
import { expect } from "chai";
import * as fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { judgeWebhook, webhookLifeSeconds, webhookPausesSeconds, webhookRequest } from "../../../core/handlers/webhook";
import { openJob } from "../../../doubles/jobs";

const signer = {
  hash: (text: string) => createHash("sha256").update(text).digest("hex"),
  hmac: (keyBase64: string, text: string) => createHmac("sha256", Buffer.from(keyBase64, "base64")).update(text).digest("base64"),
};
const secret = (fill: number) => `whsec_${Buffer.alloc(24, fill).toString("base64")}`;
const job = openJob({ jobId: "order-17", state: "COMPLETED", endedAt: "2026-01-25T22:47:00.123Z", metadata: { customer: "Åse" } });

describe("a webhook's request", () => {
  it("is verified by the library of Standard Webhooks, and says what ended", () => {
    const { headers, body } = webhookRequest(signer, [secret(1)], job, Date.now());

    expect(new Webhook(secret(1)).verify(body, headers)).to.deep.equal(
      JSON.parse(
        JSON.stringify({
          type: "job.completed",
          timestamp: "2026-01-25T22:47:00.123Z",
          data: { schemaVersion: 1, idempotencyKey: "ocr/order-17/2026-01-25T22:47:00.123Z", job },
        }),
      ),
    );
    expect(headers["content-type"]).to.equal("application/json");
    expect(() => new Webhook(secret(1)).verify(`${body} `, headers)).to.throw("No matching signature found");
  });

  it("is verified with the former secret as well as with the new one while both are given, and with no other", () => {
    const { headers, body } = webhookRequest(signer, [secret(2), secret(1)], job, Date.now());

    expect([1, 2].map((fill) => (new Webhook(secret(fill)).verify(body, headers) as { type: string }).type)).to.deep.equal([
      "job.completed",
      "job.completed",
    ]);
    expect(() => new Webhook(secret(3)).verify(body, headers)).to.throw("No matching signature found");
  });

  it("has an id that is the same for each try of one end, differs for another, and has no full stop that would move what is signed", () => {
    const idOf = (endedAt: string, now = 0) =>
      webhookRequest(signer, [secret(1)], { ...job, jobId: "a.b", endedAt }, now).headers["webhook-id"];

    expect(idOf("2026-01-25T22:47:00.123Z")).to.equal(idOf("2026-01-25T22:47:00.123Z", 86_400_000));
    expect(idOf("2026-01-25T22:47:00.123Z")).to.not.equal(idOf("2026-01-26T22:47:00.123Z"));
    expect(idOf("2026-01-25T22:47:00.123Z")).to.match(/^job_[0-9a-f]{40}$/);
  });

  it("is signed for the time of the try, so that a late one is not refused for its age", () => {
    const day = 86_400_000;
    const { headers } = webhookRequest(signer, [secret(1)], job, Date.parse(job.endedAt ?? "") + day);
    expect(headers["webhook-timestamp"]).to.equal("1769467620");
  });
});

describe("a webhook's try", () => {
  const first = { tries: 1, ageSeconds: 0, now: Date.UTC(2026, 0, 25), random: 0 };
  const judge = (status: number, given: Partial<typeof first> & { retryAfter?: string } = {}) => {
    const { retryAfter, ...rest } = given;
    return judgeWebhook({ status, ...(retryAfter !== undefined && { retryAfter }) }, { ...first, ...rest });
  };

  it("is delivered by any answer of 2xx and by no other", () => {
    expect([200, 204, 299].map((status) => judge(status).verdict)).to.deep.equal(["delivered", "delivered", "delivered"]);
    expect([199, 301, 308, 400, 401, 404, 429, 500, 503].map((status) => judge(status))).to.deep.equal(
      [199, 301, 308, 400, 401, 404, 429, 500, 503].map((status) => ({
        verdict: "again",
        afterSeconds: 5,
        error: `the receiver answered ${status}`,
      })),
    );
    expect(judgeWebhook({ problem: "no answer within 20 s" }, first)).to.deep.equal({
      verdict: "again",
      afterSeconds: 5,
      error: "no answer within 20 s",
    });
  });

  it("is the last one when the receiver says that nobody wants the webhook any more", () => {
    expect(judge(410)).to.deep.equal({ verdict: "lost", error: "the receiver answered 410" });
    expect(judgeWebhook({ status: 410, since: "2026-01-25T22:47:00.123Z" }, first)).to.deep.equal({
      verdict: "lost",
      error: "the receiver answered 410 at 2026-01-25T22:47:00.123Z, and is not asked again within an hour",
    });
  });

  it("waits for longer each time, and up to a fifth longer than that, so that what failed together does not come back together", () => {
    const pauses = Array.from({ length: 9 }, (_, index) => judge(500, { tries: index + 1 }));
    expect(pauses.map((verdict) => "afterSeconds" in verdict && verdict.afterSeconds)).to.deep.equal([
      5, 60, 300, 1800, 3600, 7200, 14_400, 14_400, 14_400,
    ]);
    expect(judge(500, { tries: 2, random: 0.5 })).to.deep.include({ afterSeconds: 66 });
  });

  it("waits for as long as the receiver asks for, in seconds or until a date, and for no longer than SQS hides a message", () => {
    const after = (retryAfter: string) => (judge(503, { retryAfter }) as { afterSeconds: number }).afterSeconds;
    expect([after("120"), after("Sun, 25 Jan 2026 00:10:00 GMT"), after("2"), after("soon"), after("999999999")]).to.deep.equal([
      120, 600, 5, 5, 14_400,
    ]);
  });

  it("comes again for a whole day whatever the chance of its pauses, so that a receiver that was down for a day gets every end", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })), (chance) => {
        let ageSeconds = 0;
        for (let tries = 1; ; tries++) {
          const verdict = judge(503, { tries, ageSeconds, random: chance.next().value });
          if (verdict.verdict === "lost") return ageSeconds >= webhookLifeSeconds && ageSeconds < 1.25 * webhookLifeSeconds && tries <= 14;
          if (verdict.verdict === "delivered" || verdict.afterSeconds > 43_200) return false;
          ageSeconds += verdict.afterSeconds;
        }
      }),
    );
    expect(webhookPausesSeconds.at(-1)).to.equal(14_400);
  });
});
