import { expect } from "chai";
import { Activities } from "../../../local/autoscaling/activities";
import { VirtualClock } from "../../../local/clock";
import { keepInMemory } from "../../../local/kept";
describe("a scaling activity", () => {
    it("is in progress while the endpoint still updates, the count reached or not: a cooldown must not begin early", async () => {
        const clock = new VirtualClock(0);
        const variant = { endpointStatus: "Updating", currentInstanceCount: 2, desiredInstanceCount: 2, instanceType: "ml.g5.xlarge" };
        const activities = new Activities({ clock, keeper: keepInMemory() }, {
            variant: () => variant,
            setDesiredInstanceCount: () => undefined,
        });
        const ends = [];
        activities.change({ resourceId: "endpoint/ocr", endpointName: "ocr", variantName: "main" }, 2, "an alarm", (fulfilled) => ends.push(fulfilled));
        await clock.advance(60_000);
        expect([ends, activities.list()[0]?.statusCode]).to.deep.equal([[], "InProgress"]);
        variant.endpointStatus = "InService";
        await clock.advance(5000);
        expect([ends, activities.list()[0]?.statusCode]).to.deep.equal([[true], "Successful"]);
    });
});
