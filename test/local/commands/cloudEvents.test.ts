import { expect } from "chai";
import { eventLine, serviceFunctionsOf } from "../../../local/commands/cloudEvents";
import { serviceOutputs } from "../../support/outputs";

describe("npm run cloud: what it shows while it serves", () => {
  const inbox = "arn:aws:lambda:us-east-1:000000000000:function:ocr-inbox-1";
  const functions = serviceFunctionsOf([
    { outputs: { ...serviceOutputs, submitFunctionName: "ocr-submit-1", inboxFunctionArn: inbox } },
    { outputs: { speech: { ...serviceOutputs, sweepFunctionName: "speech-sweep-1" }, table: "jobs" } },
  ]);
  const own = (name: string) => functions.has(name);
  const printed = (functionName: string, line: string) => eventLine({ kind: "printed", functionName, line }, own);
  const functionEvent = (change: "failed" | "retried" | "succeeded", detail?: string) =>
    eventLine({ kind: "function", functionName: "ocr-completed-store-1a2b3c4", change, requestId: "r", ...(detail && { detail }) }, own);

  it("shows what a handler prints, without what Lambda puts around it", () => {
    expect(printed("ocr-completed-store-1a2b3c4", "2026-01-25T22:46:00.000Z\t6b1c\tINFO\tstored order-17\n")).to.deep.equal({
      text: "ocr-completed-store: stored order-17",
      isWarning: false,
    });
    expect(printed("ocr-completed-store-1a2b3c4", "raw line")?.text).to.equal("ocr-completed-store: raw line");
    for (const line of ["START RequestId: 1 Version: $LATEST", "END RequestId: 1", "REPORT RequestId: 1\tDuration: 2 ms"]) {
      expect(printed("ocr-completed-store-1a2b3c4", line)).to.equal(undefined);
    }
  });

  it("is spared the service's own functions, which print metrics, in each stack and service", () => {
    expect(["ocr-submit-1", "ocr-inbox-1", "speech-sweep-1"].map((name) => printed(name, "{}"))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("tells of each try of a function that fails, and of the next one", () => {
    expect(functionEvent("failed", '{"errorType":"TypeError","errorMessage":"job.result is undefined","trace":[]}')).to.deep.equal({
      text: "ocr-completed-store: a try failed: TypeError: job.result is undefined",
      isWarning: true,
    });
    expect(functionEvent("failed", "killed")?.text).to.equal("ocr-completed-store: a try failed: killed");
    expect(functionEvent("retried", "in 60 s")?.text).to.equal("ocr-completed-store: is tried again in 60 s");
    expect(functionEvent("succeeded")).to.equal(undefined);
  });

  it("names the job whose model failed and what it said, and leaves out the console of an account that does not exist here", () => {
    const detail =
      'ClientError: Received client error (400) from model with message "no text". See https://us-east-1.console.aws.amazon.com/cloudwatch/' +
      "home?region=us-east-1#logEventViewer:group=/aws/sagemaker/Endpoints/ocr in account 000000000000 for more information.";
    const invocation = (change: "failed" | "completed") =>
      eventLine({ kind: "invocation", endpointName: "ocr", inferenceId: "2.order-17", change, detail }, own);

    expect(invocation("failed")).to.deep.equal({
      text: 'job order-17 failed: ClientError: Received client error (400) from model with message "no text".',
      isWarning: true,
    });
    expect(invocation("completed")).to.equal(undefined);
  });

  it("says why an instance could not start, with what its container printed last", () => {
    const instance = (change: "failed" | "inService", detail?: string) =>
      eventLine({ kind: "instance", endpointName: "ocr", instanceId: "i-1", change, ...(detail !== undefined && { detail }) }, own);
    const detail =
      "The container (`node model.mjs`) ended with exit code 1 before it answered GET /ping. Its last lines:\nError: no weights";

    expect(instance("failed", detail)).to.deep.equal({ text: `an instance of ocr failed: ${detail}`, isWarning: true });
    expect(instance("inService")).to.equal(undefined);
  });

  it("tells of warnings, refusals and faults", () => {
    expect(eventLine({ kind: "denied", message: "no" }, own)).to.deep.equal({ text: "denied: no", isWarning: true });
    expect(eventLine({ kind: "fault", fault: "two-sweepers" }, own)).to.deep.equal({ text: "fault: two-sweepers", isWarning: false });
  });
});
