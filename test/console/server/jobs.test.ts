import { expect } from "chai";
import { hasMetadata, listPart, rowOf } from "../../../console/server/jobs";
import { readFilter } from "../../../console/server/api";
import type { JobFilter } from "../../../console/contract";
import { endStandInJob, standInJob, standInService, type StandIn } from "../../../doubles/consoleService";

const start = Date.parse("2026-01-25T10:00:00.000Z");

/** Reads part after part, each of so many jobs. */
async function all({ service }: StandIn, filter: JobFilter, size: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const part = await listPart(service.client, filter, cursor, size);
    ids.push(...part.jobs.map(({ jobId }) => jobId));
    cursor = part.next;
  } while (cursor !== undefined);
  return ids;
}

describe("the console's list of jobs", () => {
  let standIn: StandIn;
  beforeEach(() => {
    standIn = standInService();
    // Three at each moment: a part may end between two of them.
    for (let index = 0; index < 10; index++) standIn.jobs.push(standInJob(`job-${index}`, start + Math.floor(index / 3) * 1000));
  });

  it("comes in parts, newest first, without a gap or a job twice, where a part ends between jobs of one moment", async () => {
    const newestFirst = standIn.jobs.map(({ jobId }) => jobId).reverse();
    for (const size of [1, 2, 3, 4, 10, 11]) expect(await all(standIn, {}, size), `parts of ${size}`).to.deep.equal(newestFirst);
  });

  it("reads no more than the part that was asked for", async () => {
    await listPart(standIn.service.client, {}, undefined, 4);
    expect(standIn.listed).to.equal(5);
  });

  it("is narrowed by state, open ones, beginning of the id, code and metadata", async () => {
    endStandInJob(standIn.jobs[1] as never, start + 5000);
    endStandInJob(standIn.jobs[2] as never, start + 5000, "FAILED");
    Object.assign(standIn.jobs[2] as object, { metadata: { tenant: "acme", page: "17" } });

    expect(await all(standIn, { state: "COMPLETED" }, 4)).to.deep.equal(["job-1"]);
    expect(await all(standIn, { state: "OPEN" }, 4))
      .to.have.lengthOf(8)
      .and.not.include("job-1");
    expect(await all(standIn, { id: "job" }, 4)).to.have.lengthOf(10);
    expect(await all(standIn, { id: "job-7" }, 4)).to.deep.equal(["job-7"]);
    expect(await all(standIn, { code: "MODEL_ERROR" }, 4)).to.deep.equal(["job-2"]);
    expect(await all(standIn, { code: "TIMEOUT" }, 4)).to.deep.equal([]);
    expect(await all(standIn, { metadata: "tenant=acme" }, 4)).to.deep.equal(["job-2"]);
    expect(await all(standIn, { metadata: "17" }, 4)).to.deep.equal(["job-2"]);
  });

  it("finds a job by its whole id though it is older than what is listed", async () => {
    const { jobs } = await listPart(standIn.service.client, { id: "job-3", since: "2026-02-01T00:00:00Z" }, undefined);
    expect(jobs.map(({ jobId }) => jobId)).to.deep.equal(["job-3"]);
  });

  it("takes metadata by key and whole value, or by a part of any value", () => {
    const job = { metadata: { tenant: "acme", formula: "a=b" } };
    const wanted = { "tenant=acme": true, "tenant=ac": false, ac: true, "formula=a=b": true, tenant: false };
    for (const [text, found] of Object.entries(wanted)) expect(hasMetadata(job, text), text).to.equal(found);
    expect(hasMetadata({}, "x")).to.equal(false);
  });

  it("has a row's code and times", () => {
    const job = standInJob("one", start);
    endStandInJob(job, start + 1500, "FAILED");
    expect(rowOf(job)).to.deep.equal({
      jobId: "one",
      state: "FAILED",
      endpointName: "ocr",
      createdAt: "2026-01-25T10:00:00.000Z",
      endedAt: "2026-01-25T10:00:01.500Z",
      code: "MODEL_ERROR",
    });
  });

  it("ignores fields that were left empty", () => {
    expect(readFilter(new URLSearchParams("state=&code=&id=a&cursor="))).to.deep.equal({ id: "a" });
  });
});
