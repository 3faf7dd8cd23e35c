import { SageMakerClient, UpdateEndpointWeightsAndCapacitiesCommand } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import type { SubmitRequest } from "../../core/messages/request";
import { VirtualClock } from "../../local/clock";
import { CloudUnderTest, ServiceUnderTest } from "../support/service";
import { passTime } from "../support/passTime";

describe("A job whose instance is taken away or fails, on the embedded cloud", () => {
  let clock: VirtualClock;
  let cloud: CloudUnderTest;
  let service: ServiceUnderTest;
  let sageMaker: SageMakerClient;

  // One service for all: each test has jobs of its own, and all but the last end.
  before(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 12));
    cloud = await CloudUnderTest.start({ clock });
    // So that each instance runs what is known.
    const settings = { "sagemaker-async-inference:maxConcurrentInvocationsPerInstance": "1" };
    service = await ServiceUnderTest.follow(cloud, await passTime(clock, cloud.deployOwn(settings), 0.1));
    sageMaker = new SageMakerClient(cloud.settings);
  });
  after(() => {
    sageMaker.destroy();
    return cloud.close();
  });

  /** Submits a job whose first attempt never answers. */
  const hang = (jobId: string, onDoubt: "rerun" | "wait", input: Record<string, unknown> = { model: "hang", attempts: 1 }) =>
    submit({ jobId, input, onDoubt });
  /** Both of the times are short, so that the end of a job that left no trace is known soon. */
  const submit = (request: SubmitRequest) =>
    passTime(clock, service.submit({ requestTtlSeconds: 600, invocationTimeoutSeconds: 600, ...request }), 0.1);
  const invocation = (inferenceId: string, change: string) =>
    cloud.event((event) => event.kind === "invocation" && event.inferenceId === inferenceId && event.change === change);
  const happens = (inferenceId: string, change: string, stepSeconds = 0.1) => passTime(clock, invocation(inferenceId, change), stepSeconds);

  /** What a person does who finds the endpoint too expensive. */
  async function setInstances(count: number): Promise<void> {
    const DesiredWeightsAndCapacities = [{ VariantName: service.outputs.variantName, DesiredInstanceCount: count }];
    const command = new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: service.outputs.endpointName,
      DesiredWeightsAndCapacities,
    });
    await passTime(clock, sageMaker.send(command), 0.1);
  }
  async function end(jobId: string, stepSeconds = 0.1) {
    const { state, attempt, error } = await passTime(clock, service.end(jobId), stepSeconds);
    return [state, attempt, error?.code];
  }

  it("is run again when a person took all instances away, and what only waited is not: nothing is lost", async () => {
    await hang("hit-1", "rerun");
    await happens("1.hit-1", "started");
    await hang("waits-1", "rerun", { text: "patient" });
    await setInstances(0);
    await happens("1.hit-1", "killed");

    expect(await end("waits-1")).to.deep.equal(["COMPLETED", 1, undefined]);
    await happens("2.hit-1", "queued", 5);
    expect(await end("hit-1")).to.deep.equal(["COMPLETED", 2, undefined]);
    expect([service.announced("waits-1"), service.announced("hit-1")]).to.deep.equal([1, 1]);
  });

  it("ends as IN_DOUBT when its model must not run twice, and only after nothing can come of it any more", async () => {
    await hang("once-1", "wait");
    await happens("1.once-1", "started");
    const began = clock.now();
    await setInstances(0);
    await happens("1.once-1", "killed");

    expect(await end("once-1", 5)).to.deep.equal(["FAILED", 1, "IN_DOUBT"]);
    expect((clock.now() - began) / 1000).to.be.at.least(600 + 600);
    expect(service.invocations("once-1")).to.deep.equal(["1.once-1 queued", "1.once-1 started", "1.once-1 killed"]);
  });

  it("is run again at once when its container ended, of which the service tells", async () => {
    await hang("crash-1", "rerun", { model: "exit", attempts: 1 });
    const began = clock.now();

    expect(await end("crash-1")).to.deep.equal(["COMPLETED", 2, undefined]);
    // Long before the time at which, without a word of the service, nothing could come of it any more.
    expect((clock.now() - began) / 1000).to.be.lessThan(600 + 600);
  });

  it("ends as IN_DOUBT when its container ended and its model must not run twice", async () => {
    await hang("crash-2", "wait", { model: "exit" });

    expect(await end("crash-2")).to.deep.equal(["FAILED", 1, "IN_DOUBT"]);
    expect(service.invocations("crash-2")).to.deep.equal(["1.crash-2 queued", "1.crash-2 started", "1.crash-2 failed"]);
  });

  it("fails when its container ends at each attempt: a model that dies of an input is not fed for ever", async () => {
    await hang("crash-3", "rerun", { model: "exit" });

    expect(await end("crash-3")).to.deep.equal(["FAILED", 3, "IN_DOUBT"]);
  });

  it("is the only one that is hit when a person took some instances away: the others go on", async () => {
    await setInstances(2);
    const inService = () => {
      const changes = new Map(cloud.events.flatMap((event) => (event.kind === "instance" ? [[event.instanceId, event.change]] : [])));
      return [...changes.values()].filter((change) => change === "inService").length;
    };
    await passTime(
      clock,
      cloud.event(() => inService() === 2),
      0.1,
    );
    await hang("stays-1", "rerun", { model: "hang" });
    await hang("hit-2", "rerun");
    await happens("1.stays-1", "started");
    await happens("1.hit-2", "started");
    await setInstances(1);
    const killed = await passTime(
      clock,
      cloud.event((event) => event.kind === "invocation" && event.change === "killed" && /\.(stays-1|hit-2)$/.test(event.inferenceId)),
      0.1,
    );

    expect(killed).to.deep.include({ inferenceId: "1.hit-2" });
    expect(service.invocations("stays-1")).to.deep.equal(["1.stays-1 queued", "1.stays-1 started"]);
  });
});
