import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import type { CloudEvent } from "../../../local/ports";
import type { ModelCommands } from "../../../local/sagemaker";
import { restartable, type Restartable } from "../../support/restartable";
import { FakeContainers, roleArn, startSageMaker, until, type TestSageMaker } from "./support";

describe("an endpoint whose cloud is started again with the same state", () => {
  let state: Restartable;
  let cloud: TestSageMaker;
  let containers: FakeContainers;
  let now: number;
  beforeEach(async () => {
    state = restartable();
    now = Date.UTC(2026, 0, 1);
    await start();
  });
  afterEach(async () => {
    await cloud.close();
    state.remove();
  });

  async function start(options: Parameters<typeof startSageMaker>[0] = {}): Promise<void> {
    containers = new FakeContainers();
    cloud = await startSageMaker({ startContainer: containers.start, clock: new VirtualClock(now), keeper: state.open(), ...options });
  }
  /** What is written is there, as after a kill: nothing is written at the end. */
  async function restart(options: Parameters<typeof startSageMaker>[0] = {}): Promise<void> {
    await cloud.close();
    await start(options);
  }
  const invoke = (InferenceId: string, more = {}) => cloud.invoke({ InferenceId, Body: Buffer.from(InferenceId), ...more });
  const inService = (count: number) =>
    cloud.event(() => cloud.events.filter((event) => event.kind === "instance" && event.change === "inService").length === count);
  const steady = (instances: number) =>
    until(
      () => cloud.sagemaker.endpoints.variant("ep", "AllTraffic")?.endpointStatus === "InService" && containers.running.size === instances,
    );
  const changes = () =>
    cloud.events
      .filter((event): event is CloudEvent & { kind: "invocation" } => event.kind === "invocation")
      .map(({ inferenceId, change }) => `${inferenceId} ${change}`);

  it("runs what ran again, then what waited, each to one end", async () => {
    await cloud.deploy({ maxConcurrentInvocationsPerInstance: 1 });
    for (const id of ["done", "running", "waiting"]) await invoke(id);
    (await containers.request(0)).answer({ body: Buffer.from("first") });
    await cloud.ended("done");
    await containers.request(1);

    await restart();
    await inService(1);
    for (const index of [0, 1]) (await containers.request(index)).answer({ body: Buffer.from(`again ${index}`) });
    await cloud.ended("waiting");
    expect(containers.requests.map(({ text }) => text)).to.deep.equal(["running", "waiting"]);
    expect(cloud.published.map(({ message }) => message["inferenceId"])).to.deep.equal(["running", "waiting"]);

    await restart();
    await inService(1);
    expect(changes()).to.deep.equal([]);
  });

  it("has the number of instances that it had, the same description, and expires what became too old meanwhile", async () => {
    await cloud.deploy();
    cloud.sagemaker.endpoints.setDesiredInstanceCount("ep", "AllTraffic", 2, "a test");
    await steady(2);
    cloud.sagemaker.endpoints.setDesiredInstanceCount("ep", "AllTraffic", 0, "a test");
    await steady(0);
    await invoke("old", { RequestTTLSeconds: 60 });
    await invoke("young", { RequestTTLSeconds: 3600 });
    const { $metadata: _, ...before } = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));

    now += 120_000;
    await restart();
    await (cloud.context.clock as VirtualClock).advance(1);
    const { $metadata: _again, ...after } = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));
    expect(after).to.deep.equal(before);
    expect([containers.specs.length, changes()]).to.deep.equal([0, ["old queued", "young queued", "old expired"]]);
  });

  it("ends an update that was under way, and goes on with what waited", async () => {
    await cloud.deploy({ maxConcurrentInvocationsPerInstance: 1 });
    const {
      $metadata: _,
      CreationTime: _c,
      EndpointConfigArn: _a,
      ...config
    } = await cloud.sdk.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "config" }));
    await cloud.sdk.send(new CreateEndpointConfigCommand({ ...config, EndpointConfigName: "second" }));
    await invoke("waiting");
    await containers.request(0);
    containers.gate = new Promise(() => undefined);
    await cloud.sdk.send(new UpdateEndpointCommand({ EndpointName: "ep", EndpointConfigName: "second" }));

    await restart();
    await steady(1);
    const { EndpointConfigName } = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));
    expect([EndpointConfigName, containers.running.size]).to.deep.equal(["second", 1]);
  });

  it("serves a model that was made by the API with the command of the cloud that it is in now", async () => {
    await restart({ modelCommands: { directory: "/srv", command: "serve one" } });
    const PrimaryContainer = { Image: "image:1" };
    await cloud.sdk.send(new CreateModelCommand({ ModelName: "m", ExecutionRoleArn: roleArn, PrimaryContainer }));
    const variant = { VariantName: "A", ModelName: "m", InstanceType: "ml.g5.xlarge", InitialInstanceCount: 1 } as const;
    await cloud.sdk.send(new CreateEndpointConfigCommand({ EndpointConfigName: "c", ProductionVariants: [variant] }));
    await cloud.sdk.send(new CreateEndpointCommand({ EndpointName: "e", EndpointConfigName: "c" }));
    await advanceUntil(() => containers.specs.length === 1);
    const first = containers.specs.map(({ command, directory }) => ({ command, directory }));

    await restart({ modelCommands: { directory: "/opt", command: "serve", byImage: { "image:1": "serve two" } } });
    await advanceUntil(() => containers.specs.length === 1);
    expect([...first, ...containers.specs.map(({ command, directory }) => ({ command, directory }))]).to.deep.equal([
      { command: "serve one", directory: "/srv" },
      { command: "serve two", directory: "/opt" },
    ]);
  });

  it("serves an image of the account's registry by the short name that the setting image takes, and others' by their whole name", async () => {
    const byImage = { "ocr:1": "serve short", "ocr:2": "serve another", "eu/ocr:1": "serve whole" };
    await restart({ modelCommands: { directory: "/srv", command: "serve any", byImage } });
    const { accountId, region } = cloud.context;
    const images = [`${accountId}.dkr.ecr.${region}.amazonaws.com/ocr:1`, `999999999999.dkr.ecr.${region}.amazonaws.com/ocr:1`, "eu/ocr:1"];
    for (const [index, Image] of images.entries()) {
      const [ModelName, EndpointConfigName, EndpointName] = [`m${index}`, `c${index}`, `e${index}`];
      await cloud.sdk.send(new CreateModelCommand({ ModelName, ExecutionRoleArn: roleArn, PrimaryContainer: { Image } }));
      const variant = { VariantName: "A", ModelName, InstanceType: "ml.g5.xlarge", InitialInstanceCount: 1 } as const;
      await cloud.sdk.send(new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants: [variant] }));
      await cloud.sdk.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
      await advanceUntil(() => containers.specs.length === index + 1);
    }
    expect(containers.specs.map(({ command }) => command)).to.deep.equal(["serve short", "serve any", "serve whole"]);
  });

  it("serves a program's model with its own command, until a command comes before those of programs", async () => {
    await cloud.deploy();
    const served = async (modelCommands: ModelCommands) => {
      await restart({ modelCommands });
      await advanceUntil(() => containers.specs.length === 1);
      return containers.specs.map(({ command, directory }) => `${command} in ${directory}`);
    };
    const own = await served({ directory: "/srv", command: "serve" });
    expect(await served({ directory: "/srv", command: "serve", overPrograms: true })).to.deep.equal(["serve in /srv"]);
    expect(await served({ directory: "/srv", byImage: { "other:1": "serve" }, overPrograms: true })).to.deep.equal(own);
    expect(own).to.have.lengthOf(1).and.not.include("serve in /srv");
  });

  it("does not come back once it is deleted, nor what waited for it", async () => {
    await cloud.deploy();
    cloud.sagemaker.endpoints.setDesiredInstanceCount("ep", "AllTraffic", 0, "a test");
    await steady(0);
    await invoke("waiting");
    await cloud.sdk.send(new DeleteEndpointCommand({ EndpointName: "ep" }));
    await until(() => cloud.sagemaker.endpoints.variant("ep", "AllTraffic") === undefined);

    await restart();
    expect([cloud.sagemaker.endpoints.variant("ep", "AllTraffic"), changes()]).to.deep.equal([undefined, []]);
  });

  /** Instances of the API's models take a second of the cloud's clock. */
  async function advanceUntil(isThere: () => boolean): Promise<void> {
    while (!isThere()) await (cloud.context.clock as VirtualClock).advance(1000);
  }
});
