import { expect } from "chai";
import * as fc from "fast-check";
import { readNotification } from "../../../core/messages/notification";
const completed = {
    eventTime: "2026-01-25T22:46:00.608Z",
    receivedTime: "2026-01-25T22:46:00.455Z",
    invocationStatus: "Completed",
    inferenceId: "1.order-17",
    requestParameters: { endpointName: "ocr", inputLocation: "s3://bucket/input.csv" },
    responseParameters: { contentType: "text/csv", outputLocation: "s3://bucket/output/9f.out" },
};
const read = (message) => readNotification(JSON.stringify(message));
describe("readNotification", () => {
    it("finds the result of a completed invocation, and when it was what", () => {
        expect(read(completed)).to.deep.equal({
            kind: "completed",
            inferenceId: "1.order-17",
            endpointName: "ocr",
            outputLocation: "s3://bucket/output/9f.out",
            outputContentType: "text/csv",
            receivedAt: "2026-01-25T22:46:00.455Z",
            finishedAt: "2026-01-25T22:46:00.608Z",
        });
    });
    for (const [where, location] of [
        ["at the top", { failureLocation: "s3://bucket/failure/9f-error.out" }],
        ["among the response's", { responseParameters: { failureLocation: "s3://bucket/failure/9f-error.out" } }],
    ]) {
        it(`finds why an invocation failed, and where it says more: ${where}`, () => {
            const { responseParameters, ...rest } = completed;
            expect(responseParameters.contentType).to.equal("text/csv");
            expect(read({ ...rest, invocationStatus: "Failed", failureReason: "because", ...location })).to.deep.equal({
                kind: "failed",
                inferenceId: "1.order-17",
                endpointName: "ocr",
                reason: "because",
                failureLocation: "s3://bucket/failure/9f-error.out",
                receivedAt: "2026-01-25T22:46:00.455Z",
                finishedAt: "2026-01-25T22:46:00.608Z",
            });
        });
    }
    it("closes a job although the service leaves out all that can be done without", () => {
        expect(read({ invocationStatus: "Failed", inferenceId: "1.a" })).to.deep.equal({
            kind: "failed",
            inferenceId: "1.a",
            reason: "no reason given",
        });
        expect(read({ invocationStatus: "Completed", inferenceId: "1.a", eventTime: "soon", responseParameters: { outputLocation: "s3://b/k" } })).to.deep.equal({ kind: "completed", inferenceId: "1.a", outputLocation: "s3://b/k" });
    });
    it("takes no field for an answer that is none", () => {
        const wrong = { endpointName: 5, contentType: "", outputLocation: "s3://b/k" };
        expect(read({ ...completed, eventTime: 5, receivedTime: null, requestParameters: wrong, responseParameters: wrong })).to.deep.equal({
            kind: "completed",
            inferenceId: "1.order-17",
            outputLocation: "s3://b/k",
        });
        expect(read({ ...completed, invocationStatus: "Failed", failureReason: "", failureLocation: {} })).to.deep.include({
            reason: "no reason given",
        });
        expect(read({ ...completed, inferenceId: "" })).to.deep.equal({ kind: "malformed", problem: "no inferenceId" });
        expect(read({ ...completed, invocationStatus: "x".repeat(5000) })).to.deep.equal({
            kind: "malformed",
            problem: `unknown invocationStatus "${"x".repeat(99)}`,
        });
    });
    it("does not take the test message after a deployment for a job", () => {
        expect(read({ eventVersion: "1.0", eventSource: "aws:sagemaker", eventName: "TestNotification" })).to.deep.equal({ kind: "test" });
    });
    for (const [message, problem] of [
        ["{", "not JSON"],
        ["null", "not an object"],
        ["{}", "no inferenceId"],
        ['{"inferenceId":"1.a"}', "unknown invocationStatus undefined"],
        ['{"inferenceId":"1.a","invocationStatus":"Paused"}', 'unknown invocationStatus "Paused"'],
        ['{"inferenceId":"1.a","invocationStatus":"Completed"}', "completed, but no outputLocation"],
    ]) {
        it(`says what is missing instead of closing a job without a result: ${message}`, () => {
            expect(readNotification(message)).to.deep.equal({ kind: "malformed", problem });
        });
    }
    it("never throws, whatever arrives: a throw would be tried again and end in the dead letters", () => {
        const mutated = fc
            .tuple(fc.constantFrom(...Object.keys(completed)), fc.jsonValue())
            .map(([name, value]) => ({ ...completed, [name]: value }));
        fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), mutated.map((message) => JSON.stringify(message))), (text) => void readNotification(text)));
    });
});
