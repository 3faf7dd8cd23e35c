import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { expect } from "chai";
import { createMonitor } from "../../../local/deploy/monitor";
import { root } from "../../support/service";
describe("what a program's Pulumi asks of its engine", () => {
    const monitor = createMonitor({ project: "shop", stack: "dev", organization: "acme", directory: root }, {});
    const answer = (ask, request) => new Promise((resolve, reject) => ask(request, (error, given) => (error ? reject(error) : resolve(given))));
    it("is answered the same for each feature, by versions below 3.256, which ask one by one, and by those since", async () => {
        const info = await answer(monitor.getDeploymentInfo, {});
        const { ResourceMonitorFeature: features } = proto;
        const asked = { secrets: features.RESOURCE_MONITOR_FEATURE_SECRETS, outputValues: features.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES };
        const supported = {};
        for (const id of Object.keys(asked)) {
            const request = new proto.SupportsFeatureRequest();
            request.setId(id);
            supported[id] = (await answer(monitor.supportsFeature, request)).getHassupport();
        }
        expect(supported).to.deep.equal({ secrets: true, outputValues: false });
        expect(Object.values(asked).map((feature) => info.getSupportedfeaturesList().includes(feature))).to.deep.equal([true, false]);
    });
});
