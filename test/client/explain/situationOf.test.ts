import { expect } from "chai";
import { callLeaseSeconds } from "../../../core/lifecycle/attempt";
import { placingSeconds } from "../../../core/lifecycle/submit";
import { codedError, type CodedError } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import { situationOf } from "../../../client/explain/situationOf";
import { situations, type EndpointFacts, type Facts } from "../../../client/explain/types";
import { ended } from "./cases/ended";
import { noRecord } from "./cases/noRecord";
import { notSubmitted } from "./cases/notSubmitted";
import { objects } from "./cases/objects";
import { submitted } from "./cases/submitted";
import { waking } from "./cases/waking";
import {
  accepted,
  asleep,
  backlog,
  endedJob,
  endpoint,
  facts,
  failedJob,
  invoking,
  job,
  located,
  minute,
  object,
  scalable,
  submittedAt,
  type Case,
} from "./facts";

const cases: Record<string, Case[]> = {
  "of a job that has ended": ended,
  "before the service has the job": notSubmitted,
  "when objects tell more than the record": objects,
  "while the service has the job": submitted,
  "while no instance exists": waking,
  "without a record": noRecord,
};

describe("An explanation", () => {
  for (const [group, members] of Object.entries(cases)) {
    describe(group, () => {
      for (const [title, known, expected] of members) {
        it(title, () => {
          const { jobId, facts: _, ...told } = situationOf(known);
          expect({ jobId, told }).to.deep.equal({ jobId: "order-17", told: expected });
        });
      }
    });
  }

  it("shows the facts that it was made from, and of the record no word of the caller's", () => {
    const known = facts({
      record: job({ metadata: { tenant: "acme" }, customAttributes: "secret" }),
      endpoint: endpoint(),
      metrics: backlog(0),
      alarms: [],
      deadLetters: 0,
      unreadable: [{ source: "resultLog", reason: "ServiceUnavailable: down" }],
    });

    expect(situationOf(known).facts).to.deep.equal({
      lookedAt: minute(5),
      endpointName: "ocr",
      record: {
        state: "SUBMITTED",
        attempt: 1,
        maxAttempts: 3,
        onDoubt: "rerun",
        inferenceId: "1.order-17",
        inputLocation: "s3://service/input/order-17/request.json",
        outputLocation: "s3://service/output/1.order-17/result",
        failureLocation: "s3://service/failure/1.order-17-error.out",
        createdAt: minute(-0.01),
        invokingAt: minute(-0.005),
        submittedAt: minute(0),
        dueAt: minute(30),
        requestTtlSeconds: 21_600,
        invocationTimeoutSeconds: 3600,
      },
      endpoint: endpoint(),
      metrics: backlog(0),
      alarms: [],
      deadLetters: 0,
      unknown: [{ source: "resultLog", reason: "ServiceUnavailable: down" }],
    });
  });

  it("is tested for each situation that there is", () => {
    const tested = new Set(
      Object.values(cases)
        .flat()
        .map(([, , { situation }]) => situation),
    );
    expect([...tested].sort()).to.deep.equal([...situations].sort());
  });
});

