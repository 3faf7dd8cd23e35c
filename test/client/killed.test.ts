import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect } from "chai";
import { SageMakerAsyncClient } from "../../client";
import { VirtualClock } from "../../local/clock";
import { passTime } from "../support/passTime";
import { CloudUnderTest, ServiceUnderTest } from "../support/service";

describe("A process that is killed while it submits", () => {
  let clock: VirtualClock;
  let cloud: CloudUnderTest;
  let service: ServiceUnderTest;
  let client: SageMakerAsyncClient;
  /** The call at whose arrival, before the service hears of it, the process is killed. */
  let fatal: { isCall: (target: string, body: string) => boolean; child: ChildProcess } | undefined;

  before(async () => {
    // The killed process stamps its records by the wall's clock.
    clock = new VirtualClock(Date.now());
    cloud = await CloudUnderTest.start({
      clock,
      async intercept(_service, request, answer) {
        const { child, isCall } = fatal ?? {};
        if (!child || !isCall?.(String(request.headers["x-amz-target"] ?? request.path), request.body.toString())) return answer();
        fatal = undefined;
        child.kill("SIGKILL");
        await once(child, "exit");
        return { status: 503 };
      },
    });
    const outputs = await passTime(clock, cloud.deployOwn(), 0.1);
    service = await ServiceUnderTest.follow(cloud, outputs);
    client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs }, { pollIntervalSeconds: 0.1 });
  });
  after(async () => {
    await client.close();
    await cloud.close();
  });

  /** Submits in a process that is killed at a call, and says how. */
  async function killAt(isCall: (target: string, body: string) => boolean, jobId: string): Promise<unknown[]> {
    const { outputs } = service;
    const child = fork(path.join(__dirname, "submitOnce.js"), [JSON.stringify({ endpointUrl: cloud.cloud.endpointUrl, outputs }), jobId]);
    fatal = { isCall, child };
    return once(child, "exit");
  }

  const recording = (jobId: string) => (target: string, body: string) => target.endsWith(".UpdateItem") && body.includes(jobId);
  const calling = (target: string) => target.endsWith("/async-invocations");

  it("leaves a job with its input and no call, which the sweeper finishes, once", async () => {
    const end = await killAt(recording("swept-1"), "swept-1");
    const left = await service.record("swept-1");
    const input = await cloud.text(left?.inputLocation ?? "");
    const job = await passTime(clock, service.end("swept-1"), 1);

    expect([end, left?.state, left?.attempt, input]).to.deep.equal([[null, "SIGKILL"], "ACCEPTED", undefined, '{"text":"left"}']);
    expect([job.state, service.announced("swept-1")]).to.deep.equal(["COMPLETED", 1]);
    expect(service.invocations("swept-1")).to.deep.equal(["1.swept-1 queued", "1.swept-1 started", "1.swept-1 completed"]);
  });

  it("leaves a job with its input and no call, which the next call with its id finishes at once, once", async () => {
    const end = await killAt(recording("again-1"), "again-1");
    const result = await passTime(clock, client.invoke({ text: "left" }, { jobId: "again-1" }), 0.01);
    // Long enough for a sweeper to meet the job again.
    await passTime(clock, clock.advance(300_000), 1);

    expect([end, result.success, result.data]).to.deep.equal([[null, "SIGKILL"], true, { text: "left" }]);
    expect(service.invocations("again-1")).to.deep.equal(["1.again-1 queued", "1.again-1 started", "1.again-1 completed"]);
    expect(service.announced("again-1")).to.equal(1);
  });

  it("leaves a call that may have been made, which is made again after its lease, whoever asks before", async () => {
    const end = await killAt(calling, "doubt-1");
    const job = await client.submit({ text: "left" }, { jobId: "doubt-1" });
    const left = await service.record("doubt-1");
    const result = await passTime(clock, job.result(), 1);

    expect([end, left?.state, left?.attempt]).to.deep.equal([[null, "SIGKILL"], "INVOKING", 1]);
    expect([result.success, result.data, result.inferenceId]).to.deep.equal([true, { text: "left" }, "2.doubt-1"]);
    expect(service.invocations("doubt-1")).to.deep.equal(["2.doubt-1 queued", "2.doubt-1 started", "2.doubt-1 completed"]);
  });
});
