import { SageMakerClient, UpdateEndpointWeightsAndCapacitiesCommand } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import type { Floor } from "../../core/records/items";
import { VirtualClock } from "../../local/clock";
import { passTime } from "../support/passTime";
import { CloudUnderTest, ServiceUnderTest } from "../support/service";

describe("A fleet that is larger than needed, with drain", () => {
  let clock: VirtualClock;
  let cloud: CloudUnderTest;
  let service: ServiceUnderTest;

  before(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 12));
    cloud = await CloudUnderTest.start({ clock });
    const settings = { "sagemaker-async-inference:drain": "true", "sagemaker-async-inference:idleSeconds": "240" };
    service = await ServiceUnderTest.follow(cloud, await passTime(clock, cloud.deployOwn(settings), 0.1));
  });
  after(() => cloud.close());

  const capacities = () => cloud.events.flatMap((event) => (event.kind === "capacity" ? [event.desiredInstanceCount] : []));
  const floor = async () => (await service.record("#floor")) as unknown as Floor | undefined;

  it("shrinks while jobs keep coming, hits none that runs, and holds new ones no longer than that", async () => {
    const { endpointName } = service.outputs;
    const sageMaker = new SageMakerClient(cloud.settings);
    const DesiredWeightsAndCapacities = [{ VariantName: "AllTraffic", DesiredInstanceCount: 3 }];
    await sageMaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: endpointName, DesiredWeightsAndCapacities }));
    sageMaker.destroy();
    await service.submit({ jobId: "running-1", input: { model: "hang" }, invocationTimeoutSeconds: 200 });
    const timePasses = () =>
      new Promise<void>((resolve) => {
        const stop = clock.onTick(() => {
          stop();
          resolve();
        });
      });
    const emptying = async () => {
      while ((await floor())?.drain === undefined) await timePasses();
    };
    await passTime(clock, emptying(), 1);
    const held = await service.submit({ jobId: "held-1", input: { text: "later" } });
    expect([held.statusCode, held.state]).to.deep.equal([202, "ACCEPTED"]);

    const [running, { state, invokingAt }] = await passTime(clock, Promise.all([service.end("running-1"), service.end("held-1")]), 1);

    expect([running.error?.code, state, capacities()]).to.deep.equal(["TIMEOUT", "COMPLETED", [3, 1]]);
    expect(Date.parse(invokingAt as string)).to.be.greaterThan(Date.parse(running.endedAt as string));
    expect((await floor())?.drain).to.equal(undefined);
  });
});