describe("What an explanation says where less is known, or at a bound", () => {
  const said = <Field extends "situation" | "summary" | "why" | "next" | "whatYouCanDo">(field: Field, known: Partial<Facts>) =>
    situationOf(facts(known))[field];
  const advised = (error: CodedError, advice: string) => ({ ...error, advice });
  const at = (time: string) => Date.parse(time);

  it("of a job that has ended: what its error and its record have", () => {
    const { outputLocation: _, expectedOutputLocation: __, ...completed } = endedJob({ state: "COMPLETED" });
    expect(said("why", { record: completed })).to.equal("The model's answer is at its output location.");
    expect(said("why", { record: { ...completed, outputBytes: 1 } })).to.equal("The model's answer of 1 byte is at its output location.");

    const own = endedJob({ state: "FAILED", error: advised(codedError("MODEL_ERROR", "No."), "Ask for less.") });
    expect(said("whatYouCanDo", { record: own })[0]).to.equal("Ask for less.");
    expect(said("why", { record: own, failure: { ...object(), text: "" } })).to.equal("No.");
    const slow = endedJob({ state: "FAILED", error: advised(codedError("TIMEOUT", "Late."), "Raise it.") });
    expect(said("summary", { record: slow })).to.equal("The job failed: it took longer than the server in the container allows.");

    const doubt = (changes: Partial<JobRecord>) => said("why", { record: failedJob("IN_DOUBT", "Lost.", changes) });
    expect([doubt({ attempt: 2 }), doubt({})]).to.deep.equal(["Lost. This was attempt 2 of at most 3.", "Lost."]);
    const nowhere: JobRecord = { ...completed, state: "FAILED", error: codedError("IN_DOUBT", "Lost.") };
    expect(said("whatYouCanDo", { record: nowhere })[0]).to.equal("Look whether a result is at the output location.");

    const wordless = { state: "EXPIRED", situation: "expired", why: "The record has no error." };
    expect(situationOf(facts({ record: endedJob({ state: "EXPIRED" }) }))).to.deep.include({
      ...wordless,
      summary: "The job expired: it waited too long in the endpoint's queue.",
      whatYouCanDo: [],
    });
    expect(situationOf(facts({ record: endedJob({ state: "FAILED" }) }))).to.deep.include({
      situation: "failed",
      summary: "The job failed.",
    });
  });

  it("of a denied permission: what the sentence names", () => {
    const denied = (message: string) => said("whatYouCanDo", { record: failedJob("ACCESS_DENIED", message) })[0];
    const statement = (of: string, resource: string) =>
      `Add this statement to the policy of ${of}: {"Effect":"Allow","Action":"s3:GetObject","Resource":"${resource}"}`;
    const role = "arn:aws:iam::1:role/ocr";

    expect(denied("May not perform s3:GetObject")).to.equal(statement("the role that is named above", "the resource that is named above"));
    expect(denied(`${role} may not perform: s3:GetObject on resource arn:aws:s3:::b/a`)).to.equal(statement(role, "arn:aws:s3:::b/a"));
    expect(denied("Could not download.")).to.match(/^Let the endpoint's execution role read the input/);
    expect(denied(`Could not upload as ${role}`)).to.match(/^Let the endpoint's execution role arn:aws:iam::1:role\/ocr write the result/);
  });

  it("of a job that was not handed over: who goes on, from which moment on", () => {
    const { dueAt: _, ...undue } = accepted({ input: Buffer.from("1"), inputInCall: true });
    const next = "The endpoint is called. If the submitter has died, the sweeper takes over at a later time.";
    expect([said("why", { record: undue }), said("next", { record: undue })]).to.deep.equal([
      "The input is in place; the endpoint is called next.",
      next,
    ]);
    const due = accepted({ dueAt: minute(5) });
    expect(said("why", { record: due, input: object() })).to.match(/^It was accepted 5 minutes ago, and its input is in place/);
    const late = minute(-0.01 + placingSeconds / 60);
    expect(said("why", { record: accepted({ dueAt: minute(900) }), now: at(late) })).to.match(/^The input is on its way/);
    expect(said("why", { record: accepted({ dueAt: minute(900) }), now: at(late) + 1 })).to.match(
      /^It was accepted .*, and its input is not/,
    );

    const line = { before: 1, orMore: true };
    expect(said("why", { record: accepted({ turn: 1 }), line })).to.match(/ At least 1 low job is before it\.$/);
    const { dueAt: __, ...called } = invoking({ onDoubt: "wait" });
    expect(said("situation", { record: called, now: at(called.invokingAt ?? "") + callLeaseSeconds * 1000 - 1 })).to.equal("invoking");
    const lost = { ...called, now: at(called.invokingAt ?? "") + callLeaseSeconds * 1000 };
    expect(said("situation", { record: called, now: lost.now })).to.equal("in-doubt");
    const { expectedOutputLocation: ___, ...placeless } = called;
    expect(said("whatYouCanDo", { record: placeless, now: lost.now })[0]).to.equal("Look whether a result is at the output location.");
  });

  it("of a refused job: whose refusal it was", () => {
    const busy = codedError("THROTTLED", "Queue full.");
    const { callId: _, ...uncalled } = invoking({ attempt: 3, refusal: busy, dueAt: minute(6) });
    const told = (changes: Partial<JobRecord>) => {
      const { jobId: __, facts: ___, ...rest } = situationOf(facts({ record: { ...uncalled, ...changes } }));
      return rest;
    };
    const refusal = (count: string) =>
      `The server in the container refused ${count} (THROTTLED): Queue full. ` +
      "Nothing of it runs, and such attempts don't count towards the 3 that the job may have.";

    expect(told({ containerRefusals: { count: 2, since: minute(1) } })).to.deep.equal({
      state: "INVOKING",
      situation: "refused-retrying",
      summary: "The container refused the request for now. The job is kept and tried again.",
      why: refusal("2 attempts"),
      since: uncalled.invokingAt,
      next: "The sweeper sends the next attempt, or whoever submits the job again does at once.",
      nextAt: minute(6),
      whatYouCanDo: [busy.advice],
    });
    expect(told({}).why).to.equal(refusal("1 attempt"));
    const third = invoking({ attempt: 3, refusal: busy });
    expect(said("why", { record: third })).to.match(/^Attempt 3 of at most 3 was refused/);
    const failed = { record: third, endpoint: endpoint({ status: "Failed" }) };
    expect(said("why", failed)).to.match(/ The endpoint says: no reason\.$/);
  });

  it("of a job that the endpoint has: what instances and settings are known", () => {
    const unreasoned = { endpoint: endpoint({ status: "Failed" }) };
    expect(said("why", unreasoned)).to.equal("SageMaker says of ocr: no reason.");
    const updating = (status: string, changes: Partial<EndpointFacts> = {}) => ({ endpoint: endpoint({ status, ...changes }) });
    expect(said("summary", updating("Updating", { currentInstanceCount: 2, desiredInstanceCount: 2 }))).to.match(
      / 2 instances of the old configuration work on\.$/,
    );
    const busy = { metrics: backlog(4, 900) };
    for (const [status, changes, situation] of [
      ["SystemUpdating", {}, "endpoint-updating"],
      ["RollingBack", {}, "endpoint-updating"],
      ["Updating", { desiredInstanceCount: 2 }, "queued-behind-others"],
      ["Updating", { desiredInstanceCount: 2, pendingConfig: "next" }, "endpoint-updating"],
      ["InService", {}, "queued-behind-others"],
    ] as const) {
      expect(said("situation", { ...busy, ...updating(status, changes) }), status).to.equal(situation);
    }
    const { maxConcurrentInvocationsPerInstance: _, ...unbounded } = endpoint();
    expect(said("why", { ...busy, endpoint: unbounded })).to.match(/ 1 instance takes requests\.$/);
    const expired = {
      metrics: { expiredThen: 0 },
      endpoint: endpoint(),
      record: job({ invocationTimeoutSeconds: 60 }),
      now: at(minute(360)),
    };
    expect(said("next", expired)).to.match(/ at the latest at 2026-01-25T18:01:00\.000Z\.$/);
    const runs = { metrics: backlog(0), endpoint: endpoint(), record: job({ invocationTimeoutSeconds: 60 }) };
    expect(said("next", runs)).to.match(/ at the latest at 2026-01-25T12:04:00\.000Z\.$/);
  });

  it("of a job that waits for an instance: when one was asked for, and why none came", () => {
    const two = { endpoint: asleep({ desiredInstanceCount: 2, since: minute(1) }), scaling: scalable() };
    expect(said("why", two)).to.equal("ocr had 0 instances, and 2 were asked for at 2026-01-25T12:01:00.000Z.");
    const activity = (status: string) => ({ startedAt: minute(3), status, description: "", message: "" });
    const asked = (status: string) => said("why", { ...two, scaling: scalable({ lastActivity: activity(status) }) });
    expect([asked("InProgress"), asked("Successful")].map((why) => why.slice(-25))).to.deep.equal([
      "2026-01-25T12:03:00.000Z.",
      "2026-01-25T12:01:00.000Z.",
    ]);
    const failed = (since: string, failureReason?: string) =>
      said("situation", { endpoint: asleep({ desiredInstanceCount: 1, since, ...(failureReason !== undefined && { failureReason }) }) });
    expect([failed(submittedAt, "No capacity"), failed(minute(-1), "No capacity"), failed(submittedAt)]).to.deep.equal([
      "capacity-error",
      "waiting-for-wake-up",
      "waiting-for-wake-up",
    ]);
    const unrecorded = located({ endpoint: asleep({ failureReason: "No capacity", since: minute(-9) }) });
    expect(situationOf(unrecorded).situation).to.equal("capacity-error");
    const next = (now: number) => said("next", { endpoint: asleep(), scaling: scalable(), now }).slice(0, 11);
    expect([next(at(minute(5)) - 1), next(at(minute(5)))]).to.deep.equal(["Autoscaling", "An instance"]);
  });

  it("of objects that appeared: a minute for the notification, and the sweeper from when the job is due", () => {
    const written = { output: object({ at: minute(4) }) };
    const next = (dueAt: string) => said("next", { ...written, record: job({ dueAt }), now: at(minute(5)) });
    expect(said("situation", { ...written, now: at(minute(5)) - 1 })).to.equal("recording-end");
    expect([next(minute(5)), next(minute(5.1))]).to.deep.equal([
      "The job is due: the sweeper, which looks at due jobs every minute, finds the object and records the end.",
      "The sweeper finds the object and records the end when the job is due.",
    ]);
    const { outputLocation: _, expectedOutputLocation: __, failureLocation: ___, ...nowhere } = job();
    expect(said("why", { ...written, record: nowhere, failure: "missing" })).to.match(
      /^A result of 1204 bytes is at the output location, .*arrives\.$/,
    );
    const failure = { ...object(), text: "no" };
    expect(said("why", { output: "missing", failure, record: nowhere })).to.match(/ at the failure location, .* It says: "no"\.$/);
    expect(said("why", { ...written, failure, record: nowhere })).to.match(/arrives\.$/);
    const bare = (changes: Partial<Facts>) => situationOf(located({ locations: {} as never, ...changes }));
    const { why, whatYouCanDo } = bare({ output: object() });
    expect([why, whatYouCanDo]).to.deep.equal([
      "The model's answer of 1204 bytes is at the output location.",
      ["Read the result at the output location."],
    ]);
    expect(bare({ output: "missing", failure }).why).to.equal('A failure object is at the failure location. It says: "no".');
  });

  it("of facts: what was read, without a due time that means nothing, and without an empty list of what was not", () => {
    const ended = { ...endedJob({ state: "COMPLETED" }), dueAt: minute(11) };
    const { record, ...others } = situationOf(facts({ record: ended })).facts;
    const shown = record as { dueAt?: string; endedAt: string };
    expect([shown.dueAt, shown.endedAt, others]).to.deep.equal([undefined, minute(10), { lookedAt: minute(5), endpointName: "ocr" }]);
    expect(situationOf(facts({ record: "missing" })).facts["record"]).to.equal("missing");
    const source = "endpoint" as const;
    const unread = situationOf(facts({ record: undefined as never, unreadable: [{ source, reason: "no" }] }));
    expect(unread.situation, "the record is simply not there").to.equal("unknown-job");
  });
});
