import { expect } from "chai";
import { explainJob, explainStatement, type ExplainedService, type ExplainSources } from "../../../client/explain";
import { gatherFacts, unreadable } from "../../../client/explain/gather";
import { codedError } from "../../../core/records/errors";
import type { Floor, ItemAt } from "../../../core/records/items";
import type { JobRecord } from "../../../core/records/job";
import { serviceOutputs } from "../../support/outputs";
import { endedJob, endpoint, failedJob, job, minute, object } from "./facts";

const service: ExplainedService = { ...serviceOutputs, deadLetterQueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/dead" };
const locations = { outputLocation: "s3://ocr-bucket-0a1b2c3/out/a", failureLocation: "s3://ocr-bucket-0a1b2c3/failed/a" };

/** A table that answers with what a test says is there. */
function itemsBy(read: (key: string) => Promise<JobRecord | Floor | "missing">): NonNullable<ExplainSources["record"]> {
  return <Key extends string>(key: Key) => read(key) as Promise<ItemAt<Key> | "missing">;
}

/** Sources that note what is asked of them; a test changes what they answer. */
function sources(record: JobRecord | "missing", changes: Partial<ExplainSources> = {}): ExplainSources & { asked: string[] } {
  const asked: string[] = [];
  const answer = <Value>(what: string, value: Value) => {
    asked.push(what);
    return Promise.resolve(value);
  };
  return {
    asked,
    service,
    missingPackages: [],
    now: () => Date.parse(minute(5)),
    record: itemsBy((key) => answer(`record ${key}`, record)),
    object: (location) => answer(`object ${location.split("/").slice(3).join("/")}`, object()),
    failure: (location) => answer(`failure ${location.split("/").slice(3).join("/")}`, "missing" as const),
    endpoint: () => answer("endpoint", { ...endpoint(), variantName: "AllTraffic" }),
    endpointConfig: (name) => answer(`endpointConfig ${name}`, { instanceType: "ml.g5.2xlarge" }),
    scaling: (variant) => answer(`scaling ${variant}`, { target: "missing" as const }),
    metrics: (window) => answer(`metrics ${JSON.stringify(window)}`, {}),
    alarms: () => answer("alarms", []),
    deadLetters: () => answer("deadLetters", 0),
    resultLog: (jobId, since) => answer(`resultLog ${jobId} since ${since}`, []),
    containerLog: (inferenceId, since) => answer(`containerLog ${inferenceId} since ${since}`, []),
    ...changes,
  };
}

const denied = () => Promise.reject(Object.assign(new Error("not authorized"), { name: "AccessDeniedException" }));
const down = () => Promise.reject(Object.assign(new Error("try later"), { name: "ServiceUnavailable" }));

describe("Gathering facts", () => {
  const asked = async (record: JobRecord) => {
    const all = sources(record);
    await gatherFacts(all, "order-17");
    return all.asked.slice(1).sort();
  };
  const log = `containerLog 1.order-17 since ${minute(-0.01)}`;

  it("asks of an ended job its objects and log, and no other service", async () => {
    expect(await asked(endedJob({ state: "COMPLETED" }))).to.deep.equal(["object output/1.order-17/result"]);
    expect(await asked(failedJob("MODEL_ERROR", "500"))).to.deep.equal([log, "failure failure/1.order-17-error.out"]);
    expect(await asked(failedJob("NOT_FOUND", "NoSuchKey"))).to.deep.equal([log, "object input/order-17/request.json"]);
    expect(await asked(failedJob("IN_DOUBT", "lost"))).to.deep.equal([log, "object output/1.order-17/result"]);
    expect(await asked(endedJob({ state: "CANCELLED", error: codedError("CANCELLED", "Cancelled.") }))).to.deep.equal([]);
  });

  it("asks of a job that the service does not have yet what holds it up", async () => {
    const { outputLocation: _, failureLocation: __, submittedAt: ___, ...open } = job({ state: "INVOKING" });
    expect(await asked({ ...open, state: "ACCEPTED" })).to.deep.equal(["object input/order-17/request.json", "record #floor"]);
    expect(await asked(open)).to.deep.equal(["object output/1.order-17/result"]);
    expect(await asked({ ...open, refusal: codedError("THROTTLED", "slow down") })).to.deep.equal([
      "endpoint",
      "object output/1.order-17/result",
    ]);
  });

  it("tells since when an accepted job is held, as long as somebody looks after that", async () => {
    const { outputLocation: _, failureLocation: __, submittedAt: ___, ...open } = job({ state: "ACCEPTED" });
    const floor = (setAt: string): Floor => {
      return { jobId: "#floor", schemaVersion: 1, revision: 1, state: "up", instances: 2, setAt, drain: { since: minute(2) } };
    };
    const held = async (setAt: string) => {
      const record = itemsBy((key) => Promise.resolve(key === "order-17" ? open : floor(setAt)));
      return (await gatherFacts(sources(open, { record }), "order-17")).heldSince;
    };

    expect([await held(minute(4)), await held(minute(1))]).to.deep.equal([minute(2), undefined]);
  });

  it("asks everybody about a job that the service has", async () => {
    expect(await asked(job())).to.deep.equal([
      "alarms",
      log,
      "deadLetters",
      "endpoint",
      "endpointConfig ocr-config-1",
      "failure failure/1.order-17-error.out",
      `metrics {"variantName":"AllTraffic","expiresAt":"${minute(360)}"}`,
      "object input/order-17/request.json",
      "object output/1.order-17/result",
      `resultLog order-17 since ${minute(-0.01)}`,
      "scaling AllTraffic",
    ]);
  });

  it("does not fetch an input from an address that only the endpoint needs to reach", async () => {
    expect(await asked(job({ inputLocation: "https://example.com/a.png" }))).not.to.include("object a.png");
  });
});

describe("An explanation whose sources can't be read", () => {
  it("is given all the same, with the statement that would let each be read", async () => {
    const unreadable: Partial<ExplainSources> = {
      object: denied,
      failure: denied,
      endpoint: denied,
      metrics: denied,
      alarms: denied,
      deadLetters: denied,
      resultLog: denied,
      containerLog: denied,
    };
    const { situation, whatYouCanDo, facts } = await explainJob(sources(job(), unreadable), "order-17");
    const names = ["alarms", "containerLog", "deadLetters", "endpoint", "failure", "input", "metrics", "output", "resultLog"] as const;

    expect(situation).to.equal("in-progress");
    expect(facts["unknown"]).to.deep.equal(
      names.map((source) => ({
        source,
        reason: "AccessDeniedException: not authorized",
        statement: explainStatement(service, source),
      })),
    );
    expect(whatYouCanDo).to.include(
      "To let explain read the endpoint, add this statement to your policy: " +
        '{"Effect":"Allow","Action":"sagemaker:DescribeEndpoint","Resource":"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ocr-endpoint-0a1b2c3"}',
    );
    expect(whatYouCanDo).to.have.length(1 + names.length);
  });

  it("names the endpoint's present configuration when that is what may not be read", async () => {
    const { facts } = await explainJob(sources(job(), { endpointConfig: denied, scaling: denied }), "order-17");

    expect(facts["unknown"]).to.deep.equal([
      {
        source: "endpointConfig",
        reason: "AccessDeniedException: not authorized",
        statement: {
          Effect: "Allow",
          Action: "sagemaker:DescribeEndpointConfig",
          Resource: "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/ocr-config-1",
        },
      },
      { source: "scaling", reason: "AccessDeniedException: not authorized", statement: explainStatement(service, "scaling") },
    ]);
  });

  it("tells of a service that is down without a statement, which would not help", async () => {
    const { situation, whatYouCanDo, facts } = await explainJob(sources(job(), { record: down }), "order-17");

    expect([situation, whatYouCanDo]).to.deep.equal([
      "record-unreadable",
      ["Ask again in a moment, and look at network, region and endpoint."],
    ]);
    expect(facts["unknown"]).to.deep.equal([{ source: "record", reason: "ServiceUnavailable: try later" }]);
  });

  it("takes expired credentials for no missing permission", async () => {
    const expired = () =>
      Promise.reject(Object.assign(new Error("The security token expired"), { name: "ExpiredToken", $metadata: { httpStatusCode: 403 } }));
    const { facts, summary, next, whatYouCanDo } = await explainJob(sources(job(), { record: expired }), "order-17");

    expect(facts["unknown"]).to.deep.equal([{ source: "record", reason: "ExpiredToken: The security token expired", credentials: true }]);
    expect([summary, next, whatYouCanDo]).to.deep.equal([
      "Nothing could be asked: your AWS credentials are missing or not valid.",
      "Not known: nobody has seen the job's record.",
      ["Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."],
    ]);
  });

  it("says of a refusal without words, as S3's to HeadObject, what it is", async () => {
    const wordless = () => Promise.reject(Object.assign(new Error("UnknownError"), { name: "403", $metadata: { httpStatusCode: 403 } }));
    const { facts } = await explainJob(sources(endedJob({ state: "COMPLETED" }), { object: wordless }), "order-17");

    expect(facts["unknown"]).to.deep.equal([
      { source: "output", reason: "403: refused without a reason", statement: explainStatement(service, "output") },
    ]);
  });

  it("goes by the locations alone when there is no record, or it may not be read", async () => {
    const gone = await explainJob(sources("missing"), "order-17", locations);
    const hidden = await explainJob(sources(job(), { record: denied }), "order-17", locations);

    expect([gone.state, gone.situation]).to.deep.equal(["COMPLETED", "completed"]);
    expect([hidden.state, hidden.situation]).to.deep.equal(["COMPLETED", "completed"]);
  });

  it("asks of a job without a record the endpoint only when no object tells how it ended", async () => {
    const { record: _, ...noTable } = sources("missing");
    await explainJob(noTable, "a", locations);
    const open = sources("missing", { object: () => Promise.resolve("missing") });
    const { record: __, ...openNoTable } = open;
    const explanation = await explainJob(openNoTable, "a", locations);

    expect(noTable.asked.sort()).to.deep.equal(["failure failed/a", "object out/a"]);
    expect([explanation.state, explanation.situation]).to.deep.equal(["UNKNOWN", "in-progress"]);
    expect(open.asked).to.include("endpoint");
  });
});

describe("What is gathered", () => {
  const around = async (record: JobRecord | "missing", changes: Partial<ExplainSources> = {}, given?: typeof locations) => {
    const {
      jobId: _,
      now: __,
      endpointName: ___,
      record: ____,
      unreadable,
      ...found
    } = await gatherFacts(sources(record, changes), "order-17", given);
    return unreadable.length === 0 ? found : { ...found, unreadable: unreadable.map(({ source }) => source) };
  };
  const { variantName: _, ...shown } = { ...endpoint(), variantName: "AllTraffic" };
  const { outputLocation: __, failureLocation: ___, submittedAt: ____, ...open } = job({ state: "ACCEPTED" });

  it("of a job that the service has is each fact by its source", async () => {
    const full = {
      hasTable: true,
      input: object(),
      output: object(),
      failure: "missing",
      containerLog: [],
      resultLog: [],
      deadLetters: 0,
      endpoint: shown,
      endpointConfig: { instanceType: "ml.g5.2xlarge" },
      scaling: { target: "missing" },
      metrics: {},
      alarms: [],
    };

    expect(await around(job())).to.deep.equal(full);
    const { input: _, ...unread } = full;
    expect(await around(job({ inputInCall: true }))).to.deep.equal(unread);
  });

  it("leaves out what is not there, and what only an endpoint leads to", async () => {
    const { deadLetters: _, resultLog: __, ...fewer } = sources(job());
    const { failureLocation: ___, inferenceId: ____, ...unlocated } = job();
    const asked: string[] = [];
    const metrics = async (window: object) => (asked.push(JSON.stringify(window)), {});
    const bare = { ...fewer, metrics, endpoint: async () => "missing" as const, record: itemsBy(async () => unlocated) };
    const { jobId: ______, now: _______, endpointName: ________, record: _________, ...found } = await gatherFacts(bare, "order-17");

    expect(found).to.deep.equal({ hasTable: true, input: object(), output: object(), endpoint: "missing", unreadable: [] });
    await gatherFacts({ ...bare, endpoint: denied }, "order-17");
    expect(asked).to.deep.equal([`{"expiresAt":"${minute(360)}"}`]);
  });

  it("of a refused job is its endpoint, as far as that can be read", async () => {
    const refused = { ...open, state: "INVOKING" as const, refusal: codedError("THROTTLED", "slow down") };

    expect(await around(refused)).to.deep.equal({ hasTable: true, output: object(), endpoint: shown });
    expect(await around(refused, { endpoint: async () => "missing" })).to.deep.include({ endpoint: "missing" });
    expect(await around(refused, { endpoint: denied })).to.deep.equal({ hasTable: true, output: object(), unreadable: ["endpoint"] });
  });

  it("of a job that waits for its priority is the line before it, and how much room there was", async () => {
    const waits = { ...open, turn: 7 };
    const room = { jobId: "#low", schemaVersion: 1, backlog: 4, free: 1, waiting: true, countedAt: minute(4) } as never;
    const turns: number[] = [];
    const waitingBefore = async (turn: number) => (turns.push(turn), { before: 3, orMore: true });
    const record = (found: JobRecord | "missing", own: JobRecord = waits) =>
      itemsBy(async (key) => (key === "order-17" ? own : key === "#floor" ? "missing" : found));
    const base = { hasTable: true, input: object() };
    const line = { before: 3, orMore: true };

    expect(await around(waits, { waitingBefore, record: record(room) })).to.deep.equal({ ...base, line: { ...line, room } });
    expect(await around(waits, { waitingBefore, record: record("missing") })).to.deep.equal({ ...base, line });
    const dark = { waitingBefore: denied, record: record(room) };
    expect(await around(waits, dark)).to.deep.equal({ ...base, unreadable: ["waiting"] });
    const blind = itemsBy((key) => (key === "order-17" ? Promise.resolve(waits) : denied()));
    expect(await around(waits, { waitingBefore, record: blind })).to.deep.equal({ ...base, line, unreadable: ["record"] });
    expect(await around(waits, { record: record(room) })).to.deep.equal(base);
    expect([await around(open, { waitingBefore, record: record(room, open) }), turns]).to.deep.equal([base, [7, 7, 7]]);
  });

  it("without a record is what stands at the locations", async () => {
    expect(await around("missing", {}, locations)).to.deep.equal({ hasTable: true, locations, output: object(), failure: "missing" });
    expect(await around("missing")).to.deep.equal({ hasTable: true });
    const { record: _, ...noTable } = sources("missing", { object: denied, endpoint: denied });
    const found = await gatherFacts(noTable, "a", locations);
    expect([found.hasTable, found.failure, found.metrics]).to.deep.equal([false, "missing", {}]);
  });

  it("says why a source can't be read, whatever it threw, in at most 500 characters", () => {
    const reason = (error: unknown) => unreadable(service, "metrics", error).reason;
    const refused = Object.assign(new AggregateError([], ""), { code: "ECONNREFUSED" });

    expect([reason("text"), reason(undefined), reason(refused), reason(new Error(""))]).to.deep.equal([
      "Error: text",
      "Error: undefined",
      "AggregateError: ECONNREFUSED",
      "Error: refused without a reason",
    ]);
    expect(reason(new Error("x".repeat(600)))).to.have.length(500);
    const isDenied = (error: object) => "statement" in unreadable(service, "metrics", error);
    const named = (name: string) => isDenied(Object.assign(new Error("no"), { name }));
    expect([named("NotAuthorizedException"), named("Forbidden"), named("Throttling"), isDenied({})]).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
    expect(isDenied(new Error("User: a is not authorized to perform: b"))).to.equal(true);
  });

  it("needs packages, which are named before anything is read", async () => {
    const lacking = sources(job(), { missingPackages: ["@aws-sdk/client-sagemaker"] });
    const error = await explainJob(lacking, "order-17").then(
      () => undefined,
      (thrown: Error) => thrown,
    );

    expect(error?.message).to.equal("explain needs the package @aws-sdk/client-sagemaker, which is not installed.");
    expect(lacking.asked).to.deep.equal([]);
  });
});
