import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { SageMakerAsyncClient } from "../../client";
import type { AsyncInferenceOutputs } from "../../outputs";
import { ScaledClock } from "../../local/clock";
import { runHere } from "../cli/inProcess";
import { CloudUnderTest, ServiceUnderTest } from "../support/service";

const hour = 3_600_000;

describe("a cloud at sixty times the wall's speed, eight hours old", () => {
  const started = Date.now() + 8 * hour;
  let directory: string;
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;
  let service: ServiceUnderTest;
  let client: SageMakerAsyncClient;

  before(async () => {
    cloud = await CloudUnderTest.start({ clock: new ScaledClock(60, started) });
    outputs = await cloud.deployOwn();
    service = await ServiceUnderTest.follow(cloud, outputs);
    client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs });
    directory = mkdtempSync(path.join(tmpdir(), "sped-up-"));
    writeFileSync(path.join(directory, "outputs.json"), JSON.stringify({ endpointUrl: cloud.cloud.endpointUrl, outputs }));
  });
  after(async () => {
    await client.close();
    await cloud.close();
    rmSync(directory, { recursive: true });
  });

  const cli = async (...args: string[]) => {
    const { code, out, err } = await runHere([...args, "--json"], { directory, environment: { SAGEMAKER_ASYNC_OUTPUTS: "outputs.json" } });
    expect([code, err], args.join(" ")).to.deep.equal([0, ""]);
    return out.trimEnd().split("\n");
  };

  it("runs a client's long job once, takes as long as it took there, and shows it to every command", async () => {
    // Six minutes there: longer than a job may lie accepted, or a call may last, before the sweeper takes it over.
    const input = { model: "slow", milliseconds: 6000 };
    const result = await client.invoke(input, { jobId: "long", timeoutSeconds: 20_000 });
    const job = await service.end("long");
    const [times, report, listed] = [result.timings, await cli("endpoint"), await cli("list", "--since", "2h")];

    expect([job.state, job.attempt, result.success && result.data]).to.deep.equal(["COMPLETED", 1, input]);
    const at = (time: string | undefined) => (Date.parse(time as string) - started) / 1000;
    const order = [0, at(job.createdAt), at(job.receivedAt), at(times.finishedAt), at(times.recordedAt)];
    expect(order, JSON.stringify(job)).to.deep.equal([...order].sort((a, b) => a - b));
    expect(at(times.recordedAt) - at(times.acceptedAt)).to.be.within(359, 20_000);
    const { backlog } = JSON.parse(report.join("")) as { backlog: { requests?: number; asOf?: string } };
    expect([typeof backlog.requests, at(backlog.asOf) > 0]).to.deep.equal(["number", true]);
    expect(listed.map((line) => (JSON.parse(line) as { jobId: string }).jobId)).to.deep.equal(["long"]);
  });

  it("has a wait end when its time is over there: the model would have answered within a minute of the wall", async () => {
    const failure = await client.invoke({ model: "slow", milliseconds: 5000 }, { timeoutSeconds: 60 }).catch((error: unknown) => error);

    expect((failure as { code?: string }).code).to.equal("WAIT_TIMEOUT");
  });
});
