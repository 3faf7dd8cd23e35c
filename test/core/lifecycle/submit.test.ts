import { expect } from "chai";
import { codedError } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import { answerRequest, contentOf } from "../../../core/lifecycle/submit";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

const never = Number.MAX_SAFE_INTEGER;

describe("a request", () => {
  const jobs = suiteJobs();
  const settings = { ...testSettings, allowedInputBuckets: ["scans", "archive"] };
  const answer = (request: object, ports: TestPorts = testPorts(jobs)) => answerRequest(ports, settings, request, never);

  it("is in the job's record with all that it says, and the service's settings where it says nothing", async () => {
    const said = {
      contentType: "text/csv",
      accept: "text/plain",
      customAttributes: "c=1",
      invocationTimeoutSeconds: 60,
      requestTtlSeconds: 120,
      onDoubt: "wait",
      metadata: { tenant: "acme" },
      waiter: "client-1",
    } as const;
    await answer({ jobId: "full", inputBase64: Buffer.from("a,b").toString("base64"), ...said });
    await answer({ jobId: "bare", input: { a: 1 } });

    const [full, bare] = [await jobs.get("full"), await jobs.get("bare")];
    expect(full).to.deep.include({ ...said, inputLocation: "s3://service/input/full/input", inputBytes: 3, maxAttempts: 3 });
    expect(bare).to.deep.include({
      inputLocation: "s3://service/input/bare/request.json",
      inputBytes: 7,
      contentType: "application/json",
      invocationTimeoutSeconds: 3600,
      requestTtlSeconds: 21_600,
      onDoubt: "rerun",
      createdDay: "2026-01-25",
    });
    for (const name of ["accept", "customAttributes", "metadata", "waiter"]) expect(bare).not.to.have.property(name);
  });

  it("is accepted before it is sent, by the times of its record too", async () => {
    const ports = testPorts(jobs);
    // Its clock moves with each look.
    await answer({ jobId: "ticks", input: 1 }, { ...ports, endpoint: { ...ports.endpoint, takesInput: () => true } });

    const { createdAt, invokingAt = "" } = (await jobs.get("ticks")) as JobRecord;
    expect(Date.parse(invokingAt)).to.be.greaterThan(Date.parse(createdAt));
  });

  it("of an id that belongs to another input is refused, with when that came, and in the log", async () => {
    await answer({ jobId: "taken", input: 1 });
    const ports = testPorts(jobs);
    const { createdAt } = (await jobs.get("taken")) as JobRecord;

    expect(await answer({ jobId: "taken", input: 2 }, ports)).to.deep.include({
      statusCode: 409,
      jobId: "taken",
      error: codedError("CONFLICT", `jobId: taken is a job with another input, accepted at ${createdAt}.`, { field: "jobId" }),
    });
    expect(ports.logged).to.deep.include({ level: "warn", message: "request refused", jobId: "taken", code: "CONFLICT" });
  });

  it("of an object is refused outside of the allowed places, which it names", async () => {
    for (const [inputLocation, allowed] of [
      ["s3://other/a.png", false],
      ["s3://service/output/a.png", false],
      ["s3://service-2/input/a.png", false],
      ["s3://service/input/a.png", true],
      ["s3://archive/a.png", true],
    ] as const) {
      const ports = testPorts(jobs);
      ports.stored.set(inputLocation, { body: Buffer.from("a") });
      const { error } = await answer({ inputLocation }, ports);

      expect(error).to.deep.equal(
        allowed
          ? undefined
          : codedError(
              "ACCESS_DENIED",
              `inputLocation: got ${inputLocation}, expected an object in one of service/input/, scans, archive`,
              {
                field: "inputLocation",
                advice: "Copy the object there, or have its bucket added to the service's allowed input buckets.",
              },
            ),
      );
    }
  });

  it("of an object that is not there is refused, unless it is the job's own that was cleaned up", async () => {
    const inputLocation = "s3://scans/gone.png";
    const missing = codedError("NOT_FOUND", `inputLocation: there is no object ${inputLocation}`, { field: "inputLocation" });
    const ports = testPorts(jobs);
    ports.stored.set(inputLocation, { body: Buffer.from("a"), contentType: "image/png" });
    await answer({ jobId: "cleaned", inputLocation }, ports);
    ports.stored.clear();

    expect((await answer({ jobId: "cleaned", inputLocation }, ports)).state).to.equal("SUBMITTED");
    expect((await answer({ inputLocation }, ports)).error).to.deep.equal(missing);
    expect((await answer({ jobId: "unknown", inputLocation }, ports)).error).to.deep.equal(missing);
    const other = await answer({ jobId: "cleaned", inputLocation: "s3://scans/other.png" }, ports);
    expect(other.error?.code).to.equal("NOT_FOUND");
  });

  it("whose input is nested too deep to be written is its caller's to correct", async () => {
    const input = JSON.parse(`${"[".repeat(200_000)}${"]".repeat(200_000)}`) as unknown;

    expect((await answer({ input })).error).to.deep.equal(
      codedError("BAD_INPUT", "input: nested too deep, expected a thousand levels at most", { field: "input" }),
    );
  });

  it("that meets a fault of ours fails: an answer would hide it from the alarm", async () => {
    const ports = testPorts(jobs);
    const fault = new TypeError("our own mistake");
    ports.objects.put = () => Promise.reject(fault);

    expect(await answer({ input: 1 }, ports).catch((error: unknown) => error)).to.equal(fault);
  });

  it("that meets a service which is down is answered with what to do, and its job's id", async () => {
    const ports = testPorts(jobs);
    ports.objects.put = () => Promise.reject(Object.assign(new Error("slow down"), { name: "SlowDown" }));

    expect(await answer({ jobId: "throttled", input: 1 }, ports)).to.deep.include({
      statusCode: 429,
      jobId: "throttled",
      error: codedError("THROTTLED", "SlowDown: slow down"),
    });
  });

  it("is offered to the endpoint in the call where that can say it: 1 to 128,000 bytes", () => {
    const sizes = [0, 1, 128_000, 128_001].map((bytes) => contentOf(new Uint8Array(bytes))?.byteLength);

    expect(sizes).to.deep.equal([undefined, 1, 128_000, undefined]);
  });
});
