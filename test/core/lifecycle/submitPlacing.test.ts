import { expect } from "chai";
import type { SubmitAnswer } from "../../../core/messages/answer";
import { codedError } from "../../../core/records/errors";
import type { Jobs } from "../../../core/ports";
import type { JobRecord } from "../../../core/records/job";
import { answerRequest, recordInputBytes, submitJob, type SubmitPorts } from "../../../core/lifecycle/submit";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

const never = Number.MAX_SAFE_INTEGER;
const countedAt = "2026-01-25T22:45:30.000Z";

describe("a request that is accepted", () => {
  const jobs = suiteJobs();
  let count = 0;
  const newId = () => `job-${++count}`;
  const answer = (
    request: object,
    ports: SubmitPorts = testPorts(jobs),
    settings = testSettings,
    giveUpAt = never,
  ): Promise<SubmitAnswer> => answerRequest(ports, settings, request, giveUpAt);
  const record = async (jobId: string) => (await jobs.get(jobId)) as JobRecord;
  /** The JSON text `"xx…"` of so many bytes. */
  const inputOf = (bytes: number) => "x".repeat(bytes - 2);
  const forms = ({ invocations }: TestPorts) =>
    invocations.map(({ input }) => ("location" in input ? input.location : input.body.byteLength));

  it("is due in two minutes while nobody has called the endpoint: whoever accepted it may have died", async () => {
    const jobId = newId();
    const ports = { ...testPorts(jobs), floor: { isUp: async () => true, hold: async () => "2026-01-25T22:40:00.000Z" } };
    const { state } = await answer({ jobId, input: 1 }, ports);
    const { createdAt, dueAt = "" } = await record(jobId);

    expect([state, Date.parse(dueAt) - Date.parse(createdAt)]).to.deep.equal(["ACCEPTED", 120_000]);
    expect(ports.invocations).to.deep.equal([]);
    expect([...ports.stored.keys()]).to.deep.equal([`s3://service/input/${jobId}/request.json`]);
  });

  it("is one that the floor holds, also when it was accepted before; one that was invoked is no more held", async () => {
    const jobId = newId();
    let held: string | undefined = countedAt;
    const ports = { ...testPorts(jobs), floor: { isUp: async () => true, hold: async () => held } };

    expect((await answer({ jobId, input: 1 }, ports)).state).to.equal("ACCEPTED");
    expect((await answer({ jobId, input: 1 }, ports)).state).to.equal("ACCEPTED");
    held = undefined;
    expect((await answer({ jobId, input: 1 }, ports)).state).to.equal("SUBMITTED");
    held = countedAt;
    expect((await answer({ jobId, input: 1 }, ports)).state).to.equal("SUBMITTED");
    expect(ports.invocations).to.have.length(1);
  });

  describe("has its input", () => {
    it("in S3 and in the first call, until the endpoint is known to take one in the call", async () => {
      for (const [bytes, takesInput, expected] of [
        [recordInputBytes, undefined, recordInputBytes],
        [recordInputBytes + 1, undefined, "location"],
        [recordInputBytes, false, "location"],
      ] as const) {
        const jobId = newId();
        const ports = testPorts(jobs);
        ports.takesInput = takesInput;
        await answer({ jobId, input: inputOf(bytes) }, ports);
        const location = `s3://service/input/${jobId}/request.json`;

        expect(forms(ports), `${bytes} bytes, ${takesInput}`).to.deep.equal([expected === "location" ? location : expected]);
        expect([...ports.stored.keys()]).to.deep.equal([location]);
        expect(await record(jobId)).not.to.have.property("input");
        const input = ports.invocations[0]?.input as { place?: () => Promise<string> };
        if (expected !== "location") expect(await input.place?.()).to.equal(location);
      }
    });

    it("in its record alone when the endpoint takes it in the call, up to 16,384 bytes; a larger one stays in S3", async () => {
      const kept = newId();
      const large = newId();
      const ports = testPorts(jobs);
      ports.takesInput = true;
      await answer({ jobId: kept, input: inputOf(recordInputBytes) }, ports);

      expect([forms(ports), [...ports.stored.keys()]]).to.deep.equal([[recordInputBytes], []]);
      const found = await record(kept);
      expect([found.state, found.attempt, found.inputInCall]).to.deep.equal(["SUBMITTED", 1, true]);
      await answer({ jobId: large, input: inputOf(recordInputBytes + 1) }, ports);
      const location = `s3://service/input/${large}/request.json`;
      expect([forms(ports)[1], [...ports.stored.keys()]]).to.deep.equal([location, [location]]);
    });

    it("in its record, and is not placed either, when the floor is not up", async () => {
      const jobId = newId();
      const asked: string[] = [];
      const hold = async () => void asked.push("hold");
      const ports = { ...testPorts(jobs), takesInput: true, floor: { isUp: async () => false, hold: hold } };
      ports.endpoint = { ...ports.endpoint, takesInput: () => true };
      await answer({ jobId, input: 1 }, ports);

      expect([asked, [...ports.stored.keys()]]).to.deep.equal([["hold"], []]);
      expect((await record(jobId)).state).to.equal("SUBMITTED");
    });
  });

  it("in one write is invoked by whoever wrote it, also when the write was sent twice; another's call is left to him", async () => {
    const ports = testPorts(jobs);
    ports.takesInput = true;
    const [mine, others] = [newId(), newId()];
    const written = { ...ports, jobs: { ...jobs, create: async (job: JobRecord) => (await jobs.create(job), false) } };
    expect((await answer({ jobId: mine, input: 1 }, written)).state).to.equal("SUBMITTED");

    const first = { ...ports, endpoint: { ...ports.endpoint, invoke: () => Promise.reject(new Error("died")) } };
    await answer({ jobId: others, input: 1 }, first).catch(() => undefined);
    const calls = ports.invocations.length;
    expect((await answer({ jobId: others, input: 1 }, ports)).state).to.equal("INVOKING");
    expect(ports.invocations).to.have.length(calls);
  });

  it("takes two writes when nothing is to be done before its call, which is all that a table is asked for", async () => {
    const ports = testPorts(jobs);
    const states: string[] = [];
    const create: Jobs["create"] = (job) => (states.push(job.state), jobs.create(job));
    const change: Jobs["change"] = (jobId, expected, to) => (states.push(String(to.set?.state)), jobs.change(jobId, expected, to));
    const counted = { ...ports, jobs: { ...jobs, create, change } };
    const twoWrites = ["INVOKING", "SUBMITTED"];

    await submitJob(counted, testSettings, newId(), { input: null }, { location: "s3://service/input/there", hash: "h" }, never);
    expect(states.splice(0)).to.deep.equal(twoWrites);
    ports.takesInput = true;
    await answer({ jobId: newId(), input: 1 }, counted);
    expect(states.splice(0)).to.deep.equal(twoWrites);
    ports.takesInput = false;
    await answer({ jobId: newId(), input: 1 }, counted);
    expect(states).to.deep.equal(["ACCEPTED", ...twoWrites]);
  });

  it("is not invoked by a writer whose answer came so late that the job was submitted by another", async () => {
    const ports = testPorts(jobs);
    ports.takesInput = true;
    const jobId = newId();
    const create: Jobs["create"] = async (job) => {
      await jobs.create(job);
      await jobs.change(job.jobId, { states: ["INVOKING"] }, { set: { state: "SUBMITTED" } });
      return false;
    };

    expect((await answer({ jobId, input: 1 }, { ...ports, jobs: { ...jobs, create } })).state).to.equal("SUBMITTED");
    expect(ports.invocations).to.deep.equal([]);
  });

  it("has its input placed once: the same request again does not write an object that was cleaned up", async () => {
    const ports = testPorts(jobs);
    const jobId = newId();
    await answer({ jobId, input: 1 }, ports);
    ports.stored.clear();

    expect((await answer({ jobId, input: 1 }, ports)).state).to.equal("SUBMITTED");
    expect([...ports.stored.keys()]).to.deep.equal([]);
  });

  it("goes on by the same request after its caller died on the call, also while new jobs are held", async () => {
    const ports = testPorts(jobs);
    const jobId = newId();
    const dying = { ...ports, endpoint: { ...ports.endpoint, invoke: () => Promise.reject(new Error("died")) } };
    await answer({ jobId, input: 1 }, dying).catch(() => undefined);
    ports.pass(121);
    const held = { ...ports, floor: { isUp: async () => true, hold: async () => countedAt } };

    expect(await answer({ jobId, input: 1 }, held)).to.include({ state: "SUBMITTED", inferenceId: `2.${jobId}` });
  });

  it("has the input that its record keeps put to S3 for a service that turns out to take none in the call", async () => {
    const jobId = newId();
    const knowing = { ...testPorts(jobs), floor: { isUp: async () => false, hold: async () => countedAt } };
    knowing.endpoint = { ...knowing.endpoint, takesInput: () => true };
    await answer({ jobId, input: 1 }, knowing);
    const ports = testPorts(jobs);
    await answer({ jobId, input: 1 }, ports);
    const location = `s3://service/input/${jobId}/request.json`;
    const input = ports.invocations[0]?.input as { place: () => Promise<string> };

    expect([await input.place(), [...ports.stored.keys()]]).to.deep.equal([location, [location]]);
  });

  it("whose record is gone when it is read is to be submitted again", async () => {
    const jobId = newId();
    const ports = { ...testPorts(jobs), jobs: { ...jobs, create: async () => false, get: async () => undefined } as typeof jobs };

    expect((await answer({ jobId, input: 1 }, ports)).error).to.deep.equal(
      codedError("UNAVAILABLE", `The record of job ${jobId} was deleted while it was being read.`),
    );
  });

  it("of a job that has ended is answered with its end, which is announced when nobody did", async () => {
    const jobId = newId();
    const ports = testPorts(jobs);
    await answer({ jobId, input: 1 }, ports);
    await jobs.change(
      jobId,
      { states: ["SUBMITTED"] },
      { set: { state: "FAILED", endedAt: countedAt, error: codedError("TIMEOUT", "late") } },
    );

    expect((await answer({ jobId, input: 1 }, ports)).state).to.equal("FAILED");
    expect(ports.published.map(({ job }) => job.jobId)).to.deep.equal([jobId]);
    expect(ports.invocations).to.have.length(1);
  });

  describe("waits for the end", () => {
    /** Ports whose job ends after so many looks at it. */
    const endingAfter = (looks: number) => {
      const ports = testPorts(jobs);
      const began = ports.clock.now();
      let left = looks;
      const get = async (jobId: string) => {
        if (left-- === 0) await jobs.change(jobId, { states: ["SUBMITTED"] }, { set: { state: "CANCELLED", endedAt: countedAt } });
        return jobs.get(jobId);
      };
      const passed = () => Math.round((ports.clock.now() - began) / 100) / 10;
      return { ...ports, jobs: { ...jobs, get } as typeof jobs, passed };
    };

    it("and gives up early enough that the answer comes within waitSeconds, or before its function must end", async () => {
      for (const [waitSeconds, functionSeconds, looks, expected] of [
        [undefined, 900, 1, { state: "SUBMITTED", statusCode: 202, seconds: 0 }],
        [0, 900, 1, { state: "SUBMITTED", statusCode: 202, seconds: 0 }],
        [60, 900, 2, { state: "CANCELLED", statusCode: 200, seconds: 0.8 }],
        [60, 900, 1000, { state: "SUBMITTED", statusCode: 202, seconds: 55 }],
        [840, 900, 1000, { state: "SUBMITTED", statusCode: 202, seconds: 835 }],
        [5, 900, 1000, { state: "SUBMITTED", statusCode: 202, seconds: 4.5 }],
        [1, 900, 1000, { state: "SUBMITTED", statusCode: 202, seconds: 0.9 }],
        [60, 2, 1000, { state: "SUBMITTED", statusCode: 202, seconds: 2 }],
      ] as const) {
        const ports = endingAfter(looks);
        const jobId = newId();
        const request = { jobId, input: 1, ...(waitSeconds !== undefined && { waitSeconds }) };
        const { state, statusCode, ...told } = await answer(request, ports, testSettings, ports.clock.now() + functionSeconds * 1000);

        expect({ state, statusCode, seconds: ports.passed() }, JSON.stringify(request)).to.deep.equal(expected);
        expect(told.jobId).to.equal(jobId);
      }
    });

    it("counted from the call's arrival: what submitting took is not added", async () => {
      const ports = endingAfter(1000);
      const hold = async () => void (await ports.clock.sleep(30_000));
      const { statusCode } = await answer(
        { jobId: newId(), input: 1, waitSeconds: 60 },
        { ...ports, floor: { isUp: async () => true, hold } },
      );

      expect([statusCode, ports.passed()]).to.deep.equal([202, 55]);
    });

    it("and starts no further call after that, nor after ten seconds when waitSeconds are fewer", async () => {
      const callsOf = async (waitSeconds: number, slowSeconds: number) => {
        const ports = endingAfter(1000);
        let calls = 0;
        const invoke = async () => {
          calls++;
          await ports.clock.sleep(slowSeconds * 1000);
          return { kind: "refused" as const, error: codedError("THROTTLED", "slow down") };
        };
        const { statusCode } = await answer(
          { jobId: newId(), input: 1, waitSeconds },
          { ...ports, endpoint: { ...ports.endpoint, invoke } },
        );
        return [statusCode, calls];
      };

      expect(await callsOf(60, 20)).to.deep.equal([429, 3]);
      expect(await callsOf(5, 9)).to.deep.equal([429, 2]);
      expect(await callsOf(0, 9)).to.deep.equal([429, 6]);
    });

    it("not of a job that the endpoint refused: nothing comes of it meanwhile", async () => {
      const ports = endingAfter(1000);
      ports.outcomes.push(...Array.from({ length: 10 }, () => ({ kind: "refused" as const, error: codedError("THROTTLED", "slow down") })));
      const { error } = await answer({ jobId: newId(), input: 1, waitSeconds: 60 }, ports);

      expect(error?.code).to.equal("THROTTLED");
      expect(ports.passed()).to.be.below(10);
    });
  });

  describe("is refused", () => {
    it("with every field that is out of bounds, and makes no job", async () => {
      const jobId = newId();
      const { error, statusCode } = await answer({ jobId, input: 1, requestTtlSeconds: 1, waitSeconds: -1 });

      expect([statusCode, error?.code]).to.deep.equal([400, "BAD_INPUT"]);
      expect(error?.message).to.match(/requestTtlSeconds.*waitSeconds/s);
      expect(await jobs.get(jobId)).to.equal(undefined);
    });

    it("when as many jobs are open as may be; one that was accepted before is finished all the same", async () => {
      const open = { jobId: "#count", schemaVersion: 1, open: 2, countedAt, states: { ACCEPTED: 0, INVOKING: 0, SUBMITTED: 2 } } as const;
      const limited = { ...testSettings, maxOpenJobs: 2 };
      const [before, after] = [newId(), newId()];
      const limit = codedError("LIMIT", `2 jobs were open at ${countedAt}, of at most 2 (maxOpenJobs).`);
      const held = { ...testPorts(jobs), floor: { isUp: async () => true, hold: async () => countedAt } };
      await answer({ jobId: before, input: 1 }, held);
      const given: SubmitPorts = { ...testPorts(jobs), openCount: async () => open };

      expect((await answer({ jobId: after, input: 1 }, given, limited)).error).to.deep.equal(limit);
      expect((await answer({ jobId: before, input: 1 }, given, limited)).state).to.equal("SUBMITTED");
      expect((await answer({ jobId: newId(), input: 1 }, given, { ...limited, maxOpenJobs: 3 })).state).to.equal("SUBMITTED");
      // Without a reader of its own it reads the sweeper's count.
      const reading = {
        ...testPorts(jobs),
        jobs: { ...jobs, get: async (key: string) => (key === "#count" ? open : jobs.get(key)) } as typeof jobs,
      };
      expect((await answer({ jobId: newId(), input: 1 }, reading, limited)).error).to.deep.equal(limit);
    });

    it("for a number that JavaScript can't hold, with where it is; the same in Base64 is taken as it is", async () => {
      const { error } = await answer({ input: { ids: [1, 2 ** 53] } });

      expect(error).to.deep.equal(
        codedError(
          "BAD_INPUT",
          "input.ids[1]: got about 9007199254740992, expected whole numbers up to 9007199254740991, " +
            "since further digits are lost before this function sees them",
          {
            field: "input",
            advice: "Send the JSON text in Base64 as inputBase64, with contentType application/json, or the number as a string.",
          },
        ),
      );
      const inputBase64 = Buffer.from("9007199254740993").toString("base64");
      expect((await answer({ inputBase64, contentType: "application/json" })).state).to.equal("SUBMITTED");
    });

    it("for an object of another region, in whatever way S3 says so; any other failure stays what it is", async () => {
      const inputLocation = "s3://scans/a.png";
      const allowed = { ...testSettings, allowedInputBuckets: ["scans"] };
      const failing = (failure: object) => {
        const ports = testPorts(jobs);
        ports.objects.head = () => Promise.reject(Object.assign(new Error("no"), failure));
        return answer({ inputLocation }, ports, allowed);
      };
      const elsewhere = (where: string) =>
        codedError(
          "BAD_INPUT",
          `inputLocation: the bucket of ${inputLocation} is in ${where} than the service, expected one in the service's`,
          {
            field: "inputLocation",
            advice: "Copy the object into a bucket in the service's region.",
          },
        );

      expect((await failing({ name: "PermanentRedirect" })).error).to.deep.equal(elsewhere("another region"));
      const known = { name: "Moved", $metadata: { httpStatusCode: 301 }, $response: { headers: { "x-amz-bucket-region": "eu-west-1" } } };
      expect((await failing(known)).error).to.deep.equal(elsewhere("eu-west-1, another region"));
      expect((await failing({ name: "SlowDown" })).error?.code).to.equal("THROTTLED");
    });

    it("for an object of more than a gibibyte, which the endpoint does not take", async () => {
      const inputLocation = "s3://service/input/big.bin";
      const withBytes = (bytes: number) => {
        const ports = testPorts(jobs);
        ports.objects.head = async () => ({ bytes, eTag: "e" });
        return answer({ inputLocation }, ports);
      };

      expect((await withBytes(1024 ** 3)).state).to.equal("SUBMITTED");
      expect((await withBytes(1024 ** 3 + 1)).error).to.deep.equal(
        codedError("BAD_INPUT", `inputLocation: ${inputLocation} has 1073741825 bytes, expected at most 1073741824`, {
          field: "inputLocation",
          advice: "Split the input.",
        }),
      );
    });
  });

  it("is another one for another object at the same place: its ETag says so", async () => {
    const jobId = newId();
    const inputLocation = "s3://service/input/page.png";
    const ports = testPorts(jobs);
    for (const [body, code] of [
      ["a", undefined],
      ["b", "CONFLICT"],
    ] as const) {
      ports.stored.set(inputLocation, { body: Buffer.from(body) });
      expect((await answer({ jobId, inputLocation }, ports)).error?.code).to.equal(code);
    }
  });

  it("may have an input that is there already: nothing is placed", async () => {
    const ports = testPorts(jobs);
    const job = await submitJob(ports, testSettings, newId(), { input: null }, { location: "s3://service/input/there", hash: "h" }, never);

    expect([job.state, [...ports.stored.keys()], forms(ports)]).to.deep.equal(["SUBMITTED", [], ["s3://service/input/there"]]);
  });
});
