import { expect } from "chai";
import type { ObjectHead } from "../../../core/ports";
import { codedError } from "../../../core/records/errors";
import { lowRoomKey, type LowRoom } from "../../../core/records/items";
import { readS3Event, submitUpload, type Upload } from "../../../core/lifecycle/inbox";
import { suiteJobs, testPorts, testSettings } from "../../support/jobPorts";

const record = (key: string, changes: object = {}) => ({
  s3: { bucket: { name: "service" }, object: { key, eTag: "e", sequencer: "0A", ...changes } },
});

describe("what S3 tells the inbox", () => {
  it("is each upload of the event, by the characters of its key", () => {
    const event = { Records: [record("inbox/a+b%C3%BC%2B.png"), record("inbox/c", { sequencer: 5 })] };

    expect(readS3Event(event)).to.deep.equal({
      kind: "uploads",
      uploads: [
        { bucket: "service", key: "inbox/a bü+.png", eTag: "e", sequencer: "0A" },
        // Some emulators lack it.
        { bucket: "service", key: "inbox/c", eTag: "e", sequencer: "" },
      ],
    });
  });

  it("is S3's test message after a deployment, which is no upload", () => {
    expect(readS3Event({ Service: "Amazon S3", Event: "s3:TestEvent" })).to.deep.equal({ kind: "test" });
  });

  const broken = "a record without bucket, key or eTag";
  for (const [event, problem] of [
    [undefined, "no Records"],
    [null, "no Records"],
    ["text", "no Records"],
    [{ Event: "s3:ObjectCreated", Records: {} }, "no Records"],
    [{ Records: [null] }, broken],
    [{ Records: [{}] }, broken],
    [{ Records: [{ s3: {} }] }, broken],
    [{ Records: [{ s3: { object: { key: "a", eTag: "e" } } }] }, broken],
    [{ Records: [{ s3: { bucket: { name: "service" }, object: { eTag: "e" } } }] }, broken],
    [{ Records: [record("a"), record("b", { eTag: undefined })] }, broken],
    [{ Records: [record("a%ff")] }, "a key that is not percent-encoded UTF-8"],
  ] as const) {
    it(`ends among the dead letters, whole, when it is none of that: ${JSON.stringify(event)}`, () => {
      expect(readS3Event(event)).to.deep.equal({ kind: "malformed", problem });
    });
  }
});

