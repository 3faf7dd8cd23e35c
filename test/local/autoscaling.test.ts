import { expect } from "chai";
import { alarmInputs, registerTarget, stepPolicy, testCloud, type TestCloud } from "./cloudwatch/cloud";

describe("autoscaling of an endpoint", () => {
  let cloud: TestCloud;
  afterEach(() => cloud.close());

  const wakeStep = {
    adjustmentType: "ChangeInCapacity",
    cooldown: 300,
    stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment: 1 }],
  };

  it("wakes from zero when two minutes in a row have a backlog and no instance", async () => {
    cloud = await testCloud();
    await registerTarget(cloud, 0, 5);
    const policy = await stepPolicy(cloud, "wake", wakeStep);
    await cloud.create("aws:cloudwatch/metricAlarm:MetricAlarm", "wake", alarmInputs({ alarmActions: [policy.state["arn"]] }));
    cloud.publish("HasBacklogWithoutCapacity", 1);
    await cloud.minutes(1);
    cloud.publish("HasBacklogWithoutCapacity", 1);
    await cloud.minutes(1.5);
    expect(cloud.endpoint.changes).to.deep.equal([
      { at: 2 + 1 / 60, count: 1, cause: "monitor alarm wake in state ALARM triggered policy wake" },
    ]);
  });
});
