import { expect } from "chai";
import { answerBatch, batchJobId, readBatchEvent } from "../../../core/lifecycle/batch";
import { codedOf } from "../../../core/records/errors";
import { suiteJobs, testPorts, testSettings } from "../../support/jobPorts";

const event = (task: object, more: object = {}) => ({
  invocationSchemaVersion: "2.0",
  invocationId: "i",
  job: { id: "f3cc4f60-61f6-4a2b-8a21-d07600c373ce", userArguments: { batch: "scans" } },
  tasks: [{ taskId: "t", s3Key: "a+b%2B.png", s3VersionId: null, s3Bucket: "scans", ...task }],
  ...more,
});

describe("what S3 Batch Operations sends", () => {
  it("is read in both schemas: 2.0 by the batch's name, 1.0 by S3's job and the bucket's ARN", () => {
    const task = { taskId: "t", bucket: "scans", key: "a b+.png", versionId: undefined };

    expect(readBatchEvent(event({}))).to.deep.equal({ schemaVersion: "2.0", invocationId: "i", batchId: "scans", tasks: [task] });
    const job = { id: "f3cc4f60-61f6-4a2b-8a21-d07600c373ce" };
    const old = event(
      { s3Bucket: undefined, s3BucketArn: "arn:aws:s3:::scans", s3VersionId: "3" },
      { invocationSchemaVersion: "1.0", job },
    );
    expect(readBatchEvent(old)).to.deep.equal({
      schemaVersion: "1.0",
      invocationId: "i",
      batchId: job.id,
      tasks: [{ ...task, versionId: "3" }],
    });
  });

  for (const [what, broken] of [
    ["another schema", event({}, { invocationSchemaVersion: "3.0" })],
    ["a batch whose jobs' ids would be none", event({}, { job: { id: "x", userArguments: { batch: "a b" } } })],
    ["a task without a key", event({ s3Key: undefined })],
    ["nothing", undefined],
  ] as const) {
    it(`is refused when it is ${what}, instead of making a job of another name`, () => {
      let code: string | undefined;
      try {
        readBatchEvent(broken);
      } catch (error) {
        code = codedOf(error)?.code;
      }
      expect(code).to.equal("BAD_MESSAGE");
    });
  }
});

describe("an object of a batch", () => {
  const jobs = suiteJobs();
  const settings = { ...testSettings, allowedInputBuckets: ["scans"] };
  let count = 0;

  /** Has an object of a batch of its own made a job; its second call, too. */
  function start(key = "a.png") {
    const ports = testPorts(jobs);
    ports.stored.set(`s3://scans/${key}`, { body: Buffer.from("1"), contentType: "image/png" });
    const batch = `batch-${++count}`;
    const send = async (task: object = {}, seconds = 60) => {
      const invocation = readBatchEvent(event({ s3Key: key, ...task }, { job: { id: "j", userArguments: { batch } } }));
      const { results } = await answerBatch(ports, settings, invocation, ports.clock.now() + seconds * 1000);
      return results[0];
    };
    return { ports, batch, send, jobId: batchJobId((data) => ports.hash(data), batch, { bucket: "scans", key, versionId: undefined }) };
  }

  it("is one job, however often the engine sends it, and says so in the report", async () => {
    const { ports, batch, send, jobId } = start();
    const end = { taskId: "t", resultCode: "Succeeded", resultString: jobId };

    expect(await send()).to.deep.equal(end);
    // What is replaced meanwhile stays the job that it was.
    ports.stored.set("s3://scans/a.png", { body: Buffer.from("22") });
    expect(await send()).to.deep.equal(end);
    ports.stored.clear();
    expect(await send()).to.deep.equal(end);

    expect(ports.invocations).to.have.length(1);
    expect((await jobs.get(jobId))?.metadata).to.deep.equal({ batch, batchKey: "a.png" });
    expect((await jobs.get(jobId))?.inputLocation).to.equal("s3://scans/a.png");
  });

  it("is another job in another version, and none when the version was replaced", async () => {
    const { ports, send, jobId } = start();
    ports.objects.head = () => Promise.resolve({ bytes: 1, eTag: "e", versionId: "2" });

    expect((await send({ s3VersionId: "1" }))?.resultCode).to.equal("PermanentFailure");
    const second = await send({ s3VersionId: "2" });
    expect(second?.resultCode).to.equal("Succeeded");
    expect(second?.resultString).not.to.equal(jobId);

    // The batch is resumed, and the object was replaced meanwhile: its version stays the job that it is.
    ports.objects.head = () => Promise.resolve({ bytes: 1, eTag: "f", versionId: "3" });
    expect(await send({ s3VersionId: "2" })).to.deep.equal(second);
    expect(ports.invocations).to.have.length(1);
  });

  it("costs one look at the object and two writes: a million of them are paid for", async () => {
    const { ports, send } = start();
    const calls: string[] = [];
    const { jobs: table, objects, endpoint } = ports;
    const noted = {
      jobs: {
        ...table,
        get: (...given: Parameters<typeof table.get>) => (calls.push("get"), table.get(...given)),
        create: (...given: Parameters<typeof table.create>) => (calls.push("create"), table.create(...given)),
        change: (...given: Parameters<typeof table.change>) => (calls.push("change"), table.change(...given)),
      },
      objects: { ...objects, head: (location: string) => (calls.push("head"), objects.head(location)) },
      endpoint: {
        ...endpoint,
        invoke: (...given: Parameters<typeof endpoint.invoke>) => (calls.push("invoke"), endpoint.invoke(...given)),
      },
    };
    Object.assign(ports, noted);
    await send();
    expect(calls).to.deep.equal(["head", "create", "invoke", "change"]);
  });

  it("waits for room below maxOpenJobs, and is left to the engine's next try when there is none", async () => {
    const { ports, jobId } = start();
    let open = 7;
    const full = { ...settings, maxOpenJobs: 7 };
    const limited = {
      ...ports,
      openCount: () =>
        Promise.resolve({ schemaVersion: 1, jobId: "#count", open: open--, countedAt: new Date(ports.clock.now()).toISOString() } as never),
    };
    const invocation = readBatchEvent(event({ s3Key: "a.png" }, { job: { id: "j", userArguments: { batch: jobId.split(".")[0] } } }));
    const soon = await answerBatch(limited, full, invocation, ports.clock.now() + 1000);
    expect(soon.results[0]?.resultCode).to.equal("TemporaryFailure");
    expect(await jobs.get(jobId)).to.equal(undefined);
    open = 8;
    const later = await answerBatch(limited, full, invocation, ports.clock.now() + 60_000);
    expect(later.results).to.deep.equal([{ taskId: "t", resultCode: "Succeeded", resultString: jobId }]);
    // What is a job already is no further one: a resumed batch counts it although there is no room.
    open = 7;
    const again = await answerBatch(limited, full, invocation, ports.clock.now() + 1000);
    expect(again).to.deep.equal(later);
    expect(ports.invocations).to.have.length(1);
  });

  for (const [what, task, code] of [
    ["is not there", { s3Key: "none" }, "NOT_FOUND"],
    ["lies where the service may not read", { s3Bucket: "others" }, "ACCESS_DENIED"],
    ["has a name that no endpoint can read", { s3Key: "%C3%BC.png" }, "BAD_INPUT"],
  ] as const) {
    it(`fails for good when it ${what}: trying again would only delay the report`, async () => {
      const result = await start().send(task);
      expect([result?.resultCode, result?.resultString.split(":")[0]]).to.deep.equal(["PermanentFailure", code]);
    });
  }
});
