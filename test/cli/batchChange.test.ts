import { expect } from "chai";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { BatchJob, BatchStatus } from "../../local/s3/batch/job";
import { describedJob, listedJobs, xmlOf } from "../../local/s3/batch/write";
import type { WireResponse } from "../../local/wire";
import { serviceOutputs } from "../../testing/outputs";
import { runHere } from "./inProcess";
import { temporaryFolder } from "./support";

const batch: BatchJob = {
  id: "new",
  arn: "arn:aws:s3:eu-west-1:123456789012:job/new",
  status: "Active",
  confirmationRequired: false,
  description: `sagemaker-async batch scans of ${serviceOutputs.endpointName}`,
  functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:ocr-batch",
  schemaVersion: "2.0",
  userArguments: { batch: "scans" },
  source: { kind: "generator", sourceBucketArn: "arn:aws:s3:::scans", prefixes: ["2026/"] },
  report: undefined,
  priority: 10,
  roleArn: "arn:aws:iam::123456789012:role/ocr-batch-engine",
  clientRequestToken: "t",
  createdAt: Date.UTC(2026, 0, 25, 12),
  endedAt: undefined,
  activeMilliseconds: 0,
  total: 40,
  succeeded: 13,
  failed: 0,
  failure: undefined,
};
const older = { ...batch, id: "old", createdAt: batch.createdAt - 60_000 };

