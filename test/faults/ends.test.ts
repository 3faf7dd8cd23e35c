import { expect } from "chai";
import { openJob } from "../../doubles/jobs";
import { whyItIsWrong } from "../../faults/ends";
import { S3Double } from "../../faults/s3";
import { SageMakerDouble } from "../../faults/sagemaker";
import { Scheduler } from "../../faults/scheduler";
import type { Caller } from "../../faults/sdk";
import type { World } from "../../faults/world";
import { Injector } from "../../local/faults/injector";
import type { FaultKind } from "../../local/faults/kinds";

describe("what explains an end under simulated faults", () => {
  const minute = 60_000;

  /** Has two requests come, of which one runs for half an hour; the other waits for ten minutes, with one instance out of so many. */
  async function expired(mostInstances: number) {
    const scheduler = new Scheduler(1, 0);
    const s3 = new S3Double(
      () => scheduler.now(),
      () => undefined,
    );
    const injector = new Injector({ seed: 1, jobs: 2, faults: [] });
    const config = { OutputConfig: { S3OutputPath: "s3://b/out" } };
    const sageMaker = new SageMakerDouble(
      { name: "e", region: "us-east-1", instances: 1, concurrentInvocations: 1, config },
      { scheduler, injector, s3, mostInstances, publish: () => undefined, onCalled: () => undefined },
    );
    s3.put("s3://b/in", Buffer.from("text"), undefined);
    const request = { EndpointName: "e", InputLocation: "s3://b/in", RequestTTLSeconds: 600, InvocationTimeoutSeconds: 3600 };
    for (const InferenceId of ["1.first", "1.second"]) {
      sageMaker.runtime["InvokeEndpointAsync"]?.({ ...request, InferenceId }, { headers: {}, caller: {} as Caller });
    }
    await scheduler.run(() => false);
    const world = { sageMaker, s3, injector, injections: [] as World["injections"] } as World;
    const job = openJob({ jobId: "second", state: "EXPIRED", onDoubt: "wait", endedAt: "2026-01-25T22:56:00.000Z" });
    return whyItIsWrong(world, { ...job, error: { code: "EXPIRED", message: "", retryable: true, advice: "" } });
  }

  it("lets a job expire while all the instances that may be are busy, and not while more could be", async () => {
    expect(await expired(1)).to.equal(undefined);
    expect(await expired(2)).to.equal("EXPIRED, and nothing explains attempt 1: expired; injected: ");
  });

  /** A job that completed although its first call was refused for good. */
  function completed(...further: World["injections"]) {
    const jobId = "refused";
    const injections = [{ kind: "invoke-400" as FaultKind, jobId, at: 10 * minute }, ...further];
    const outputLocation = "s3://b/out";
    const truths = new Map([[jobId, [{ inferenceId: "2.refused", runs: 1, end: "completed" as const, queuedAt: 0 }]]]);
    const world = {
      sageMaker: { truths },
      s3: { objects: new Map([[outputLocation, {}]]) },
      injector: { injected: injections },
      injections,
    };
    return whyItIsWrong(world as unknown as World, openJob({ jobId, state: "COMPLETED", outputLocation, attempt: 2 }));
  }

  it("lets a refused call be repeated when its caller was killed right after it, over any job, and not later", () => {
    const refused = "COMPLETED, although its call was refused for good";
    const kill = (minutes: number) => ({ kind: "lambda-killed-before" as FaultKind, jobId: "other", at: minutes * minute });

    expect(completed()).to.equal(refused);
    expect(completed(kill(9))).to.equal(refused);
    expect(completed(kill(12))).to.equal(refused);
    expect(completed(kill(10.5))).to.equal(undefined);
  });
});
