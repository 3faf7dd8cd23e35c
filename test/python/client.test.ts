import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { SageMakerAsyncClient } from "../../client";
import { credentialAdvice } from "../../client/errors";
import { codedError, errorCodes, noJob } from "../../core/records/errors";
import { contentTypeOfName } from "../../core/messages/contentTypes";
import type { AsyncInferenceOutputs } from "../../outputs";
import { needsBoto3, python, pythonEnvironment } from "../support/python";
import { CloudUnderTest, root } from "../support/service";

/** A gate that one request waits at until another opens it. */
function gate(): { passed: Promise<void>; open: () => void } {
  let open = () => undefined as void;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}

describe("the Python client", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "sagemaker-async-python-"));
  let cloud: CloudUnderTest | undefined;
  let outputs: AsyncInferenceOutputs;
  let outcomes: Record<string, unknown>;
  /** Calls of the submit function, by the job that they name. */
  const calls = new Map<string, number>();

  before(async function () {
    needsBoto3(this);
    const second = gate();
    const started = await CloudUnderTest.start({
      intercept: async (service, request, answer) => {
        const jobId = /"jobId": ?"([\w-]+)"/.exec(request.body.toString())?.[1] ?? "";
        if (service === "lambda") calls.set(jobId, (calls.get(jobId) ?? 0) + 1);
        const isFirst = calls.get(jobId) === 1;
        if (service === "dynamodb" && request.body.includes("denied-job")) {
          return { status: 400, headers: {}, body: '{"__type":"AccessDeniedException","Message":"not authorized"}' };
        }
        if (service !== "lambda") return answer();
        if (jobId === "unavailable") return { status: 503, headers: {}, body: "{}" };
        const answered = await answer();
        // The function has run, and its caller does not learn of it.
        if (jobId === "lost-answer" && isFirst) return { status: 500, headers: {}, body: "{}" };
        if (jobId === "late-answer") await (isFirst ? second.passed : second.open());
        return answered;
      },
    });
    cloud = started;
    outputs = await started.deployOwn();
    const file = path.join(folder, "outputs.json");
    writeFileSync(file, JSON.stringify({ endpointUrl: started.cloud.endpointUrl, outputs }));
    await started.s3.send(
      new PutObjectCommand({
        Bucket: outputs.bucketName,
        Key: `${outputs.inputPrefix}given.txt`,
        Body: "given",
        ContentType: "text/plain",
      }),
    );
    await using other = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: started.cloud.endpointUrl, outputs });
    await other.submit({ by: "both", n: [1, 2.5, null] }, { jobId: "shared" });

    const script = path.join(root, "python", "tests", "scenarios.py");
    const LOCATION = `s3://${outputs.bucketName}/${outputs.inputPrefix}given.txt`;
    const running = spawn(python, [script, file, folder], {
      env: { ...pythonEnvironment, LOCATION },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const printed = (await running.stdout.toArray()).join("");
    if (running.exitCode === null) await once(running, "exit");
    outcomes = JSON.parse(printed) as Record<string, unknown>;
  });
  after(async () => {
    await cloud?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const completed = (job_id: string, data: unknown, type: string) => ({ job_id, success: true, data, type, error: null });

  it("gives the model every digit of JSON, and reads every digit back", () => {
    expect(outcomes["digits"]).to.equal('{"id": 9007199254740993, "share": 1.0, "text": "grün"}');
  });

  it("says what text and bytes are, and gives results back as they are", () => {
    const seen = (outcomes["types"] as { data: unknown; type: string }[]).map(({ data, type }) => [data, type]);

    expect(seen).to.deep.equal([
      ["plain", "text/plain"],
      [{ bytes: 2 }, "application/octet-stream"],
      [{ bytes: 8 }, "application/pdf"],
    ]);
  });

  it("makes one job of a call whose answer is lost, by calling again with the same id", () => {
    expect(outcomes["lost answer"]).to.deep.equal(completed("lost-answer", { a: 1 }, "application/json"));
    expect(calls.get("lost-answer")).to.equal(2);
  });

  it("makes one job of a call that is answered after the read timeout", () => {
    expect(outcomes["late answer"]).to.deep.equal(completed("late-answer", "late", "text/plain"));
    expect(calls.get("late-answer")).to.equal(2);
  });

  it("lets boto3 send nothing again by itself", () => {
    expect(outcomes["no retry of boto3's"]).to.deep.include({ code: "UNAVAILABLE", retryable: true, job_id: "unavailable" });
    expect(calls.get("unavailable")).to.equal(1);
  });

  it("returns a job that failed as a result without success, with the record's code and the model's words", () => {
    const { success, error } = outcomes["model error"] as { success: boolean; error: { code: string; message: string; advice: string } };

    expect([success, error.code, error.advice]).to.deep.equal([false, "MODEL_ERROR", codedError("MODEL_ERROR", "").advice]);
    expect(error.message).to.contain("no such page");
  });

  it("returns a result that isn't what it says it is as BAD_OUTPUT", () => {
    expect(outcomes["no json"]).to.deep.include({ success: false, type: "application/json" });
    expect((outcomes["no json"] as { error: unknown }).error).to.deep.include({ code: "BAD_OUTPUT", job_id: "garbage" });
  });

  it("tells state, attempt, metadata and times of a job", () => {
    expect(outcomes["status"]).to.deep.equal({
      state: "COMPLETED",
      ended: true,
      attempt: 1,
      inference_id: "1.seen",
      metadata: { tenant: "acme" },
      timings: ["acceptedAt", "invokingAt", "submittedAt", "receivedAt", "finishedAt", "recordedAt"],
    });
  });

  it("raises the submit function's refusals, with the field", () => {
    const { code, field, job_id } = outcomes["conflict"] as Record<string, unknown>;
    expect([code, field, job_id]).to.deep.equal(["CONFLICT", "job_id", "seen"]);
    expect(outcomes["bad request"]).to.deep.include({
      code: "BAD_INPUT",
      message: 'request_ttl_seconds: got 1, expected an integer from 60 to 21600; on_doubt: got "perhaps", expected "rerun" or "wait"',
      field: "request_ttl_seconds",
    });
  });

  it("takes the same input under the same id for the TypeScript client's job", () => {
    expect(outcomes["of the other client"]).to.deep.equal(completed("shared", { by: "both", n: [1, 2.5, null] }, "application/json"));
  });

  it("refuses what no model can be given before anything is sent", () => {
    expect(outcomes["no input"]).to.deep.include({
      code: "BAD_INPUT",
      field: "input",
      message: "input: Object of type set is not JSON serializable",
    });
    expect(outcomes["bad id"]).to.deep.include({
      code: "BAD_INPUT",
      message: 'job_id: got "../other", expected 1 to 60 letters, digits, ".", "_" and "-", a letter or digit first',
    });
  });

  it("uploads a large file once, however often its job is submitted", async () => {
    const result = completed("large", { bytes: 4_200_008 }, "image/png");
    expect(outcomes["large"]).to.deep.equal([result, result]);
    expect(outcomes["to file"]).to.deep.equal({ ...result, data: { file: "saved.png", bytes: 4_200_008 } });
    expect(readFileSync(path.join(folder, "saved.png")).equals(readFileSync(path.join(folder, "big page.png")))).to.equal(true);

    const prefix = `${outputs.inputPrefix}large/`;
    const { Contents = [] } = await (cloud as CloudUnderTest).s3.send(
      new ListObjectsV2Command({ Bucket: outputs.bucketName, Prefix: prefix }),
    );
    expect(Contents.map(({ Key = "" }) => Key.slice(prefix.length).replace(/^[0-9a-f]{16}/, "<hash>"))).to.deep.equal([
      "<hash>/big_page.png",
    ]);
  });

  it("runs the model on an object that is in S3", () => {
    expect(outcomes["by location"]).to.deep.include({ success: true, data: "given", type: "text/plain" });
  });

  it("answers a handle of a client that was closed", () => {
    expect(outcomes["closed"]).to.equal("COMPLETED");
  });

  it("ends its own wait without ending the job, and says what can't be looked at", () => {
    expect(outcomes["wait too short"]).to.deep.equal({
      code: "WAIT_TIMEOUT",
      message: "The wait for job hangs took as long as it may.",
      advice: codedError("WAIT_TIMEOUT", "").advice,
      retryable: true,
      field: null,
      job_id: "hangs",
    });
    expect(outcomes["unknown"]).to.deep.equal({ ...noJob("nobody"), field: "job_id", job_id: "nobody" });
    expect(outcomes["denied"]).to.deep.include({
      code: "ACCESS_DENIED",
      advice: `Add to the caller's role: {"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"${outputs.jobTableArn}"}`,
    });
  });

  it("refuses before it sends or waits what can't be right: a pause of nothing, half a character, a folder that is not there", () => {
    expect((outcomes["settings"] as { message: string }[]).map(({ message }) => message)).to.deep.equal([
      "poll_interval_seconds: got 0, expected a number from 0.1 to 60",
      "max_attempts: got 0, expected a whole number from 1 to 10",
      "max_attempts: got 2.5, expected a whole number from 1 to 10",
      "timeout_seconds: got nan, expected a number from 0 to 604800",
      'timeout_seconds: got "60", expected a number from 0 to 604800',
    ]);
    expect(outcomes["half a character"]).to.deep.include({ code: "BAD_INPUT", field: "input" });
    expect(calls.get("half")).to.equal(undefined);
    expect((outcomes["nowhere to save"] as { code: string; message: string }[]).map(({ message }) => message)).to.deep.equal([
      `to_file: ${folder} is a folder`,
      `to_file: ${path.join(folder, "none", "saved.png")} is in a folder that is not there`,
    ]);
  });

  it("names the machine's clock, not its role, when what it signs is of another time", () => {
    const clock = ["ACCESS_DENIED", "Set this machine's clock: AWS refuses what is signed more than five minutes off its own."];
    const keys = ["ACCESS_DENIED", credentialAdvice];
    expect(outcomes["clock"]).to.deep.equal([clock, clock, clock, keys]);
  });

  it("reads outputs as pulumi and the embedded cloud write them, and says of others what is wrong", () => {
    const { bare, nested, ...read } = outcomes["outputs"] as Record<string, unknown>;
    const address = cloud?.cloud.endpointUrl;
    expect([bare, nested, read["by name"], read["by stack"], read["by its queues"]]).to.deep.equal([true, true, true, address, address]);
    const messages = Object.entries(read).flatMap(([name, error]) =>
      name.startsWith("by ") ? [] : [[name, (error as { message: string }).message]],
    );
    expect(messages).to.deep.equal([
      ["several", "outputs: the outputs of several services: ocr, speech."],
      ["unknown name", "service: got ocrs, expected ocr or speech."],
      ["secret", "outputs: no text as output bucketName."],
      ["newer", "outputs: contractVersion 2, and this client reads 1."],
      ["other stack", "outputs: no output contractVersion, which the outputs of an asynchronous inference have (found vpcId)."],
      ["no file", "nowhere.json: no such file."],
    ]);
  });

  it("makes up keys for a cloud on this machine alone, and only where there are none", () => {
    expect(outcomes["keys"]).to.deep.equal({
      "127.0.0.1": "test",
      localhost: "test",
      "[::1]": "test",
      "cloud.localhost": "test",
      "127.evil.example": null,
      notlocalhost: null,
      "10.0.0.7": null,
      AWS: null,
      "a profile": null,
    });
    expect(outcomes["own session"]).to.equal("AKIAOWN");
  });

  it("ends the message before the advice begins", () => {
    expect(outcomes["texts"]).to.deep.equal(["BAD_INPUT: n: got 1. Give 2.", "BAD_INPUT: There is none. Look.", "BAD_INPUT: n: got 1"]);
    expect(outcomes["empty"]).to.deep.include({
      message: "input: got 0 bytes, expected 1 to 1073741824",
      advice: "Give at least one byte.",
    });
    expect(outcomes["unsigned"]).to.deep.include({ code: "ACCESS_DENIED", advice: credentialAdvice });
  });

  it("runs the program of its README, also without an AWS account", () => {
    expect(outcomes["readme"]).to.deep.equal(["{'inputs': 'It works.'}", "COMPLETED 1"]);
  });

  it("has the codes, advice, content types and job ids of the TypeScript client", () => {
    const advices = outcomes["advices"] as Record<string, [string, boolean]>;
    for (const [code, told] of Object.entries(advices)) {
      const { advice, retryable } = codedError(code as (typeof errorCodes)[number], "");
      expect(told, code).to.deep.equal([advice, retryable]);
    }
    expect(outcomes["codes"]).to.deep.equal([...errorCodes]);
    const types = outcomes["extensions"] as Record<string, string>;
    expect(Object.fromEntries(Object.keys(types).map((name) => [name, contentTypeOfName(`a.${name}`)]))).to.deep.equal(types);
    expect(outcomes["new id"]).to.match(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  });
});