describe("what batch asks of S3's jobs", () => {
  const folder = temporaryFolder();
  const asked: string[] = [];
  let jobs: BatchJob[] = [];
  let server: Server;

  /** S3's control plane, in which a job that Lists as Active may have ended. */
  const answer = (method: string, url: URL): WireResponse => {
    const [, , , id, action] = url.pathname.split("/");
    const job = jobs.find((each) => each.id === id);
    if (id === undefined) {
      if (method === "GET") return listedJobs(jobs, url.searchParams);
      asked.push("create");
      return xmlOf("CreateJobResult", [["JobId", "created"]]);
    }
    if (job && action === undefined) return describedJob(job);
    if (job?.endedAt !== undefined) return { status: 400, body: "<Error><Code>JobStatusException</Code><Message>ended</Message></Error>" };
    asked.push(`${id} ${url.searchParams.get("requestedJobStatus")}`);
    return xmlOf("UpdateJobStatusResult", [["JobId", id]]);
  };

  before(async () => {
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        const { status, headers, body } = answer(request.method ?? "", new URL(request.url ?? "", "http://s3"));
        response.writeHead(status, headers).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const outputs = { ...serviceOutputs, batchFunctionArn: batch.functionArn, batchRoleArn: batch.roleArn, inputBuckets: "scans" };
    const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(path.join(folder.path, "outputs.json"), JSON.stringify({ endpointUrl, outputs }));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    folder.remove();
  });

  const cli = async (known: BatchJob[], ...args: string[]) => {
    jobs = known;
    asked.length = 0;
    const { code, out, err } = await runHere(["batch", ...args, "--outputs", "outputs.json"], { directory: folder.path });
    return { code, out, err, asked: [...asked] };
  };

  it("stops every job that goes over the batch: an older one would go on making jobs, and no command would reach it", async () => {
    const others = { ...batch, id: "others", description: "sagemaker-async batch scans-2 of ocr" };
    const known = [{ ...older, status: "Suspended" as const }, older, { ...older, id: "done", status: "Complete" as const }, others, batch];
    const { code, out, err, asked: changes } = await cli(known, "stop", "scans");

    expect([code, changes]).to.deep.equal([0, ["new Cancelled", "old Cancelled", "old Cancelled"]]);
    expect(out).to.equal("Batch scans is being stopped: S3 gives out no more of its objects.\n");
    expect(err).to.match(/^Those given out may still become jobs, for up to five minutes\./);
    const older2 = await cli([older, { ...batch, status: "Cancelled" }], "stop", "scans", "--json");
    expect(JSON.parse(older2.out)).to.deep.equal({ batchId: "scans", s3JobId: "old", s3JobIds: ["old"] });
  });

  it("stops what is left when a job ends meanwhile, and says so when there is nothing to stop", async () => {
    const { code, asked: changes } = await cli([older, { ...batch, endedAt: 1 }], "stop", "scans");
    expect([code, changes]).to.deep.equal([0, ["old Cancelled"]]);
    const ended = await cli([{ ...batch, endedAt: 1 }], "stop", "scans");
    expect([ended.code, ended.err]).to.deep.equal([
      1,
      "error: Batch scans is ending: S3 gives out no more of its objects.\n       Nothing is left to stop. cancel ends single jobs.\n",
    ]);
    expect((await cli([{ ...batch, status: "Complete" }], "stop", "scans")).err).to.contain("Batch scans has ended: it is Complete.");
    expect((await cli([{ ...batch, status: "Cancelling" }], "stop", "scans")).asked).to.deep.equal([]);
  });

  const advice: [status: BatchStatus, confirmationRequired: boolean, words: string][] = [
    ["Cancelling", false, "It is being stopped. When batch status says Cancelled, batch resume goes on with it."],
    ["Failing", false, "It is ending. When batch status says Failed, batch resume goes over it again."],
    ["Preparing", true, "S3 counts its objects. When batch status says Suspended, batch resume starts it."],
    ["Preparing", false, "It goes on by itself."],
    ["Active", true, "It goes on by itself."],
  ];
  for (const [status, confirmationRequired, words] of advice) {
    it(`says what becomes of a batch that can't be resumed while it is ${status}${confirmationRequired ? ", to be confirmed" : ""}`, async () => {
      const { code, err, asked: changes } = await cli([{ ...batch, status, confirmationRequired }], "resume", "scans");
      expect([code, err, changes]).to.deep.equal([1, `error: Batch scans is ${status}.\n       ${words}\n`, []]);
    });
  }

  it("refuses other objects under a batch's id: its progress and its results would be about two lists", async () => {
    const create = ["create", "--id", "scans", "--prefix"];
    const { code, err, asked: changes } = await cli([older], ...create, "s3://scans/fold/");
    expect([code, changes]).to.deep.equal([2, []]);
    expect(err).to.equal(
      "error: --id: got scans, expected an id of its own: batch scans is over s3://scans/2026/, this is s3://scans/fold/. Give these objects " +
        "another id, or none: create makes one. If the batch was a mistake and made no job, batch stop frees its id.\n",
    );
    expect((await cli([{ ...older, status: "Complete" }], ...create, "s3://scans/fold/")).code).to.equal(2);
    const manifest = { kind: "manifest", format: "S3BatchOperations_CSV_20180820", fields: ["Bucket", "Key"], objectArn: "a", eTag: "e" };
    expect((await cli([{ ...older, source: manifest as BatchJob["source"] }], ...create, "s3://scans/2026/")).code).to.equal(2);
  });

  it("takes the same objects again, and others after a batch that made no job: a misspelled prefix must not use up an id", async () => {
    const again = await cli([older], "create", "--id", "scans", "--prefix", "s3://scans/2026/");
    expect([again.code, again.asked]).to.deep.equal([0, ["create"]]);
    const nothing = { ...older, status: "Failed" as const, succeeded: 0 };
    const mended = await cli([nothing], "create", "--id", "scans", "--prefix", "s3://scans/fold/", "--confirm");
    expect([mended.code, mended.asked]).to.deep.equal([0, ["create"]]);
    expect(mended.err).to.contain("Once it is Suspended, it waits for:\n  ");
    expect(mended.err).to.match(/ batch resume scans --outputs outputs\.json$/m);
  });

  it("refuses --fields where it would be ignored", async () => {
    for (const source of [
      ["--prefix", "s3://scans/"],
      ["--manifest", "objects.csv"],
      ["--manifest", "s3://scans/manifest.json"],
    ]) {
      const { code, err, asked: changes } = await cli([], "create", ...source, "--fields", "Bucket,Key");
      expect([code, err, changes]).to.deep.equal([
        2,
        `error: --fields: got it with ${source.join(" ")}, expected a CSV in S3 (--manifest s3://…): leave it out\n`,
        [],
      ]);
    }
  });
});
