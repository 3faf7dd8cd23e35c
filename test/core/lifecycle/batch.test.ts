import { expect } from "chai";
import { answerBatch, batchJobId, readBatchEvent, roomPauseMilliseconds } from "../../../core/lifecycle/batch";
import { codedError, codedOf, type CodedError } from "../../../core/records/errors";
import type { SubmitPorts } from "../../../core/lifecycle/submit";
import { startJobTable, suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

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

    expect(readBatchEvent(event({}))).to.deep.equal({
      schemaVersion: "2.0",
      invocationId: "i",
      batchId: "scans",
      common: { metadata: {} },
      tasks: [task],
    });
    const job = { id: "f3cc4f60-61f6-4a2b-8a21-d07600c373ce" };
    const old = event(
      { s3Bucket: undefined, s3BucketArn: "arn:aws:s3:::scans", s3VersionId: "3" },
      { invocationSchemaVersion: "1.0", job },
    );
    expect(readBatchEvent(old)).to.deep.equal({
      schemaVersion: "1.0",
      invocationId: "i",
      batchId: job.id,
      common: { metadata: {} },
      tasks: [{ ...task, versionId: "3" }],
    });
  });

  it("has the priority and the metadata of all its jobs, and leaves their judgement to the rules of requests", () => {
    const userArguments = { batch: "scans", priority: "low", "metadata.tenant": "acme", other: "ignored" };
    const { batchId, common } = readBatchEvent(event({}, { job: { id: "j", userArguments } }));
    expect({ batchId, common }).to.deep.equal({ batchId: "scans", common: { priority: "low", metadata: { tenant: "acme" } } });
  });

  it("names objects whose keys are not encoded as S3 encodes them by the key as it stands", () => {
    expect(readBatchEvent(event({ s3Key: "100%.png" })).tasks[0]?.key).to.equal("100%.png");
  });

  it("has no version where the manifest's column is empty", () => {
    expect(readBatchEvent(event({ s3VersionId: "" })).tasks[0]?.versionId).to.equal(undefined);
  });

  const name = 'expected 1 to 36 letters, digits, "_" and "-", a letter or digit first';
  const incomplete = "tasks: a task without taskId, s3Key or bucket";
  for (const [what, broken, message] of [
    ["another schema", event({}, { invocationSchemaVersion: "3.0" }), "invocationSchemaVersion: got 3.0, expected 1.0 or 2.0"],
    ["without an id to answer", event({}, { invocationId: 1 }), "invocationId: expected a string"],
    ["a batch whose jobs' ids would be none", event({}, { job: { userArguments: { batch: "a b" } } }), `batch: got a b, ${name}`],
    ["a batch with a number for a name", event({}, { job: { userArguments: { batch: 7 } } }), `batch: got 7, ${name}`],
    ["without a job", event({}, { job: null }), `batch: got undefined, ${name}`],
    ["without tasks", event({}, { tasks: { taskId: "t" } }), "tasks: expected a list"],
    ["a task without an id", event({ taskId: undefined }), incomplete],
    ["a task without a key", event({ s3Key: undefined }), incomplete],
    ["a task without a bucket", event({ s3Bucket: undefined }), incomplete],
    ["a task whose bucket has no name", event({ s3Bucket: "" }), incomplete],
    ["a task whose bucket's ARN has no name", event({ s3Bucket: undefined, s3BucketArn: "arn:aws:s3:::" }), incomplete],
    ["a task whose bucket's ARN is none", event({ s3Bucket: undefined, s3BucketArn: 5 }), incomplete],
    ["no task", event({}, { tasks: [null] }), incomplete],
    ["nothing", undefined, "invocationSchemaVersion: got undefined, expected 1.0 or 2.0"],
  ] as const) {
    it(`is refused when it is ${what}, instead of making a job of another name`, () => {
      let coded: CodedError | undefined;
      try {
        readBatchEvent(broken);
      } catch (error) {
        coded = codedOf(error);
      }
      expect([coded?.code, coded?.message]).to.deep.equal(["BAD_MESSAGE", message]);
    });
  }

  it("is a job of 23 characters of its bucket's, key's and version's hash: a later release must find the jobs of a resumed batch", () => {
    const hashed: string[] = [];
    const hash = (data: string) => (hashed.push(data), "0123456789abcdef".repeat(4));
    const object = { bucket: "scans", key: "a.png" };
    const ids = [batchJobId(hash, "b", { ...object, versionId: undefined }), batchJobId(hash, "b", { ...object, versionId: "3" })];
    expect(ids).to.deep.equal(["b.0123456789abcdef0123456", "b.0123456789abcdef0123456"]);
    expect(hashed).to.deep.equal(["scans\na.png\n", "scans\na.png\n3"]);
  });
});

