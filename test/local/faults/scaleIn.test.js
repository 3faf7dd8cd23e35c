import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { CloudFaults } from "../../../local/faults/cloudFaults";
describe("a scale-in that is a fault", () => {
    it("waits for an endpoint that is updating, as the service refuses both of its changes until then", async () => {
        const clock = new VirtualClock(0);
        const endpoint = { endpointStatus: "Updating", currentInstanceCount: 2, desiredInstanceCount: 2, instanceType: "ml.g5.xlarge" };
        const changes = [];
        const ports = {
            context: { clock, emit: () => undefined },
            endpoints: {
                variant: () => ({ ...endpoint }),
                setDesiredInstanceCount: (_endpoint, _variant, count) => {
                    expect(endpoint.endpointStatus).to.equal("InService");
                    changes.push([clock.now() / 1000, count]);
                },
            },
            callersOf: () => [],
        };
        const faults = new CloudFaults({ seed: 1, jobs: 1, faults: [{ kind: "scale-in-sigterm", atSeconds: 10, durationSeconds: 30, minutes: 0 }] }, ports);
        const { wire } = faults.around({ wire: { sagemaker: async () => ({ status: 202 }) }, close: async () => undefined });
        await wire?.["sagemaker"]?.({ path: "/endpoints/ocr/async-invocations", headers: {}, body: Buffer.from("") });
        faults.start();
        clock.setTimeout(() => (endpoint.endpointStatus = "InService"), 17_000);
        clock.setTimeout(() => (endpoint.endpointStatus = "Updating"), 38_000);
        clock.setTimeout(() => (endpoint.endpointStatus = "InService"), 43_000);
        await clock.advance(60_000);
        expect(changes).to.deep.equal([
            [20, 1],
            [45, 2],
        ]);
        clock.close();
    });
});
