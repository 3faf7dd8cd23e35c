import { DescribeEndpointCommand, UpdateEndpointCommand } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { ScaledClock, VirtualClock } from "../../../local/clock";
import type { CloudEvent } from "../../../local/ports";
import { ServiceError } from "../../../local/wire";
import { testProgram } from "../../support/cloudContext";
import { configInputs, FakeContainers, startSageMaker, successTopic, type TestSageMaker } from "./support";

const minute = 60_000;

describe("SageMaker's queue and instances", () => {
  let cloud: TestSageMaker;
  let containers: FakeContainers;
  let clock: VirtualClock;
  const soldOut = new Set<string>();
  beforeEach(async () => {
    containers = new FakeContainers();
    clock = new VirtualClock(Date.UTC(2026, 0, 1));
    cloud = await startSageMaker({ startContainer: containers.start, clock, soldOut });
  });
  afterEach(() => cloud.close());

  const invoke = (InferenceId: string, more = {}) => cloud.invoke({ InferenceId, Body: Buffer.from(InferenceId), ...more });
  const variant = () => cloud.sagemaker.endpoints.variant("ep", "AllTraffic");
  const scale = (count: number) => cloud.sagemaker.endpoints.setDesiredInstanceCount("ep", "AllTraffic", count, "a test");
  const instance = (change: (CloudEvent & { kind: "instance" })["change"], count = 1) =>
    cloud.event(() => cloud.events.filter((event) => event.kind === "instance" && event.change === change).length >= count);
  const running = () => containers.requests.map(({ text }) => text);

  it("runs requests in the order of arrival, as many at once as the configuration says", async () => {
    await cloud.deploy({ maxConcurrentInvocationsPerInstance: 2 });
    for (const id of ["a", "b", "c", "d"]) await invoke(id);
    await containers.request(1);
    expect(running()).to.deep.equal(["a", "b"]);

    containers.requests[1]?.answer({});
    await containers.request(2);
    expect(running()).to.deep.equal(["a", "b", "c"]);
  });

  it("runs four at once when the configuration does not say", async () => {
    await cloud.deploy();
    for (const id of ["a", "b", "c", "d", "e"]) await invoke(id);
    await containers.request(3);

    expect(running()).to.deep.equal(["a", "b", "c", "d"]);
  });

  it("spreads requests over instances", async () => {
    await cloud.deploy({ variant: { initialInstanceCount: 2 }, maxConcurrentInvocationsPerInstance: 1 });
    for (const id of ["a", "b", "c"]) await invoke(id);
    await containers.request(1);

    expect(running()).to.deep.equal(["a", "b"]);
  });

  it("keeps requests while no instance is there, and runs them when one has come", async () => {
    await cloud.deploy();
    scale(0);
    await instance("stopped");
    await invoke("a");
    expect(variant()).to.deep.equal({
      endpointStatus: "InService",
      currentInstanceCount: 0,
      desiredInstanceCount: 0,
      instanceType: "ml.g5.2xlarge",
    });

    scale(1);
    await containers.request(0);

    expect(running()).to.deep.equal(["a"]);
  });

  it("takes its time to start an instance, on the cloud's clock", async () => {
    const deploying = cloud.deploy({ localSettings: { instanceStartupSeconds: "240" } });
    await instance("starting");
    await clock.advance(239_999);
    expect(containers.specs).to.deep.equal([]);
    expect(variant()?.endpointStatus).to.equal("Creating");
    await clock.advance(1);
    await deploying;

    expect(variant()?.endpointStatus).to.equal("InService");
  });

  it("drops a request that has waited for its time to live: a metric, no object, no notification", async () => {
    await cloud.deploy();
    scale(0);
    await instance("stopped");
    const { OutputLocation, FailureLocation } = await invoke("a", { RequestTTLSeconds: 60 });
    await invoke("b", { RequestTTLSeconds: 61 });
    await clock.advance(59_999);
    expect(cloud.values("ExpiredRequests")).to.deep.equal([]);
    await clock.advance(1);

    expect((await cloud.ended("a")).change).to.equal("expired");
    expect(cloud.values("ExpiredRequests")).to.deep.equal([1]);
    expect(cloud.published.map(({ message }) => message["eventName"])).to.deep.equal(["TestNotification", "TestNotification"]);
    expect([await cloud.object(OutputLocation), await cloud.object(FailureLocation)]).to.deep.equal([undefined, undefined]);
    scale(1);
    await containers.request(0);
    expect(running()).to.deep.equal(["b"]);
  });

  it("does not expire what runs already", async () => {
    await cloud.deploy();
    await invoke("a", { RequestTTLSeconds: 60, InvocationTimeoutSeconds: 3600 });
    const held = await containers.request(0);
    await clock.advance(10 * minute);
    held.answer({});

    expect((await cloud.ended("a")).change).to.equal("completed");
  });

  it("loses what runs on an instance that is scaled in, without a word: only the metric of its wait stays", async () => {
    await cloud.deploy();
    const { OutputLocation, FailureLocation } = await invoke("a");
    await containers.request(0);
    scale(0);

    expect(await cloud.ended("a")).to.deep.include({ change: "killed", detail: "its instance was taken away" });
    expect(cloud.data.map(({ metricName }) => metricName)).to.deep.equal(["TimeInBacklog"]);
    expect(cloud.published).to.have.length(2);
    expect([await cloud.object(OutputLocation), await cloud.object(FailureLocation)]).to.deep.equal([undefined, undefined]);
  });

  it("fails what runs in a container that ends by itself, and replaces the instance", async () => {
    await cloud.deploy();
    await invoke("a");
    await containers.request(0);
    [...containers.running][0]?.exit("ended with exit code 137");

    const { change, detail } = await cloud.ended("a");
    expect(change).to.equal("failed");
    expect(detail).to.contain(
      'server error (0) from model with message "An error occurred while handling request as the model process exited."',
    );
    await instance("inService", 2);
    expect(variant()?.currentInstanceCount).to.equal(1);
    await invoke("b");
    (await containers.request(1)).answer({});
    expect((await cloud.ended("b")).change).to.equal("completed");
  });

  it("tries to replace a lost instance again, with pauses that double", async () => {
    await cloud.deploy();
    containers.failure = "no memory";
    [...containers.running][0]?.exit("ended by SIGKILL");
    await instance("failed", 2); // The one that was lost, and its first replacement.
    await clock.advance(1_000);
    await instance("failed", 3);
    await clock.advance(1_999);
    expect(containers.specs).to.have.length(3);
    containers.failure = undefined;
    await clock.advance(1);
    await instance("inService", 2);

    expect([containers.specs.length, variant()?.currentInstanceCount, variant()?.endpointStatus]).to.deep.equal([4, 1, "InService"]);
  });

  it("starts a model again whose program has changed, by its new command: what runs ends first, and what waits is run by the new one", async () => {
    await cloud.deploy({ maxConcurrentInvocationsPerInstance: 1 });
    for (const id of ["a", "b"]) await invoke(id);
    await containers.request(0);
    expect(cloud.sagemaker.renewModels("/elsewhere", "node other.js")).to.equal(false);
    expect(cloud.sagemaker.renewModels(testProgram.directory, "node changed.js")).to.equal(true);
    expect([running(), containers.running.size]).to.deep.equal([["a"], 1]);

    containers.requests[0]?.answer({});
    await instance("stopped");
    await containers.request(1);
    expect(running()).to.deep.equal(["a", "b"]);
    expect(containers.specs.map(({ command }) => command)).to.deep.equal([containers.specs[0]?.command, "node changed.js"]);
    expect([containers.running.size, variant()?.currentInstanceCount]).to.deep.equal([1, 1]);
  });

  it("starts a model at once whose program was mended, not after the pause that grew while it could not start", async () => {
    await cloud.deploy();
    containers.failure = "no weights";
    [...containers.running][0]?.exit("ended with exit code 1");
    await clock.advance(1000);
    await instance("failed", 2);
    await clock.advance(2000);
    await instance("failed", 4);
    containers.failure = undefined;
    cloud.sagemaker.renewModels(testProgram.directory, "node model.js");
    await instance("inService", 2);
  });

  it("is Updating while it scales, and refuses to scale again meanwhile", async () => {
    await deploySlowly();
    scale(3);
    expect(variant()).to.deep.include({ endpointStatus: "Updating", currentInstanceCount: 1, desiredInstanceCount: 3 });
    expect(() => scale(2)).to.throw(ServiceError, 'Cannot scale endpoint "ep" while its status is Updating.');
    await clock.advance(10_000);
    await instance("inService", 3);

    expect(variant()).to.deep.include({ endpointStatus: "InService", currentInstanceCount: 3, desiredInstanceCount: 3 });
    expect(cloud.events.filter(({ kind }) => kind === "capacity")).to.deep.equal([
      { kind: "capacity", endpointName: "ep", desiredInstanceCount: 3, cause: "a test" },
    ]);
  });

  it("goes back to the old count when a new instance can't start, so that autoscaling can try again", async () => {
    await cloud.deploy();
    containers.failure = "no capacity";
    scale(3);
    await cloud.event((event) => event.kind === "capacity" && event.cause !== "a test");

    expect(variant()).to.deep.include({ endpointStatus: "InService", currentInstanceCount: 1, desiredInstanceCount: 1 });
  });

  it("gives no instance of a type that is sold out, in the service's words, and gives one when there is again", async () => {
    await cloud.deploy();
    soldOut.add("ml.g5.2xlarge");
    scale(2);
    await cloud.event((event) => event.kind === "capacity" && event.cause !== "a test");
    const described = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));
    soldOut.clear();
    scale(2);
    await instance("inService", 2);

    expect([described.EndpointStatus, described.FailureReason]).to.deep.equal([
      "InService",
      "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. " +
        "Please retry using a different ML instance type or after some time.",
    ]);
  });

  it("takes away instances that still start before those that run", async () => {
    await deploySlowly();
    scale(2);
    await clock.advance(10_000);
    await instance("inService", 2);
    [...containers.running][0]?.exit("ended by SIGKILL"); // Its replacement takes ten seconds.
    await instance("starting", 3);
    scale(1);
    await instance("stopped");

    expect([variant()?.currentInstanceCount, containers.running.size]).to.deep.equal([1, 1]);
  });

  it("takes away the newest of the instances that run, the oldest last", async () => {
    await cloud.deploy({ variant: { initialInstanceCount: 3 } });
    scale(1);
    await instance("stopped", 2);
    const changed = (change: string) =>
      cloud.events.flatMap((event) => (event.kind === "instance" && event.change === change ? [event.instanceId] : []));

    expect(changed("stopping")).to.deep.equal(changed("inService").slice(1).reverse());
  });

  describe("when it is updated", () => {
    const addConfig = (name: string, parts: Parameters<typeof configInputs>[0]) =>
      cloud.create("aws:sagemaker/endpointConfiguration:EndpointConfiguration", name, { ...configInputs(parts), name });
    const update = (configName: string) =>
      cloud.sdk.send(new UpdateEndpointCommand({ EndpointName: "ep", EndpointConfigName: configName }));
    const settled = async () => {
      for (;;) {
        const { EndpointStatus, FailureReason, EndpointConfigName } = await cloud.sdk.send(
          new DescribeEndpointCommand({ EndpointName: "ep" }),
        );
        if (EndpointStatus !== "Updating") return { EndpointStatus, FailureReason, EndpointConfigName };
      }
    };

    it("wakes or shrinks to the initial count, accepts requests meanwhile, and tells the topics again", async () => {
      await deploySlowly();
      scale(0);
      await instance("stopped");
      await addConfig("two", { variant: { initialInstanceCount: 2 } });
      await update("two");
      await invoke("a");
      expect(variant()).to.deep.include({ endpointStatus: "Updating", currentInstanceCount: 0 });
      await clock.advance(10_000);
      await containers.request(0);

      expect(await settled()).to.deep.equal({ EndpointStatus: "InService", FailureReason: undefined, EndpointConfigName: "two" });
      expect(variant()).to.deep.include({ currentInstanceCount: 2, desiredInstanceCount: 2 });
      expect(cloud.published.filter(({ topicArn }) => topicArn === successTopic)).to.have.length(2);
    });

    it("starts the new fleet before the old one ends, and loses what still runs on the old one", async () => {
      await deploySlowly();
      await invoke("a");
      await containers.request(0);
      await addConfig("two", {});
      await update("two");
      expect(containers.running.size).to.equal(1);
      await clock.advance(10_000);

      expect((await cloud.ended("a")).change).to.equal("killed");
      expect(cloud.events.flatMap((event) => (event.kind === "instance" ? [event.change] : []))).to.deep.equal([
        "starting",
        "inService",
        "starting",
        "inService",
        "stopping",
        "stopped",
      ]);
    });

    it("keeps the old fleet for TerminationWaitInSeconds after the new one serves: what runs on it may finish", async () => {
      await cloud.deploy();
      await invoke("a");
      const held = await containers.request(0);
      await addConfig("two", { variant: { initialInstanceCount: 2 } });
      const TrafficRoutingConfiguration = { Type: "ALL_AT_ONCE" as const, WaitIntervalInSeconds: 0 };
      const BlueGreenUpdatePolicy = { TrafficRoutingConfiguration, TerminationWaitInSeconds: 60 };
      const DeploymentConfig = { BlueGreenUpdatePolicy };
      await cloud.sdk.send(new UpdateEndpointCommand({ EndpointName: "ep", EndpointConfigName: "two", DeploymentConfig }));
      while (variant()?.desiredInstanceCount !== 2) await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(59_999);
      expect([containers.running.size, variant()?.endpointStatus]).to.deep.equal([3, "Updating"]);
      held.answer({});
      expect((await cloud.ended("a")).change).to.equal("completed");
      await clock.advance(1);
      await instance("stopped");

      expect((await settled()).EndpointStatus).to.equal("InService");
      expect(containers.running.size).to.equal(2);
    });

    it("is told while it lasts, with the configuration that it brings", async () => {
      await deploySlowly();
      await addConfig("two", {});
      await update("two");
      const { EndpointConfigName, PendingDeploymentSummary } = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));
      const startedAt = clock.now();
      await clock.advance(10_000);
      await settled();
      const after = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));

      expect([EndpointConfigName, PendingDeploymentSummary]).to.deep.equal([
        "config",
        { EndpointConfigName: "two", StartTime: new Date(startedAt) },
      ]);
      expect(after.PendingDeploymentSummary).to.equal(undefined);
    });

    it("keeps the old fleet when the new one can't start, and says why", async () => {
      await cloud.deploy();
      await addConfig("two", {});
      containers.failure = "no weights here";
      await update("two");

      expect(await settled()).to.deep.equal({
        EndpointStatus: "InService",
        FailureReason: "no weights here",
        EndpointConfigName: "config",
      });
      await invoke("a");
      await containers.request(0);
    });
  });

  describe("each minute", () => {
    const gauges = () =>
      Object.fromEntries(
        cloud.data
          .filter(({ dimensions }) => !("VariantName" in dimensions))
          .map(({ metricName, value, unit }) => [metricName, [value, unit]]),
      );

    it("publishes zeros while nothing waits: scaling in needs them", async () => {
      await cloud.deploy();
      await clock.advance(minute);

      expect(
        cloud.data.filter(({ namespace }) => namespace === "AWS/SageMaker").map(({ dimensions, timestamp }) => [dimensions, timestamp]),
      ).to.deep.equal(Array.from({ length: 4 }, () => [{ EndpointName: "ep" }, Date.UTC(2026, 0, 1) + minute]));
      expect(gauges()).to.deep.equal({
        ApproximateBacklogSize: [0, "Count"],
        ApproximateBacklogSizePerInstance: [0, "Count"],
        ApproximateAgeOfOldestRequest: [0, "Seconds"],
        HasBacklogWithoutCapacity: [0, "Count"],
      });
    });

    it("counts what waits, not what runs", async () => {
      await cloud.deploy({ variant: { initialInstanceCount: 2 }, maxConcurrentInvocationsPerInstance: 1 });
      for (const id of ["a", "b", "c", "d", "e"]) await invoke(id);
      await containers.request(1);
      await clock.advance(minute);

      expect(gauges()).to.deep.equal({
        ApproximateBacklogSize: [3, "Count"],
        ApproximateBacklogSizePerInstance: [1.5, "Count"],
        ApproximateAgeOfOldestRequest: [60, "Seconds"],
        HasBacklogWithoutCapacity: [0, "Count"],
      });
    });

    const hosts = () =>
      cloud.data
        .filter(({ namespace }) => namespace === "/aws/sagemaker/Endpoints")
        .map(({ metricName, dimensions, value, unit }) => [metricName, dimensions, value, unit]);
    const variant = { EndpointName: "ep", VariantName: "AllTraffic" };

    it("tells how busy each instance is, and nothing of an endpoint that sleeps", async () => {
      await cloud.deploy({ variant: { initialInstanceCount: 2, instanceType: "ml.g5.xlarge" }, maxConcurrentInvocationsPerInstance: 2 });
      await invoke("a");
      await containers.request(0);
      await clock.advance(minute);

      expect(hosts()).to.deep.equal([
        ["CPUUtilization", variant, 50, "Percent"],
        ["GPUUtilization", variant, 50, "Percent"],
        ["CPUUtilization", variant, 0, "Percent"],
        ["GPUUtilization", variant, 0, "Percent"],
      ]);

      cloud.data.splice(0);
      scale(0);
      await instance("stopped");
      await instance("stopped");
      await clock.advance(minute);
      expect(hosts()).to.deep.equal([]);
    });

    it("says nothing of a GPU where there is none", async () => {
      await cloud.deploy({ variant: { instanceType: "ml.c5.xlarge" } });
      await clock.advance(minute);

      expect(hosts()).to.deep.equal([["CPUUtilization", variant, 0, "Percent"]]);
    });

    it("says that requests wait and nobody is there; per instance it is then the whole backlog", async () => {
      await cloud.deploy();
      scale(0);
      await instance("stopped");
      await invoke("a");
      await invoke("b");
      await clock.advance(minute);

      expect(gauges()).to.deep.equal({
        ApproximateBacklogSize: [2, "Count"],
        ApproximateBacklogSizePerInstance: [2, "Count"],
        ApproximateAgeOfOldestRequest: [60, "Seconds"],
        HasBacklogWithoutCapacity: [1, "Count"],
      });
    });
  });

  async function deploySlowly(): Promise<void> {
    const deploying = cloud.deploy({ localSettings: { instanceStartupSeconds: "10" } });
    await instance("starting");
    await clock.advance(10_000);
    await deploying;
  }
});

