import { DescribeEndpointCommand, UpdateEndpointCommand, type DeploymentConfig } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { releasePolicy } from "../../../components/release";
import { deploy } from "../../../doubles/deploy";
import { VirtualClock } from "../../../local/clock";
import { createCloudWatch } from "../../../local/cloudwatch";
import type { AlarmWatch } from "../../../local/sagemaker/rollout";
import { startTestCloud } from "../../support/cloudContext";
import { configInputs, FakeContainers, noTargets, startSageMaker, until, type TestSageMaker } from "./support";

const size = (Value: number) => ({ Type: "INSTANCE_COUNT" as const, Value });
const rollback = { AutoRollbackConfiguration: { Alarms: [{ AlarmName: "failures" }] } };
const canary = (WaitIntervalInSeconds = 60): DeploymentConfig => ({
  BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: "CANARY", CanarySize: size(1), WaitIntervalInSeconds } },
  ...rollback,
});

/** One alarm, under a test's control. */
class FakeAlarm implements AlarmWatch {
  private readonly watchers = new Set<(name: string) => void>();
  exists(name: string): boolean {
    return name === "failures";
  }
  inAlarm(_: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.watchers.add(resolve);
      signal.addEventListener("abort", () => resolve(undefined));
    });
  }
  trip(): void {
    for (const tell of this.watchers) tell("failures");
  }
  get watched(): number {
    return this.watchers.size;
  }
}