describe("an upload", () => {
  const jobs = suiteJobs();
  const settings = { ...testSettings, inboxPrefix: "inbox/", formerInboxPrefixes: ["scans/"] };
  let count = 0;

  /** Has an upload submitted whose object is as its event says, or as a test says. */
  async function submit(
    changes: Partial<Upload> = {},
    object: Partial<ObjectHead> | undefined = {},
    copied = true,
    ports = testPorts(jobs),
  ) {
    const upload = { bucket: "service", key: "inbox/order.png", eTag: "e", sequencer: `${++count}`, ...changes };
    const copies: string[][] = [];
    ports.objects.head = () => Promise.resolve(object && { bytes: 9, eTag: '"e"', ...object });
    ports.objects.copy = (...call) => (copies.push(call), Promise.resolve(copied));
    const run = () => submitUpload(ports, settings, upload, Number.MAX_SAFE_INTEGER).catch((error: Error) => error.message);
    const error = await run();
    return { ports, copies, error, run, location: ports.invocations.map(({ input }) => ("location" in input ? input.location : "")) };
  }

  it("becomes one job, of its copy, that says which upload it was", async () => {
    const key = `inbox/${"😀".repeat(1100)}.png`;
    const { ports, copies, run, location } = await submit({ key });
    await run();

    expect(ports.invocations.length).to.equal(1);
    const jobId = /^s3:\/\/service\/input\/(inbox-[0-9a-f]{32})\//.exec(location[0] ?? "")?.[1] ?? "";
    expect(copies).to.deep.equal([[`s3://service/${key}`, "e", location[0]]]);
    expect(await jobs.get(jobId)).to.deep.include({
      state: "SUBMITTED",
      contentType: "image/png",
      inputBytes: 9,
      metadata: { inboxKey: `inbox/${"😀".repeat(1018)}` },
    });
  });

  it("whose metadata asks for a priority that there is not becomes an ordinary job, and the log says so", async () => {
    for (const priority of ["low", "urgent"]) {
      const { ports, error } = await submit({}, { metadata: { priority } });

      const [job] = ports.invocations;
      expect([error, ports.invocations.length]).to.deep.equal([undefined, 1]);
      expect(ports.logged).to.deep.equal([
        {
          level: "warn",
          message: "upload's metadata ignored",
          jobId: job?.inferenceId.slice(2),
          field: "priority",
          got: priority,
          expected: "low, with priorityEnabled",
        },
      ]);
    }
  });

  it("is another job when the same file is uploaded again", async () => {
    const [first, second] = [await submit(), await submit()];

    expect(first.location).to.have.lengthOf(1);
    expect(second.location).to.have.lengthOf(1).and.not.deep.equal(first.location);
  });

  for (const [what, changes] of [
    ["of another bucket", { bucket: "other" }],
    ["beside the inbox: an output, or a copied input", { key: "output/order.png" }],
    ["of a folder", { key: "inbox/orders/" }],
  ] as const) {
    it(`is left alone ${what}: it would come back for ever`, async () => {
      const { ports, copies, error } = await submit(changes);

      expect([error, ports.invocations, copies, ports.logged]).to.deep.equal([undefined, [], [], []]);
    });
  }

  it("below a prefix that was the inbox's before still becomes a job", async () => {
    expect((await submit({ key: "scans/order.png" })).ports.invocations.length).to.equal(1);
  });

  for (const [what, object] of [
    ["replaced", { eTag: '"another"' }],
    ["deleted", undefined],
  ] as const) {
    it(`that was ${what} before it became a job is in the log, and no job`, async () => {
      const ports = testPorts(jobs);
      const upload = { bucket: "service", key: "inbox/order.png", eTag: '"e"', sequencer: `${++count}` };
      ports.objects.head = () => Promise.resolve(object && { bytes: 9, ...object });
      await submitUpload(ports, settings, upload, Number.MAX_SAFE_INTEGER);

      const [{ jobId, ...line } = {}] = ports.logged;
      expect([line, ports.invocations]).to.deep.equal([
        { level: "warn", message: "upload was replaced or deleted before it became a job" },
        [],
      ]);
      expect(jobId).to.match(/^inbox-[0-9a-f]{32}$/);
    });
  }

  it("that is gone before it was copied fails, to be looked at again", async () => {
    const { error, ports } = await submit({}, {}, false);

    expect(error).to.match(/^NOT_FOUND: inbox-[0-9a-f]{32}: the upload was replaced or deleted before it was copied\./);
    expect(ports.invocations).to.deep.equal([]);
  });

  it("that the endpoint refuses for now fails, to be delivered again: it would wait for the sweeper", async () => {
    const ports = testPorts(jobs);
    const refusal = codedError("UNAVAILABLE", "not yet");
    ports.objects.head = () => Promise.resolve({ bytes: 9, eTag: '"e"' });
    ports.objects.copy = () => Promise.resolve(true);
    ports.outcomes.push(...Array.from({ length: 6 }, () => ({ kind: "refused" as const, error: refusal })));
    const upload = { bucket: "service", key: "inbox/order.png", eTag: "e", sequencer: `${++count}` };

    const thrown = await submitUpload(ports, settings, upload, Number.MAX_SAFE_INTEGER).catch((error: unknown) => error);

    expect((thrown as { coded: unknown }).coded).to.deep.equal(refusal);
  });

  it("goes on although it was replaced or deleted meanwhile, once it is a job: its copy is what counts", async () => {
    for (const later of [undefined, { bytes: 9, eTag: '"another"' }, { bytes: 2 * 1024 ** 3, eTag: '"e"' }]) {
      const ports = testPorts(jobs);
      const refused = { kind: "refused" as const, error: codedError("UNAVAILABLE", "not yet") };
      ports.outcomes.push(...Array.from({ length: 6 }, () => refused));
      const { error, run, copies } = await submit({}, {}, true, ports);
      const calls = ports.invocations.length;
      ports.outcomes.length = 0;
      ports.objects.head = () => Promise.resolve(later);
      ports.pass(3600);

      expect([error?.startsWith("UNAVAILABLE: not yet"), await run()]).to.deep.equal([true, undefined]);
      expect([ports.invocations.length - calls, copies.length, ports.logged.length]).to.deep.equal([1, 1, 1]);
    }
  });

  it("without a number of the change, as some emulators report it, is told apart by its key and its ETag", async () => {
    const ids = new Set<string | undefined>();
    for (const [key, eTag] of [
      ["inbox/same.png", "1"],
      ["inbox/same.png", "1"],
      ["inbox/same.png", "2"],
      ["inbox/other.png", "1"],
    ] as const)
      for (const { inferenceId } of (await submit({ key, eTag, sequencer: "" }, { eTag })).ports.invocations) ids.add(inferenceId);

    expect(ids.size).to.equal(3);
  });

  it("is the same object with its ETag in quotes or without: events have none, headers do", async () => {
    const quoted = [
      ['"e"', "e"],
      ["e", '"e"'],
      ['"e"', '"e"'],
    ] as const;
    for (const [told, eTag] of quoted) expect((await submit({ eTag: told }, { eTag })).ports.invocations).to.have.length(1);
  });

  for (const [stored, key, contentType] of [
    ["text/csv", "inbox/table.png", "text/csv"],
    ["binary/octet-stream", "inbox/scan.png", "image/png"],
    ["binary/octet-stream", "inbox/scan", "binary/octet-stream"],
    [undefined, "inbox/scan", undefined],
  ] as const) {
    it(`of ${key}, stored as ${stored}, reaches the container as ${contentType}`, async () => {
      const { ports } = await submit({ key }, stored === undefined ? {} : { contentType: stored });

      const [invocation] = ports.invocations;
      expect(invocation?.contentType).to.equal(contentType);
      const job = await jobs.get(invocation?.inferenceId.slice(2) ?? "");
      expect(job).to.include({ state: "SUBMITTED", inputBytes: 9 });
      expect("contentType" in (job ?? {})).to.equal(contentType !== undefined);
    });
  }

  describe("of a service with priorities", () => {
    const room: LowRoom = {
      jobId: lowRoomKey,
      schemaVersion: 1,
      backlog: 2,
      fairBy: "Customer",
      free: 2,
      waiting: false,
      turn: 0,
      countedAt: "2026-01-25T22:46:00.000Z",
    };

    /** The job of an upload with this metadata, and what the log says of it. */
    async function jobOf(metadata: Record<string, string>, changes: Partial<LowRoom> = {}) {
      const { fairBy, ...rest } = { ...room, ...changes };
      const item = fairBy === undefined ? rest : { ...rest, fairBy };
      const table = { ...jobs, get: async (key: string) => (key === lowRoomKey ? item : jobs.get(key)) } as typeof jobs;
      const ports = Object.assign(testPorts(table), { low: { take: () => Promise.resolve(true) } });
      const { error } = await submit({}, { metadata }, true, ports);
      expect([error, ports.invocations.length]).to.deep.equal([undefined, 1]);
      const job = await jobs.get(ports.invocations[0]?.inferenceId.slice(2) ?? "");
      return { priority: job?.priority, metadata: job?.metadata, logged: ports.logged.map(({ got }) => got) };
    }

    it("is low for the customer that its metadata names, whose name S3 hands out in small letters", async () => {
      expect(await jobOf({ priority: "low", customer: "acme", other: "x" })).to.deep.equal({
        priority: "low",
        metadata: { Customer: "acme", inboxKey: "inbox/order.png" },
        logged: [],
      });
      const long = await jobOf({ priority: "low", customer: "😀".repeat(1025) });
      expect(long.metadata?.["Customer"]).to.equal("😀".repeat(1024));
    });

    it("is low for nobody when it names none, or when all jobs are for the same", async () => {
      const nobody = { priority: "low", metadata: { inboxKey: "inbox/order.png" }, logged: [] };
      expect(await jobOf({ priority: "low" })).to.deep.equal(nobody);
      expect(await jobOf({ priority: "low", undefined: "x" }, { fairBy: undefined })).to.deep.equal(nobody);
    });

    it("is an ordinary one when it says nothing, or normal, without a word in the log", async () => {
      const ordinary = { priority: undefined, metadata: { inboxKey: "inbox/order.png" }, logged: [] };
      expect(await jobOf({ customer: "acme" })).to.deep.equal(ordinary);
      expect(await jobOf({ priority: "normal", customer: "acme" })).to.deep.equal(ordinary);
    });

    it("is an ordinary one when it asks for what there is not, which the log shows to 80 characters", async () => {
      const ordinary = { priority: undefined, metadata: { inboxKey: "inbox/order.png" } };
      expect(await jobOf({ priority: "x".repeat(81) })).to.deep.equal({ ...ordinary, logged: ["x".repeat(80)] });
      expect(await jobOf({ priority: "low" }, { backlog: 0 })).to.deep.equal({ ...ordinary, logged: ["low"] });
    });
  });
});
