import { expect } from "chai";
import { start, testCloud } from "./cloud";
const minute = 60_000;
const backlog = { namespace: "AWS/SageMaker", metricName: "ApproximateBacklogSize", dimensions: { EndpointName: "ocr" } };
describe("metrics", () => {
    let cloud;
    afterEach(() => cloud.close());
    it("come to the statistic that was asked for, period by period", async () => {
        cloud = await testCloud();
        const values = [4, 1, 7, 2];
        cloud.cloudWatch.put(values.map((value, at) => ({ ...backlog, value, unit: "Count", timestamp: start + at * 20_000 })));
        const read = (stat, periodSeconds) => cloud.cloudWatch.metricStatistics({ ...backlog, stat, periodSeconds, from: start, to: start + 5 * minute });
        expect(read("Sum", 60)).to.deep.equal([
            { timestamp: start, value: 12 },
            { timestamp: start + minute, value: 2 },
        ]);
        const whole = ["Average", "Minimum", "Maximum", "SampleCount", "p50", "p100", "p12.5"].map((stat) => read(stat, 300));
        expect(whole.map(([datapoint]) => datapoint)).to.deep.equal([3.5, 1, 7, 4, 3, 7, 1.375].map((value) => ({ timestamp: start, value })));
    });
    it("are told apart by every dimension and, when asked, by unit", async () => {
        cloud = await testCloud();
        const datum = { ...backlog, value: 1, unit: "Count", timestamp: start };
        cloud.cloudWatch.put([
            datum,
            { ...datum, dimensions: { EndpointName: "ocr", VariantName: "AllTraffic" }, value: 10 },
            { ...datum, unit: "None", value: 100 },
        ]);
        const sum = (unit) => cloud.cloudWatch.metricStatistics({ ...backlog, stat: "Sum", ...(unit && { unit }), from: start, to: start + minute });
        expect([sum(), sum("Count"), sum("Seconds")]).to.deep.equal([[{ timestamp: start, value: 101 }], [{ timestamp: start, value: 1 }], []]);
        expect(cloud.cloudWatch.listMetrics()).to.deep.equal([
            backlog,
            { ...backlog, dimensions: { EndpointName: "ocr", VariantName: "AllTraffic" } },
        ]);
    });
    it("of a service are seen late, of a program at once", async () => {
        cloud = await testCloud({ metricDelaySeconds: 120 });
        const own = { ...backlog, namespace: "Jobs" };
        cloud.cloudWatch.put([backlog, own].map((metric) => ({ ...metric, value: 1, unit: "Count", timestamp: start })));
        const seen = () => [backlog, own].map((metric) => cloud.cloudWatch.metricStatistics({ ...metric, stat: "Sum", from: start, to: start + minute }).length);
        const before = seen();
        await cloud.minutes(1.99);
        const almost = seen();
        await cloud.minutes(0.01);
        expect([before, almost, seen()]).to.deep.equal([
            [0, 1],
            [0, 1],
            [1, 1],
        ]);
    });
    it("are forgotten after 15 days, so that a cloud that runs for weeks does not grow", async () => {
        cloud = await testCloud();
        const put = () => cloud.cloudWatch.put([{ ...backlog, value: 1, unit: "Count", timestamp: cloud.clock.now() }]);
        put();
        await cloud.minutes(10);
        put();
        await cloud.minutes(15 * 24 * 60 - 5);
        expect(cloud.cloudWatch.metricStatistics({ ...backlog, stat: "Sum", from: start, to: cloud.clock.now() })).to.deep.equal([
            { timestamp: start + 10 * minute, value: 1 },
        ]);
    });
});
