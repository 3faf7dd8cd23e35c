import { expect } from "chai";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { BatchProgress } from "../../cli/batchProgress";
import type { AsyncInferenceOutputs } from "../../outputs";
import { testProgram } from "../support/cloudContext";
import { CloudUnderTest } from "../support/service";
import { runHere } from "./inProcess";
import { lines, temporaryFolder } from "./support";

describe("sagemaker-async batch on the embedded cloud", () => {
  const folder = temporaryFolder();
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;

  before(async () => {
    cloud = await CloudUnderTest.start({ metricDelaySeconds: 0 });
    outputs = await cloud.deployOwn({
      "sagemaker-async-inference:batchEnabled": "true",
      "sagemaker-async-inference:inputBuckets": '["scans"]',
      "sagemaker-async-inference:priorityEnabled": "true",
      "sagemaker-async-inference:lowPriorityFairBy": "tenant",
    });
    const bucket = { urn: "", type: "aws:s3/bucket:Bucket", name: "scans", program: testProgram };
    await cloud.cloud.resources.resources?.["aws:s3/bucket:Bucket"]?.create({ ...bucket, inputs: { bucket: "scans" } });
    await cloud.put("scans", "2026/a b.json", '{"page":1}');
    await cloud.put("scans", "2026/c.json", '{"page":2}');
    await cloud.put("scans", "other.json", '{"page":3}');
    await cloud.put("scans", "folder/", "{}");
    await cloud.put("scans", "folder/broken.json", '{"model":"error","status":400}');
    writeFileSync(path.join(folder.path, "outputs.json"), JSON.stringify({ endpointUrl: cloud.cloud.endpointUrl, outputs }));
  });
  after(async () => {
    await cloud.close();
    folder.remove();
  });

  const sweep = () => cloud.lambda.send(new InvokeCommand({ FunctionName: outputs.sweepFunctionName }));
  const cli = (...args: string[]) => runHere([...args, "--outputs", "outputs.json"], { directory: folder.path });
  const json = async (...args: string[]) => {
    const { code, out, err } = await cli(...args, "--json");
    expect(err).to.equal("");
    return { code, objects: lines(out) };
  };
  const followed = async (...args: string[]) => {
    const { code, objects } = await json(...args);
    return { code, last: objects.at(-1) as unknown as BatchProgress };
  };

  it("refuses a low batch before its service has priorities, and metadata that would hide the batch's own", async () => {
    const create = ["batch", "create", "--prefix", "s3://scans/2026/"];
    // The sweeper, which makes priorities known, has not run yet.
    const early = await cli(...create, "--priority", "low");
    expect([early.code, early.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && err.includes("this service has no priorities"),
    );
    expect((await cli(...create, "--priority", "high")).err).to.contain("Allowed choices are normal, low.");
    expect((await cli(...create, "--metadata", "batch=other")).err).to.contain("batch and batchKey are in each job's metadata");
    expect((await cli(...create, "--metadata", `tenant=${"x".repeat(1025)}`)).code).to.equal(2);
    const many = Array.from({ length: 9 }, (_, index) => ["--metadata", `m${index}=1`]).flat();
    expect((await cli(...create, ...many)).err).to.contain("Expected at most 8 pairs, names of at most 55 characters");
    await sweep();
  });

  it("makes the objects below a prefix jobs, reports each, and collects their results by key", async () => {
    const { code, last } = await followed("batch", "create", "--prefix", "s3://scans/2026/", "--id", "pages", "--watch");
    expect([code, last.status, last.objects, last.succeeded, last.failed]).to.deep.equal([0, "Complete", 2, 2, 0]);

    const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(last.report ?? "") ?? [];
    const manifest = JSON.parse(await cloud.text(last.report ?? "")) as { Results: { Bucket: string; Key: string }[] };
    expect(manifest.Results.map((each) => each.Bucket)).to.deep.equal([bucket]);
    const rows = await cloud.s3.send(new GetObjectCommand({ Bucket: bucket, Key: manifest.Results[0]?.Key ?? key }));
    expect(await rows.Body?.transformToString()).to.contain('"scans","2026/a+b.json","","succeeded","200","200","pages.');

    const { objects } = await json("list", "--metadata", "batch=pages");
    expect(objects.map(({ state }) => state)).to.deep.equal(["COMPLETED", "COMPLETED"]);
    expect((await cli("result", "--batch", "pages", "--output", "results")).code).to.equal(0);
    expect(JSON.parse(readFileSync(path.join(folder.path, "results/2026/a b.json.out"), "utf8"))).to.deep.include({ page: 1 });
    expect(existsSync(path.join(folder.path, "results/2026/c.json.out"))).to.equal(true);
    expect(readFileSync(path.join(folder.path, "results/results.csv"), "utf8").split("\n")).to.have.length(4);
    expect(readdirSync(path.join(folder.path, "results"))).to.have.members(["2026", "results.csv"]);

    const { last: status } = await followed("batch", "status", "pages");
    expect([status.jobs, status.jobsEnded, status.estimatedEnd]).to.deep.equal([{ COMPLETED: 2 }, 2, undefined]);
    expect(status.cost?.jobs).to.equal(2);
    expect(status.cost?.usd).to.be.greaterThan(0);
    expect((await followed("batch", "status", "pages", "--no-cost")).last).to.not.have.property("cost");
    expect((await cli("batch", "status", "pages")).out).to.match(
      / jobs +2 COMPLETED\n +ended +2, \d+ per hour of late\n +cost +(?:an estimate of )?\S+ instance hours \(\S+ USD, /,
    );
  });

  it("waits for a confirmation, stops, and goes on without making an object a job twice", async () => {
    writeFileSync(path.join(folder.path, "objects.csv"), "scans,2026/c.json\nscans,none.json\n");
    const waiting = await cli("batch", "create", "--manifest", "objects.csv", "--id", "again", "--confirm", "--watch");
    expect([waiting.code, waiting.out.split("\n").at(-2)]).to.deep.equal([3, "again\tSuspended\t2\t0\t0\t0"]);
    expect(waiting.err).to.match(/^Batch again waits for:\n .* batch resume again --outputs outputs\.json$/m);
    expect((await cli("batch", "status", "again")).out).to.match(/ waits +for batch resume again$/m);
    writeFileSync(path.join(folder.path, "more.csv"), "scans,2026/c.json\n");
    expect((await cli("batch", "create", "--manifest", "more.csv", "--id", "again")).code).to.equal(2);
    expect((await cli("batch", "stop", "again")).code).to.equal(0);
    const stopped = await cli("batch", "status", "again", "--watch");
    expect([stopped.code, stopped.out.split("\n").at(-2)]).to.deep.equal([1, "again\tCancelled\t2\t0\t0\t0"]);
    expect(stopped.err).to.contain("Batch again was stopped. To go on:\n");
    const line = ["batch", "status", "again", "--watch", "--outputs", "outputs.json"];
    const interrupted = await runHere(line, { directory: folder.path, signal: AbortSignal.abort() });
    expect([interrupted.code, interrupted.out]).to.deep.equal([130, ""]);
    expect(interrupted.err).to.match(/^Batch again goes on\. Come back with:\n .* batch status again --watch --outputs outputs\.json$/m);

    for (let time = 0; time < 2; time++) {
      expect((await cli("batch", "resume", "again")).code).to.equal(0);
      const { code, last: end } = await followed("batch", "status", "again", "--watch");
      // One object is not there: the report says so.
      expect([code, end.status, end.succeeded, end.failed]).to.deep.equal([1, "Complete", 1, 1]);
    }
    expect((await json("list", "--metadata", "batch=again")).objects).to.have.length(1);
  });

  it("has a batch of low priority wait its tenant's turn, also once it is stopped and resumed", async () => {
    const low = ["--priority", "low", "--metadata", "tenant=acme"];
    const made = await followed("batch", "create", "--prefix", "s3://scans/2026/", "--id", "low", "--confirm", ...low, "--watch");
    expect(made.last.status).to.equal("Suspended");
    expect((await cli("batch", "stop", "low")).code).to.equal(0);
    expect((await followed("batch", "status", "low", "--watch")).last.status).to.equal("Cancelled");
    expect((await cli("batch", "resume", "low")).code).to.equal(0);
    expect((await followed("batch", "status", "low", "--watch")).last.jobs).to.deep.equal({ COMPLETED: 2 });
    const { objects } = await json("list", "--metadata", "batch=low", "--metadata", "tenant=acme");
    expect(objects).to.have.length(2);
    const { Item } = await cloud.table.send(new GetCommand({ TableName: outputs.jobTableName, Key: { jobId: objects[0]?.["jobId"] } }));
    expect(Item?.["priority"]).to.equal("low");
  });

  it("reports all that is wrong with a manifest before anything is started", async () => {
    writeFileSync(path.join(folder.path, "wrong.csv"), "scans,a b.json\nothers,c.json\nscans\n");
    const { code, err } = await cli("batch", "create", "--manifest", "wrong.csv");
    expect(code).to.equal(2);
    for (const line of ["line 1: got the key a b.json", "line 2: got others/c.json", "line 3: got scans"]) expect(err).to.contain(line);
    writeFileSync(path.join(folder.path, "heading.csv"), 'Bucket,Key\nscans,"c.json\nscans,%zz.json\n');
    const heading = await cli("batch", "create", "--manifest", "heading.csv");
    for (const line of ["line 1: got the heading Bucket,Key", 'line 2: got the key "c.json', "line 3: got the key %zz.json"])
      expect(heading.err).to.contain(line);
    const none = "--manifest: got none.csv, expected a file or s3://bucket/key: no such file";
    expect((await cli("batch", "create", "--manifest", "none.csv")).err).to.contain(none);
    expect((await cli("batch", "create", "--manifest", "s3://scans/none.csv")).err).to.contain("there is no object s3://scans/none.csv.");
    expect((await cli("batch", "create")).err).to.contain("neither of --prefix and --manifest");
    expect((await cli("batch", "status", "none")).code).to.equal(1);
    expect((await cli("batch", "create", "--prefix", "s3://others/")).err).to.contain("the setting inputBuckets adds a bucket");
  });

  it("takes a manifest as a spreadsheet writes it, and says in a pipe why a batch did not do all", async () => {
    const rows = '\uFEFF"scans","2026/a%20b.json"\r\n"scans","%C3%BC.json"\r\n\r\n';
    writeFileSync(path.join(folder.path, "sheet.csv"), rows);
    const { code, out, err } = await cli("batch", "create", "--manifest", "sheet.csv", "--id", "sheet", "--watch");
    expect(code).to.equal(1);
    expect(out).to.match(/^sheet\tComplete\t2\t1\t1\t1$/m);
    expect(err).to.match(/^1 objects made no job\. The report says why: s3:\/\/\S+\/manifest\.json$/m);
    await cloud.put("scans", "inventory/manifest.json", inventory(["one", "two"]));
    for (const [name, row] of [
      ["one", '"scans","2026/a+b.json"\n'],
      ["two", '"scans","2026/c.json"\n'],
    ] as const)
      await cloud.s3.send(new PutObjectCommand({ Bucket: "scans", Key: `inventory/${name}.csv.gz`, Body: gzipSync(row) }));
    const listed = await followed("batch", "create", "--manifest", "s3://scans/inventory/manifest.json", "--id", "listed", "--watch");
    expect([listed.code, listed.last.succeeded, listed.last.jobsEnded]).to.deep.equal([0, 2, 2]);
    const empty = await cli("batch", "create", "--prefix", "s3://scans/nothing/", "--id", "nothing", "--watch");
    expect([empty.code, empty.err]).to.deep.equal([1, "Batch nothing failed: ManifestIsEmpty: The manifest has no objects\n"]);
  });

  it("collects the result of a key that no file can be called after, and what the model said where there is none", async () => {
    const long = `odd/${"k".repeat(300)}.json`;
    await cloud.put("scans", long, '{"page":4}');
    await cloud.put("scans", "odd/no.json", '{"model":"error","message":"no page here"}');
    await cli("batch", "create", "--prefix", "s3://scans/odd/", "--id", "odd", "--watch");
    expect((await cli("result", "--batch", "odd", "--output", "odd")).code).to.equal(1);
    const rows = readFileSync(path.join(folder.path, "odd/results.csv"), "utf8");
    expect(rows).to.match(/^odd,odd\.\w+,odd\/no\.json,FAILED,,"?MODEL_ERROR: .* The model said: no page here"?$/m);
    const [, file = ""] = /,COMPLETED,(odd\/odd\.\w+\.out),$/m.exec(rows) ?? [];
    expect(JSON.parse(readFileSync(path.join(folder.path, "odd", file), "utf8"))).to.deep.include({ page: 4 });
    expect(await cli("result", "--batch", "other", "--output", "odd")).to.include({ code: 2, out: "" });
  });

  it("counts a folder as what makes no job, and names the command that lists the jobs without a result", async () => {
    const { code, out, err } = await cli("batch", "create", "--prefix", "s3://scans/folder/", "--id", "folder", "--watch");
    expect([code, out.split("\n").at(-2)]).to.deep.equal([1, "folder\tComplete\t2\t2\t0\t1"]);
    expect(err).to.match(
      /^1 of 1 jobs ended as FAILED:\n .* list --metadata batch=folder --state FAILED --since \S+ --outputs outputs\.json$/m,
    );
    expect((await cli("batch", "status", "folder", "--no-cost")).out).to.match(/ objects +2 of 2, 1 of them made no job \(folders: 1\)$/m);
  });
});

/** An inventory's manifest.json with these files. */
function inventory(names: readonly string[]): string {
  const files = names.map((name) => ({ key: `inventory/${name}.csv.gz` }));
  return JSON.stringify({ destinationBucket: "arn:aws:s3:::scans", fileFormat: "CSV", fileSchema: "Bucket, Key", files });
}