describe("SageMaker's backlog, read as the older guide does", () => {
  it("counts running requests too", async () => {
    const containers = new FakeContainers();
    const clock = new VirtualClock();
    const cloud = await startSageMaker({ startContainer: containers.start, clock, backlogCountsInFlight: true });
    try {
      await cloud.deploy({ maxConcurrentInvocationsPerInstance: 1 });
      for (const id of ["a", "b"]) await cloud.invoke({ InferenceId: id, Body: Buffer.from("x") });
      await containers.request(0);
      await clock.advance(minute);

      expect(cloud.values("ApproximateBacklogSize")).to.deep.equal([2]);
    } finally {
      await cloud.close();
    }
  });
});

describe("SageMaker on a clock that runs faster than the wall", () => {
  it("expires and publishes on that clock", async () => {
    const cloud = await startSageMaker({ startContainer: new FakeContainers().start, clock: new ScaledClock(200) });
    try {
      await cloud.deploy({ maxConcurrentInvocationsPerInstance: 1 });
      // So long that the other one can't have its place.
      await cloud.invoke({ InferenceId: "a", Body: Buffer.from("x"), InvocationTimeoutSeconds: 3600 });
      await cloud.invoke({ InferenceId: "b", Body: Buffer.from("x"), RequestTTLSeconds: 120 });

      expect((await cloud.ended("b")).change).to.equal("expired");
      expect(new Set(cloud.values("HasBacklogWithoutCapacity"))).to.deep.equal(new Set([0]));
    } finally {
      await cloud.close();
    }
  });
});