describe("an object of a batch", () => {
  const jobs = suiteJobs();
  const settings = { ...testSettings, allowedInputBuckets: ["scans"] };
  let count = 0;

  /** Room for any number, and what became of it. */
  const freePlaces = () => {
    const counted = { taken: 0, given: 0 };
    return {
      counted,
      take: async () => (counted.taken++, undefined),
      giveBack: () => void counted.given++,
    };
  };

  /** Has an object of a batch of its own made a job; its second call, too. */
  function start(key = "a.png", using: TestPorts & Pick<SubmitPorts, "low"> = testPorts(jobs)) {
    const ports = Object.assign(using, { places: freePlaces() });
    ports.stored.set(`s3://scans/${key}`, { body: Buffer.from("1"), contentType: "image/png" });
    const batch = `batch-${++count}`;
    const send = async (task: object = {}, seconds = 60, more: object = {}) => {
      const invocation = readBatchEvent(event({ s3Key: key, ...task }, { job: { id: "j", userArguments: { batch, ...more } } }));
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
    const limit = codedError("LIMIT", "No room was left.");
    let refusals = 2;
    ports.places.take = async () => (refusals-- > 0 ? limit : undefined) as undefined;
    const invocation = readBatchEvent(event({ s3Key: "a.png" }, { job: { id: "j", userArguments: { batch: jobId.split(".")[0] } } }));
    const soon = await answerBatch(ports, settings, invocation, ports.clock.now() + 1000);
    expect(soon).to.include({ invocationSchemaVersion: "2.0", treatMissingKeysAs: "PermanentFailure", invocationId: "i" });
    expect(soon.results[0]).to.deep.equal({ taskId: "t", resultCode: "TemporaryFailure", resultString: "LIMIT: No room was left." });
    expect([await jobs.get(jobId), ports.places.counted.given]).to.deep.equal([undefined, 0]);
    const later = await answerBatch(ports, settings, invocation, ports.clock.now() + 60_000);
    expect(later.results).to.deep.equal([{ taskId: "t", resultCode: "Succeeded", resultString: jobId }]);
    // What is a job already is no further one: a resumed batch counts it although there is no room.
    refusals = Infinity;
    const again = await answerBatch(ports, settings, invocation, ports.clock.now() + 1000);
    expect(again).to.deep.equal(later);
    expect(ports.invocations).to.have.length(1);
  });

  it("gives its place back when no job is made in it: a batch that is resumed would use up the room of others", async () => {
    const { ports, send } = start();
    const { counted } = ports.places;
    await send();
    expect(counted).to.deep.equal({ taken: 1, given: 0 });
    await send();
    expect(counted).to.deep.equal({ taken: 2, given: 1 });
    await send({ s3Key: "none" });
    expect(counted).to.deep.equal({ taken: 2, given: 1 });
    // Whether there is a job now, nobody knows.
    ports.jobs = { ...jobs, create: () => Promise.reject(Object.assign(new Error("socket hang up"), { name: "TimeoutError" })) };
    await send({ s3VersionId: "7" }).catch(() => undefined);
    expect(counted).to.deep.equal({ taken: 3, given: 1 });
  });

  it("waits too when the table asks for a pause", async () => {
    const { ports, send, jobId } = start();
    const throttled = Object.assign(new Error("Throughput exceeds the current capacity"), { name: "ThrottlingException", $metadata: {} });
    let failures = 2;
    ports.places.take = () => (failures-- > 0 ? Promise.reject(throttled) : Promise.resolve(undefined));
    expect(await send()).to.deep.equal({ taskId: "t", resultCode: "Succeeded", resultString: jobId });
    // None was taken when the table failed.
    expect(ports.places.counted.given).to.equal(0);
  });

  it("is left to the engine's next try when no pause ends before the time is up", async () => {
    const { ports, batch } = start();
    const pauses: number[] = [];
    ports.places.take = async () => codedError("LIMIT", "No room was left.") as never;
    ports.clock = { now: () => 1000, sleep: async (milliseconds) => void pauses.push(milliseconds) };
    const invocation = readBatchEvent(event({ s3Key: "a.png" }, { job: { id: "j", userArguments: { batch } } }));
    const { results } = await answerBatch(ports, settings, invocation, 1000 + roomPauseMilliseconds);
    expect([results[0]?.resultCode, pauses]).to.deep.equal(["TemporaryFailure", []]);
  });

  it("makes no job when it is a folder, and takes nobody's place", async () => {
    const { ports, send } = start();
    ports.objects.head = () => Promise.reject(new Error("no look was asked for"));
    expect(await send({ s3Key: "scans/" })).to.deep.equal({
      taskId: "t",
      resultCode: "Succeeded",
      resultString: "a folder, which makes no job",
    });
    expect([ports.places.counted, ports.invocations]).to.deep.equal([{ taken: 0, given: 0 }, []]);
    // A slash at the start names a file.
    ports.objects.head = () => Promise.resolve({ bytes: 1, eTag: "e" });
    expect((await send({ s3Key: "/a.png" }))?.resultString).to.match(/^batch-/);
  });

  it("in its newest version is a job although the manifest names no version", async () => {
    const { ports, send, jobId } = start();
    ports.objects.head = () => Promise.resolve({ bytes: 1, eTag: "e", versionId: "3" });
    expect((await send())?.resultString).to.equal(jobId);
  });

  it("fails the invocation, which the engine repeats, by what nobody knows: it is no verdict on the object", async () => {
    const { ports, send } = start();
    ports.objects.head = () => Promise.reject(new Error("a fault of ours"));
    const error = await send().catch((thrown: Error) => thrown.message);
    expect(error).to.equal("a fault of ours");
  });

  it("that was accepted low, and replaced before it was in line, still lines up: it would go before all that wait", async () => {
    const table = await startJobTable();
    const { low: queue } = table.sweeps;
    await queue.recount({ backlog: 1, free: 0, countedAt: "2026-01-25T22:46:00.000Z" });
    let isDying = true;
    const nextTurn: typeof queue.nextTurn = async (...turn) => {
      if (isDying) throw new Error("killed");
      return queue.nextTurn(...turn);
    };
    const { ports, send, jobId } = start("a.png", { ...testPorts(table.jobs), low: { ...queue, nextTurn } });
    expect(await send({}, 60, { priority: "low" }).catch((error: Error) => error.message)).to.equal("killed");
    isDying = false;
    ports.stored.set("s3://scans/a.png", { body: Buffer.from("22") });
    expect((await send({}, 60, { priority: "low" }))?.resultString).to.equal(jobId);
    expect([(await table.jobs.get(jobId))?.turn, ports.invocations]).to.deep.equal([1, []]);
    table.close();
  });

  it("says in the report and in the log why it is no job, and in the report what to do", async () => {
    const { ports, batch, send, jobId } = start();
    const line = { message: "object of a batch made no job", batchId: batch };
    const advice = "Copy the object to a key of printable ASCII characters, with no blank at either end.";
    const other = (key: string, versionId?: string) => batchJobId((data) => ports.hash(data), batch, { bucket: "scans", key, versionId });

    expect((await send({ s3Key: "a.png+" }))?.resultString).to.equal(
      `BAD_INPUT: inputLocation: got "s3://scans/a.png ", expected s3://bucket/key of at most 1024 printable ASCII characters. ${advice}`,
    );
    expect((await send({}, 60, { priority: "high" }))?.resultString).to.equal(
      'BAD_INPUT: priority: got "high", expected "normal" or "low". Correct the request and send it again.',
    );
    expect((await send({ s3Key: "gone", s3VersionId: "3" }))?.resultString).to.equal(
      "NOT_FOUND: inputLocation: there is no object s3://scans/gone. " +
        "Look whether the object or endpoint still exists and the name is spelled right.",
    );
    ports.objects.head = () => Promise.resolve({ bytes: 1, eTag: "e", versionId: "4" });
    expect((await send({ s3VersionId: "3" }))?.resultString).to.equal(
      "NOT_FOUND: version 3 of s3://scans/a.png was replaced or deleted. " +
        "Make a new manifest: an endpoint reads the newest version only.",
    );
    ports.places.take = async () => codedError("LIMIT", "No room was left.") as never;
    await send({}, 1);
    expect(ports.logged).to.deep.equal([
      { level: "warn", ...line, jobId: other("a.png "), code: "BAD_INPUT" },
      { level: "warn", ...line, jobId, code: "BAD_INPUT" },
      { level: "warn", ...line, jobId: other("gone", "3"), code: "NOT_FOUND" },
      { level: "warn", ...line, jobId: other("a.png", "3"), code: "NOT_FOUND" },
      { level: "info", ...line, jobId, code: "LIMIT" },
    ]);
  });

  it("is a low job of its tenant's when the batch is, and waits behind others", async () => {
    const table = await startJobTable();
    const { low: queue } = table.sweeps;
    await queue.recount({ backlog: 1, free: 1, countedAt: "2026-01-25T22:46:00.000Z" });
    const low = start("a.png", { ...testPorts(table.jobs), low: queue });
    low.ports.stored.set("s3://scans/b.png", { body: Buffer.from("1") });
    const more = { priority: "low", "metadata.tenant": "acme" };
    const refusal = 'BAD_INPUT: priority: got "high", expected "normal" or "low"';
    expect((await low.send({}, 60, { priority: "high" }))?.resultString).to.contain(refusal);
    const ends = [await low.send({}, 60, more), await low.send({ s3Key: "b.png" }, 60, more)];
    expect(ends.map((end) => end?.resultCode)).to.deep.equal(["Succeeded", "Succeeded"]);
    expect(low.ports.invocations).to.have.length(1);
    const { state, turn, metadata } = (await table.jobs.get(String(ends[1]?.resultString))) ?? {};
    expect([state, turn, metadata]).to.deep.equal(["ACCEPTED", 1, { tenant: "acme", batch: low.batch, batchKey: "b.png" }]);
    // The batch is resumed: what waits goes on waiting, and nothing is called twice.
    expect(await low.send({ s3Key: "b.png" }, 60, more)).to.deep.equal(ends[1]);
    expect(low.ports.invocations).to.have.length(1);
    table.close();
  });

  for (const [what, task, code] of [
    ["is not there", { s3Key: "none" }, "NOT_FOUND"],
    ["lies where the service may not read", { s3Bucket: "others" }, "ACCESS_DENIED"],
    ["has a name that no endpoint can read", { s3Key: "%C3%BC.png" }, "BAD_INPUT"],
    ["has a name with a blank at its end, which the request's signature does not survive", { s3Key: "a.png+" }, "BAD_INPUT"],
    ["has a name with a blank at its start", { s3Key: "%20a.png" }, "BAD_INPUT"],
  ] as const) {
    it(`fails for good when it ${what}: trying again would only delay the report`, async () => {
      const result = await start().send(task);
      expect([result?.resultCode, result?.resultString.split(":")[0]]).to.deep.equal(["PermanentFailure", code]);
    });
  }
});
