import { expect } from "chai";
import { codedError } from "../../../core/records/errors";
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
    object: { eTag?: string; metadata?: Record<string, string> } | undefined = {},
    copied = true,
  ) {
    const ports = testPorts(jobs);
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
});
