import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { root } from "../../support/service";

describe("ten thousand handles that wait", () => {
  it("hold less than 450 bytes each, the caller's promise included", async () => {
    const load = (file: string) => `require(${JSON.stringify(path.join(root, "build", file))})`;
    // In one turn, in which nothing is called yet; the first handles bring what all share.
    const source = `
      const { SageMakerAsyncClient } = ${load("client/index.js")};
      const { serviceOutputs } = ${load("test/support/outputs.js")};
      const client = SageMakerAsyncClient.fromStackOutputs(serviceOutputs, { endpointUrl: "http://127.0.0.1:9" });
      const jobIds = Array.from({ length: 10_100 }, (_, index) => ("job-" + index).padEnd(26, "0"));
      const kept = jobIds.slice(0, 100).map((jobId) => client.job(jobId).result());
      const used = () => (gc(), gc(), process.memoryUsage().heapUsed);
      const before = used();
      for (const jobId of jobIds.slice(100)) kept.push(client.job(jobId).result());
      console.log((used() - before) / 10_000);
      process.exit();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--eval", source], { cwd: root });

    expect(Number(stdout)).to.be.within(200, 450);
  });
});
