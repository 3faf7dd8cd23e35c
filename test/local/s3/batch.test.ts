import { expect } from "chai";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { WallClock } from "../../../local/clock";
import { keepInDirectory, type Keeper } from "../../../local/kept";
import type { CloudContext } from "../../../local/ports";
import { BatchJobs } from "../../../local/s3/batch";
import type { InvokeNow } from "../../../local/s3/batch/run";

const keys = Array.from({ length: 20 }, (_, index) => `scans/${index}.png`);

describe("a job of S3 Batch Operations, in a cloud that keeps its state", () => {
  let folder: string;
  const keepers: Keeper[] = [];
  const clock = new WallClock();
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "batch-jobs-"));
  });
  afterEach(() => {
    for (const keeper of keepers.splice(0)) keeper.close();
    rmSync(folder, { recursive: true });
  });

  /** The engine of a cloud with this state, without what checks roles. */
  function engine(name: string, invokeNow: InvokeNow) {
    const keeper = keepInDirectory(path.join(folder, name));
    keepers.push(keeper);
    const access = { requireRole: () => undefined, requireAssumable: () => undefined };
    const credentialsFor = () => ({ accessKeyId: "test", secretAccessKey: "test" });
    const context = { clock, keeper, access, credentialsFor, region: "us-east-1", accountId: "000000000000", emit: () => undefined };
    const objects = { list: () => keys.map((key) => ({ key })) };
    const jobs = new BatchJobs(context as unknown as CloudContext, objects as never, invokeNow);
    const call = async (method: string, url: string, body = "") => {
      const request = Object.assign(Readable.from([Buffer.from(body)]), { method, url: `/v20180820/jobs${url}`, headers: {} });
      return String((await jobs.answer(request as unknown as IncomingMessage)).body);
    };
    const create = async (confirm: boolean) => /<JobId>([^<]+)/.exec(await call("POST", "", document(confirm)))?.[1] ?? "";
    /** Resolves once a job is so, as who asks again and again finds it. */
    const until = async (id: string, status: string) => {
      for (;;) {
        const told = await call("GET", `/${id}`);
        if (told.includes(`<Status>${status}</Status>`)) return told;
        await new Promise(setImmediate);
      }
    };
    return { jobs, call, create, until };
  }

  /** What a process that is killed now leaves on the disk. */
  const killed = () => cpSync(path.join(folder, "first"), path.join(folder, "second"), { recursive: true });

  /** Answers as the batch function does, and notes the keys; from some call on it never answers. */
  function functionOf(answers: number) {
    const asked: string[] = [];
    const invokeNow: InvokeNow = (_arn, event) => {
      const { invocationId, tasks } = event as { invocationId: string; tasks: { taskId: string; s3Key: string }[] };
      asked.push(...tasks.map(({ s3Key }) => s3Key));
      const results = tasks.map(({ taskId }) => ({ taskId, resultCode: "Succeeded", resultString: "job" }));
      if (asked.length > answers) return new Promise(() => undefined);
      return Promise.resolve({ payload: JSON.stringify({ invocationId, results }), failed: false });
    };
    return { asked, invokeNow };
  }

  it("goes on after the cloud was killed in its middle: every object is handed over, and it completes", async () => {
    const first = functionOf(7);
    const before = engine("first", first.invokeNow);
    const id = await before.create(false);
    while (!(await before.until(id, "Active")).includes("<NumberOfTasksSucceeded>7<")) await new Promise(setImmediate);
    killed();

    const second = functionOf(Infinity);
    const after = engine("second", second.invokeNow);
    after.jobs.resume();
    const told = await after.until(id, "Complete");
    expect(told).to.contain("<TotalNumberOfTasks>20</TotalNumberOfTasks><NumberOfTasksSucceeded>20</NumberOfTasksSucceeded>");
    expect(new Set(second.asked).size).to.equal(keys.length);
    await after.jobs.close();
    void before.jobs.close();

    // What has ended stays so, and runs no more.
    keepers.pop()?.close();
    const third = functionOf(Infinity);
    const later = engine("second", third.invokeNow);
    later.jobs.resume();
    expect(await later.call("GET", `/${id}`)).to.contain("<Status>Complete</Status>");
    expect(third.asked).to.deep.equal([]);
    await later.jobs.close();
  });

  it("goes on waiting for its confirmation, and is not asked for a second one", async () => {
    const before = engine("first", functionOf(0).invokeNow);
    const id = await before.create(true);
    await before.until(id, "Suspended");
    killed();
    await before.jobs.close();

    const stuck = functionOf(0);
    const after = engine("second", stuck.invokeNow);
    after.jobs.resume();
    await after.until(id, "Suspended");
    expect(await after.call("POST", `/${id}/status?requestedJobStatus=Ready`)).to.contain("<Status>Ready</Status>");
    await after.until(id, "Active");
    // A cloud that ends in its time leaves it under way, too.
    void after.jobs.close();
    keepers.pop()?.close();

    const last = engine("second", functionOf(Infinity).invokeNow);
    last.jobs.resume();
    await last.until(id, "Complete");
    await last.jobs.close();
  });

  it("ends as cancelled when its cloud was killed before it had stopped", async () => {
    const stuck = functionOf(0);
    const before = engine("first", stuck.invokeNow);
    const id = await before.create(false);
    await before.until(id, "Active");
    await before.call("POST", `/${id}/status?requestedJobStatus=Cancelled`);
    killed();
    void before.jobs.close();

    const second = functionOf(Infinity);
    const after = engine("second", second.invokeNow);
    after.jobs.resume();
    await after.until(id, "Cancelled");
    expect(second.asked).to.deep.equal([]);
    await after.jobs.close();
  });
});

function document(confirm: boolean): string {
  return (
    `<CreateJobRequest xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"><ConfirmationRequired>${confirm}</ConfirmationRequired>` +
    "<Operation><LambdaInvoke><FunctionArn>arn:aws:lambda:us-east-1:000000000000:function:batch</FunctionArn>" +
    "<InvocationSchemaVersion>2.0</InvocationSchemaVersion></LambdaInvoke></Operation><Report><Enabled>false</Enabled></Report>" +
    "<ClientRequestToken>token</ClientRequestToken><Priority>10</Priority><RoleArn>arn:aws:iam::000000000000:role/engine</RoleArn>" +
    "<ManifestGenerator><S3JobManifestGenerator><SourceBucket>arn:aws:s3:::scans</SourceBucket>" +
    "<EnableManifestOutput>false</EnableManifestOutput></S3JobManifestGenerator></ManifestGenerator></CreateJobRequest>"
  );
}
