import { expect } from "chai";
import { restartable } from "../../support/restartable";
import { registerTarget, resourceId, start, testCloud, trackingPolicy } from "../cloudwatch/cloud";
describe("a scheduled action of an endpoint", () => {
    let cloud;
    afterEach(() => cloud.close());
    const create = (name, schedule, scalableTargetAction) => cloud.create("aws:appautoscaling/scheduledAction:ScheduledAction", name, {
        name,
        serviceNamespace: "sagemaker",
        resourceId,
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        schedule,
        scalableTargetAction,
    });
    it("has instances ready in the morning, and gives the bounds back in the evening", async () => {
        cloud = await testCloud();
        await registerTarget(cloud, 0, 5);
        await create("morning", "cron(0 8 * * ? *)", { minCapacity: 2 });
        await create("evening", "cron(0 18 * * ? *)", { minCapacity: 0, maxCapacity: 1 });
        await cloud.minutes(24 * 60);
        expect(cloud.endpoint.changes).to.deep.equal([
            { at: 480, count: 2, cause: "minimum capacity was set to 2" },
            { at: 1080, count: 1, cause: "maximum capacity was set to 1" },
        ]);
        expect(cloud.autoscaling.activities().map(({ description, cause }) => ({ description, cause }))).to.deep.equal([
            { description: "Setting desired instance count to 1.", cause: "maximum capacity was set to 1" },
            { description: "Setting min capacity to 0 and max capacity to 1", cause: "scheduled action name evening was triggered" },
            { description: "Setting desired instance count to 2.", cause: "minimum capacity was set to 2" },
            { description: "Setting min capacity to 2 and max capacity to 5", cause: "scheduled action name morning was triggered" },
        ]);
    });
    it("goes on where the cloud before it was killed, and with it targets, policies and their alarms", async () => {
        const state = restartable();
        try {
            cloud = await testCloud({ keeper: state.open() });
            await registerTarget(cloud, 0, 5);
            await trackingPolicy(cloud, "backlog", { targetValue: 5 });
            await create("morning", "cron(0 8 * * ? *)", { minCapacity: 2 });
            const { arn } = cloud.autoscaling.targets()[0] ?? {};
            const alarms = cloud.cloudWatch.alarms().map(({ arn }) => arn);
            await cloud.close();
            cloud = await testCloud({ keeper: state.open(), now: start + 60 * 60_000 });
            await cloud.minutes(8 * 60);
            expect(cloud.autoscaling.targets().map((target) => [target.arn, target.minCapacity])).to.deep.equal([[arn, 2]]);
            expect(cloud.cloudWatch.alarms().map(({ arn }) => arn)).to.deep.equal(alarms);
            expect(cloud.endpoint.changes).to.deep.equal([{ at: 480, count: 2, cause: "minimum capacity was set to 2" }]);
        }
        finally {
            state.remove();
        }
    });
    it("needs a registered target", async () => {
        cloud = await testCloud();
        const error = await create("morning", "rate(1 day)", { minCapacity: 1 }).catch((reason) => reason);
        expect(error.message).to.equal(`No scalable target registered for resource ID: ${resourceId}`);
    });
    it("is refused as the service does when nobody can tell when it would come", async () => {
        cloud = await testCloud();
        await registerTarget(cloud, 0, 5);
        const error = await create("morning", "every day", { minCapacity: 1 }).catch((reason) => reason);
        expect(error.name).to.equal("ValidationException");
        expect(error.message).to.match(/^Schedule: got "every day"; accepts cron/);
    });
});
