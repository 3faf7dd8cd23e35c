import { expect } from "chai";
import * as fc from "fast-check";
import { embeddedMetrics } from "../../../local/lambda/embeddedMetrics";
const timestamp = 1_769_342_400_000;
const directive = { Namespace: "Jobs", Dimensions: [["Endpoint"], ["Endpoint", "State"]], Metrics: [{ Name: "Seconds", Unit: "Seconds" }] };
const line = (members, directives = [directive]) => JSON.stringify({ _aws: { Timestamp: timestamp, CloudWatchMetrics: directives }, ...members });
describe("embedded metric format", () => {
    it("gives each value in each set of dimensions", () => {
        const datum = { namespace: "Jobs", metricName: "Seconds", unit: "Seconds", timestamp };
        expect(embeddedMetrics(line({ Endpoint: "ocr", State: "COMPLETED", Seconds: [1.5, 3] }))).to.deep.equal([
            { ...datum, value: 1.5, dimensions: { Endpoint: "ocr" } },
            { ...datum, value: 1.5, dimensions: { Endpoint: "ocr", State: "COMPLETED" } },
            { ...datum, value: 3, dimensions: { Endpoint: "ocr" } },
            { ...datum, value: 3, dimensions: { Endpoint: "ocr", State: "COMPLETED" } },
        ]);
    });
    it("is found behind the prefix that console.log adds in Lambda", () => {
        const text = `2026-01-25T12:00:00.000Z\t9f\tINFO\t${line({ Endpoint: "ocr", State: "x", Seconds: 1 })}`;
        expect(embeddedMetrics(text).map(({ value }) => value)).to.deep.equal([1, 1]);
    });
    it("takes several namespaces, the empty set of dimensions, and None where no unit is given", () => {
        const directives = [
            { Namespace: "A", Dimensions: [[]], Metrics: [{ Name: "N" }] },
            { Namespace: "B", Dimensions: [["Endpoint"]], Metrics: [{ Name: "N", Unit: "Count", StorageResolution: 60 }] },
        ];
        expect(embeddedMetrics(line({ Endpoint: "ocr", N: 2 }, directives))).to.deep.equal([
            { namespace: "A", metricName: "N", dimensions: {}, value: 2, unit: "None", timestamp },
            { namespace: "B", metricName: "N", dimensions: { Endpoint: "ocr" }, value: 2, unit: "Count", timestamp },
        ]);
    });
    it("leaves out what the line does not hold", () => {
        expect(embeddedMetrics(line({ Endpoint: "ocr", Seconds: 1 })).map(({ dimensions }) => dimensions)).to.deep.equal([{ Endpoint: "ocr" }]);
        expect(embeddedMetrics(line({ Endpoint: "ocr", State: "x" }))).to.deep.equal([]);
        expect(embeddedMetrics(line({ Endpoint: "ocr", State: "x", Seconds: "1" }))).to.deep.equal([]);
    });
    it("never mistakes another line for a metric, nor fails on it", () => {
        const lines = ["", "{", '{"_aws": "CloudWatchMetrics"}', '"_aws" "CloudWatchMetrics" {', line({}, [{ Namespace: "" }])];
        expect(lines.flatMap(embeddedMetrics)).to.deep.equal([]);
        fc.assert(fc.property(fc.string(), fc.json(), (text, json) => embeddedMetrics(`${text}"_aws""CloudWatchMetrics"${json}`).length === 0));
    });
});