describe("a release of the embedded SageMaker", () => {
  let cloud: TestSageMaker;
  let containers: FakeContainers;
  let clock: VirtualClock;
  let alarm: FakeAlarm;
  beforeEach(async () => {
    containers = new FakeContainers();
    clock = new VirtualClock(Date.UTC(2026, 0, 1));
    alarm = new FakeAlarm();
    cloud = await startSageMaker({ startContainer: containers.start, clock, alarms: alarm });
    await cloud.deploy({ variant: { initialInstanceCount: 2 }, maxConcurrentInvocationsPerInstance: 1 });
  });
  afterEach(() => cloud.close());

  const invoke = (InferenceId: string) => cloud.invoke({ InferenceId, Body: Buffer.from(InferenceId) });
  const describeEndpoint = () => cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));
  const update = async (DeploymentConfig: DeploymentConfig, initialInstanceCount = 2) => {
    await cloud.create("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "two", {
      ...configInputs({ variant: { initialInstanceCount }, maxConcurrentInvocationsPerInstance: 1 }),
      name: "two",
    });
    await cloud.sdk.send(new UpdateEndpointCommand({ EndpointName: "ep", EndpointConfigName: "two", DeploymentConfig }));
  };
  const settled = async () => {
    for (;;) {
      const { EndpointStatus, FailureReason, EndpointConfigName } = await describeEndpoint();
      if (EndpointStatus === "InService") return { FailureReason, EndpointConfigName };
    }
  };
  /** Which request runs under which configuration, as metrics during a release say. */
  const configsOf = (metricName: string) =>
    cloud.data.flatMap((datum) => (datum.metricName === metricName ? [datum.dimensions["EndpointConfigName"]] : [])).filter(Boolean);

  it("sends the first request and then its share to the new version, and the rest to the old one", async () => {
    await update(canary());
    await until(() => alarm.watched === 1);
    for (let index = 0; index < 4; index++) {
      await invoke(`${index}`);
      (await containers.request(index)).answer({});
      await cloud.ended(`${index}`);
    }

    expect(configsOf("InvocationsProcessed")).to.deep.equal(["two", "config", "two", "config"]);
    await clock.advance(60_000);
    await until(() => alarm.watched === 2);
    await invoke("all");
    (await containers.request(4)).answer({});
    await cloud.ended("all");
    expect(configsOf("InvocationsProcessed").at(-1)).to.equal("two");
    await clock.advance(60_000);

    expect(await settled()).to.deep.equal({ FailureReason: undefined, EndpointConfigName: "two" });
    expect(containers.running.size).to.equal(2);
  });

  it("rolls a bad version back when its alarm trips: the old fleet finishes what it runs and takes what waits, and no job is lost", async () => {
    await invoke("long");
    const long = await containers.request(0);
    await update(canary());
    await until(() => alarm.watched === 1);
    await invoke("bad");
    (await containers.request(1)).answer({ status: 500 });
    expect((await cloud.ended("bad")).change).to.equal("failed");
    expect(configsOf("Invocation5XXErrors")).to.deep.equal(["two"]);
    for (const id of ["old", "new", "waits"]) await invoke(id);
    const old = await containers.request(2);
    await containers.request(3);
    alarm.trip();
    const { FailureReason, EndpointConfigName } = await settled();

    expect([FailureReason, EndpointConfigName]).to.deep.equal(["The alarm failures tripped while the new version was watched.", "config"]);
    expect(containers.running.size).to.equal(2);
    long.answer({});
    old.answer({});
    (await containers.request(4)).answer({});
    const ends = await Promise.all(["long", "old", "waits", "new"].map(async (id) => (await cloud.ended(id)).change));
    // What still ran on the bad version ends with it, as with any fleet: the job is in doubt, and the sweeper runs it again.
    expect(ends).to.deep.equal(["completed", "completed", "completed", "killed"]);
  });

  it("rolls back as well after every request went to the new version, for as long as it is watched", async () => {
    await update({
      BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 60 } },
      ...rollback,
    });
    await until(() => alarm.watched === 1);
    alarm.trip();
    expect((await settled()).EndpointConfigName).to.equal("config");
    await invoke("a");
    (await containers.request(0)).answer({});
    expect((await cloud.ended("a")).change).to.equal("completed");
  });

  it("replaces a fleet step by step, and gives the old one its instances back when an alarm trips in the middle", async () => {
    await update({ RollingUpdatePolicy: { MaximumBatchSize: size(1), WaitIntervalInSeconds: 60 }, ...rollback });
    await until(() => alarm.watched === 1);
    expect(containers.running.size).to.equal(3);
    await clock.advance(60_000);
    await until(() => alarm.watched === 2);
    expect(containers.running.size).to.equal(3);
    alarm.trip();

    expect((await settled()).EndpointConfigName).to.equal("config");
    await until(() => containers.running.size === 2);
    expect((await describeEndpoint()).ProductionVariants?.[0]?.DesiredInstanceCount).to.equal(2);
  });

  it("replaces the whole fleet when no alarm trips", async () => {
    await update({ RollingUpdatePolicy: { MaximumBatchSize: size(1), WaitIntervalInSeconds: 60 }, ...rollback });
    for (const step of [1, 2]) {
      await until(() => alarm.watched === step);
      await clock.advance(60_000);
    }
    expect(await settled()).to.deep.equal({ FailureReason: undefined, EndpointConfigName: "two" });
    expect(containers.running.size).to.equal(2);
  });

  it("is rolled back by the alarms that the program makes, on the metrics that the endpoint publishes", async () => {
    const { resources } = await deploy(() => {
      const watched = { endpointName: "ep", endpointConfigName: "two", variantName: "AllTraffic" };
      const args = {
        deployment: { strategy: "blueGreen" as const },
        minCapacity: 2,
        requestTtlSeconds: 3600,
        invocationTimeoutSeconds: 900,
      };
      void releasePolicy("ocr", { ...args, ...watched }, new pulumi.ComponentResource("test:index:Parent", "parent"));
    });
    await cloud.close();
    clock = new VirtualClock(Date.UTC(2026, 0, 1));
    const place = await startTestCloud({ clock });
    const cloudWatch = place.add(await createCloudWatch(place.context, { targets: noTargets, metricDelaySeconds: 0 }));
    cloud = await startSageMaker({ startContainer: containers.start, clock, metrics: cloudWatch, alarms: cloudWatch.watch });
    await cloud.deploy({ variant: { initialInstanceCount: 2 }, maxConcurrentInvocationsPerInstance: 1 });
    const made = await Promise.all(resources.map(({ type, name, inputs }) => place.create(type, name, inputs)));
    const names = made.map(({ id }) => id);
    const AutoRollbackConfiguration = { Alarms: names.map((AlarmName) => ({ AlarmName })) };
    await update({ ...canary(600), AutoRollbackConfiguration });
    await until(() => cloud.events.filter((event) => event.kind === "instance" && event.change === "inService").length === 4);
    for (let index = 0; index < 6; index++) {
      await invoke(`${index}`);
      const request = await containers.request(index);
      request.answer({ status: index % 2 === 0 ? 500 : 200 });
      await cloud.ended(`${index}`);
    }
    await clock.advance(120_000);
    const { FailureReason, EndpointConfigName } = await settled();

    expect(EndpointConfigName).to.equal("config");
    expect(FailureReason).to.match(/^The alarm ocr-rollback-failure-rate-[0-9a-f]+ tripped while the new version was watched\.$/);
    const states = cloudWatch
      .alarms()
      .map(({ alarm: { alarmName }, state }) => [alarmName.replace(/^ocr-rollback-|-[0-9a-f]+$/g, ""), state]);
    expect(Object.fromEntries(states)).to.deep.equal({ "failure-rate": "ALARM", "new-version": "ALARM", "oldest-job": "OK" });
    await place.close();
  });

  it("refuses what SageMaker refuses: a canary of one instance, and alarms that do not exist", async () => {
    const refusal = (config: DeploymentConfig, count: number) =>
      update(config, count).then(
        () => "accepted",
        (error: Error) => error.message,
      );
    expect(await refusal(canary(), 1)).to.equal("CanarySize must be at most 50 percent of the instance count of the variant, which is 1.");
    await cloud.create("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "three", { ...configInputs(), name: "three" });
    const AutoRollbackConfiguration = { Alarms: [{ AlarmName: "missing" }] };
    const unknown = new UpdateEndpointCommand({
      EndpointName: "ep",
      EndpointConfigName: "three",
      DeploymentConfig: { ...canary(), AutoRollbackConfiguration },
    });
    const error = await cloud.sdk.send(unknown).catch((reason: unknown) => reason as Error);
    expect((error as Error).message).to.equal('Alarm(s) "missing" do not exist.');
  });
});
