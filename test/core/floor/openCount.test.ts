import { expect } from "chai";
import type { SubmitAnswer } from "../../../core/messages/answer";
import type { JobRecord } from "../../../core/records/job";
import { openCountReader, readOpenCount } from "../../../core/floor/openCount";
import type { OpenCount } from "../../../core/records/items";
import type { Jobs } from "../../../core/ports";
import { answerRequest } from "../../../core/lifecycle/submit";
import { startJobTable, testPorts, testSettings } from "../../support/jobPorts";

const never = Number.MAX_SAFE_INTEGER;

describe("a flood of jobs", () => {
  let jobs: Jobs;
  let table: Awaited<ReturnType<typeof startJobTable>>;
  const countedAt = "2026-01-25T22:45:00.000Z";

  beforeEach(async () => {
    table = await startJobTable();
    jobs = table.jobs;
  });

  afterEach(() => table.close());

  const counted = async (open: number) => {
    const count: OpenCount = { jobId: "#count", schemaVersion: 1, open, states: { ACCEPTED: 0, INVOKING: 0, SUBMITTED: open }, countedAt };
    await jobs.create(count as unknown as JobRecord);
    return count;
  };
  const submit = (jobId: string, maxOpenJobs: number, ports = testPorts(jobs)): Promise<SubmitAnswer> =>
    answerRequest(ports, { ...testSettings, maxOpenJobs }, { jobId, input: 1 }, never);

  it("is refused at maxOpenJobs, before its jobs would wait for so long that they expire, and leaves nothing behind", async () => {
    await counted(5);

    expect(await submit("one-too-many", 5)).to.deep.equal({
      statusCode: 429,
      jobId: "one-too-many",
      error: {
        code: "LIMIT",
        message: "5 jobs were open at 2026-01-25T22:45:00.000Z, of at most 5 (maxOpenJobs).",
        retryable: true,
        advice: "Wait until jobs have ended, or raise the limit.",
      },
    });
    expect(await jobs.get("one-too-many")).to.equal(undefined);
  });

  it("leaves room for those who came before: the same request again finds its job", async () => {
    await submit("early", 5);
    await counted(5);

    expect((await submit("early", 5)).statusCode).to.equal(202);
  });

  for (const [what, open, maxOpenJobs] of [
    ["below the limit", 4, 5],
    ["without a limit", 1_000_000, 0],
  ] as const) {
    it(`is taken ${what}`, async () => {
      await counted(open);

      expect((await submit("taken", maxOpenJobs)).statusCode).to.equal(202);
    });
  }

  it("is taken before anybody has counted, and when the one who counts has died", async () => {
    expect((await submit("first", 5)).statusCode).to.equal(202);
    const count = await counted(5);
    expect(await readOpenCount(jobs)).to.deep.equal(count);
    // Believed for ten minutes.
    const at = (seconds: number) => {
      const ports = testPorts(jobs);
      ports.clock.now = () => Date.parse(countedAt) + seconds * 1000;
      return ports;
    };

    expect((await submit("early", 5, at(600))).statusCode).to.equal(429);
    expect((await submit("later", 5, at(600.001))).statusCode).to.equal(202);
  });

  it("reads the count once in five seconds, so that no job waits for it although nobody has counted yet", async () => {
    const ports = testPorts(jobs);
    let [now, reads] = [0, 0];
    ports.clock.now = () => now;
    const get: Jobs["get"] = (key) => (reads++, jobs.get(key));
    const read = openCountReader({ ...ports, jobs: { ...jobs, get } });

    expect([await read(), await read(), reads]).to.deep.equal([undefined, undefined, 1]);
    const count = await counted(5);
    now = 4999;
    expect([await read(), reads]).to.deep.equal([undefined, 1]);
    now = 5000;
    expect([await read(), await read(), reads]).to.deep.equal([count, count, 2]);
  });
});
