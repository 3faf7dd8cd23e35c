import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import type { CloudEvent } from "../../../local/ports";
import { modelCommand, roleArn, startSageMaker, type TestSageMaker } from "./support";

describe("SageMaker with real containers", () => {
  let cloud: TestSageMaker;
  beforeEach(async () => (cloud = await startSageMaker()));
  afterEach(() => cloud.close());

  const ask = async (wish: object) => {
    const { InferenceId, OutputLocation, FailureLocation } = await cloud.invoke({
      Body: Buffer.from(JSON.stringify(wish)),
      ContentType: "application/json",
    });
    const { change, detail } = await cloud.ended(InferenceId as string);
    return { change, detail, output: (await cloud.object(OutputLocation))?.body, failure: (await cloud.object(FailureLocation))?.body };
  };
  /** `message` in the sentence of a failure without an answer. */
  const said = (detail: string | undefined) => /server error \(0\) from model with message "(.*)"\. See/.exec(detail ?? "")?.[1];
  const instance = (change: (CloudEvent & { kind: "instance" })["change"], count = 1) =>
    cloud.event(() => cloud.events.filter((event) => event.kind === "instance" && event.change === change).length >= count);
  const failure = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => expect.fail("did not fail"),
      (error: Error) => error.message,
    );

  it("leaves no model behind when its parent is killed, which runs no handler", async () => {
    const script = `
      const { startProcess } = require(${JSON.stringify(require.resolve("../../../local/sagemaker/container"))});
      const { WallClock } = require(${JSON.stringify(require.resolve("../../../local/clock"))});
      startProcess(
        {
          command: "echo port $PORT; " + process.argv[1],
          directory: ".",
          environment: {},
          clock: new WallClock(),
          startupTimeoutSeconds: 60,
          onLine: console.log,
        },
        new AbortController().signal,
      ).then(() => console.log("ready"));`;
    const parent = spawn(process.execPath, ["-e", script, modelCommand], { stdio: ["ignore", "pipe", "inherit"] });
    const lines: string[] = [];
    for await (const line of createInterface({ input: parent.stdout })) if (lines.push(line) && line === "ready") break;
    const port = /^port (\d+)$/m.exec(lines.join("\n"))?.[1];
    const ping = () => fetch(`http://127.0.0.1:${port}/ping`).then(({ status }) => status);
    expect(await ping()).to.equal(200);

    parent.kill("SIGKILL");

    while ((await ping().catch(() => "gone")) !== "gone") await setImmediate();
  });

  it("runs the model on the input, stores the result and tells of it", async () => {
    await cloud.deploy();
    const { InferenceId, OutputLocation } = await cloud.invoke({
      InputLocation: await cloud.input('{"page":1}'),
      ContentType: "application/json",
    });
    await cloud.ended(InferenceId as string);

    expect(await cloud.object(OutputLocation)).to.deep.equal({ body: '{"page":1}', contentType: "application/json" });
    expect(cloud.published.map(({ message }) => message["eventName"])).to.deep.equal([
      "TestNotification",
      "TestNotification",
      "InferenceResult",
    ]);
  });

  it("gives the container its environment, this cloud and the role's keys, and a port under both names", async () => {
    await cloud.deploy({ environment: { MODEL_NAME: "ocr", PORT: "1" } });
    const { environment } = JSON.parse((await ask({ model: "describe" })).output ?? "") as { environment: Record<string, string> };
    const { accessKeyId, secretAccessKey, sessionToken } = cloud.context.credentialsFor(roleArn, "SageMaker");

    expect(environment).to.deep.include({
      MODEL_NAME: "ocr",
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ENDPOINT_URL: cloud.context.endpointUrl,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      SM_CURRENT_INSTANCE_TYPE: "ml.g5.2xlarge",
    });
    expect(environment["SAGEMAKER_BIND_TO_PORT"]).to.equal(environment["PORT"]).and.not.equal("1");
  });

  it("fails an answer without Content-Length, which the service would not read", async () => {
    await cloud.deploy();

    expect(said((await ask({ model: "chunked" })).detail)).to.equal("the response has no Content-Length header");
  });

  it("fails an answer with more headers than the service reads", async () => {
    await cloud.deploy();

    expect(said((await ask({ model: "headers", bytes: 4096 })).detail)).to.match(
      /^the response headers have \d+ bytes, at most 4096 are allowed$/,
    );
    expect(said((await ask({ model: "headers", bytes: 100_000 })).detail)).to.equal(
      "the response headers have more bytes, at most 4096 are allowed",
    );
    expect((await ask({ model: "headers", bytes: 3000 })).change).to.equal("completed");
  });

  it("stores what the model says, garbage too: only the model knows what is one", async () => {
    await cloud.deploy();

    expect((await ask({ model: "garbage" })).output).to.equal('{"text": "cut o');
  });

  it("fails a model's error with its own words in the failure object", async () => {
    await cloud.deploy();

    expect(await ask({ model: "error", status: 503, message: "no GPU left" })).to.deep.include({
      change: "failed",
      output: undefined,
      failure: "no GPU left",
    });
  });

  it("does not take half an answer for a result", async () => {
    await cloud.deploy();

    expect(await ask({ model: "reset" })).to.deep.include({ change: "failed", output: undefined });
  });

  it("fails what ran when the container exits, keeps its last words, and goes on with a new instance", async () => {
    await cloud.deploy();
    const { change, detail } = await ask({ model: "exit", code: 9 });

    expect([change, said(detail)]).to.deep.equal(["failed", "An error occurred while handling request as the model process exited."]);
    await cloud.event((event) => event.kind === "instance" && event.detail === "the container ended with exit code 9");
    await instance("inService", 2);
    expect(cloud.lines.filter(({ stream }) => !stream.endsWith("/data-log"))).to.deep.include({
      group: "/aws/sagemaker/Endpoints/ep",
      stream: cloud.lines[0]?.stream,
      line: "the model gives up",
    });
    expect((await ask({ model: "echo" })).change).to.equal("completed");
  });

  it("says what the container printed when it can't start", async () => {
    expect(await failure(cloud.deploy({ environment: { MODEL_FAILS_TO_START: "1" } }))).to.equal(
      `The container (\`${modelCommand}\`) ended with exit code 3 before it answered GET /ping. Its last lines:\nno weights here`,
    );
  });

  it("says so when the command does not exist", async () => {
    expect(await failure(cloud.deploy({ localSettings: { modelCommand: "no-such-command-here" } }))).to.match(
      /^The container \(`no-such-command-here`\) ended with exit code 127 before it answered GET \/ping\. Its last lines:\n.*not found/,
    );
  });

  it("gives a container that never gets ready no more than its start-up time", async () => {
    const clock = new VirtualClock();
    const virtual = await startSageMaker({ clock });
    try {
      const deploying = failure(
        virtual.deploy({ environment: { MODEL_NEVER_READY: "1" }, variant: { containerStartupHealthCheckTimeoutInSeconds: 60 } }),
      );
      await virtual.said("model ready");
      await clock.advance(60_000);

      expect(await deploying).to.equal(
        `The container (\`${modelCommand}\`) did not answer GET /ping with 200 within 60 s. Its last lines:\nmodel ready`,
      );
    } finally {
      await virtual.close();
    }
  });

  it("tells after ten seconds what it waits for, and what the container printed: a start may go on for an hour", async () => {
    const clock = new VirtualClock();
    const virtual = await startSageMaker({ clock });
    try {
      const deploying = failure(virtual.deploy({ environment: { MODEL_NEVER_READY: "1" } }));
      await virtual.said("model ready");
      await clock.advance(10_000);
      const warning = (await virtual.event(({ kind }) => kind === "warning")) as CloudEvent & { kind: "warning" };
      // What the newest of its pings met, which may have come before it listened.
      expect(warning.message).to.match(
        /\) (answered GET \/ping with 503|does not listen on the port in PORT \(\d+\) at 127\.0\.0\.1) and is waited for, for up to 600 s\. Its last lines:\nmodel ready$/,
      );
      expect(virtual.lines.map(({ line }) => line)).to.deep.equal(["model ready", `[sagemaker] ${warning.message}`]);
      await clock.advance(590_000);
      await deploying;
    } finally {
      await virtual.close();
    }
  });

  it("replaces an instance that goes on running and says that it has failed: every further job would fail in milliseconds", async () => {
    const clock = new VirtualClock();
    const virtual = await startSageMaker({ clock });
    try {
      await virtual.deploy();
      const { InferenceId } = await virtual.invoke({ Body: Buffer.from('{"model":"fail"}') });
      await virtual.ended(InferenceId as string);
      const failed = () => virtual.events.find((event) => event.kind === "instance" && event.change === "failed");
      const inService = () => virtual.events.filter((event) => event.kind === "instance" && event.change === "inService");
      while (!failed()) {
        await clock.advance(5000);
        await setImmediate();
      }
      await virtual.event(() => inService().length === 2);

      expect(failed()).to.have.property("detail", "the container answered GET /ping with 500, 3 times in a row");
      const { InferenceId: next } = await virtual.invoke({ Body: Buffer.from("{}") });
      expect((await virtual.ended(next as string)).change).to.equal("completed");
    } finally {
      await virtual.close();
    }
  });

  it("says of a server that hangs up on a large input that the model did not run, not that it exited", async () => {
    const server =
      "require('http').createServer((ask, answer) => ask.method === 'GET' ? answer.writeHead(200, { 'Content-Length': 0 }).end() : ask.socket.destroy())" +
      ".listen(process.env.PORT, '127.0.0.1')";
    await cloud.deploy({ localSettings: { modelCommand: `"${process.execPath}" -e "${server}"` } });
    const { InferenceId } = await cloud.invoke({ InputLocation: await cloud.input(Buffer.alloc(32 * 1024 * 1024)) });

    expect(said((await cloud.ended(InferenceId as string)).detail)).to.equal(
      "The container closed the connection while the input was being sent.",
    );
  });

  it("says what to set when the program names no command", async () => {
    const localSettings = { modelCommand: undefined } as unknown as Record<string, string>;

    expect(await failure(cloud.deploy({ localSettings }))).to.equal(
      "Nothing can serve the model model on this machine: set the setting local:modelCommand in the stack file to the command line " +
        "that serves it, such as `python serve.py`; it gets the port to listen on in PORT.",
    );
  });

  it("ends a container with SIGTERM, and one that ignores it 30 s later", async () => {
    const clock = new VirtualClock();
    const virtual = await startSageMaker({ clock });
    try {
      await virtual.deploy({ environment: { MODEL_IGNORES_SIGTERM: "1" } });
      virtual.sagemaker.endpoints.setDesiredInstanceCount("ep", "AllTraffic", 0, "a test");
      await virtual.said("SIGTERM ignored");
      await clock.advance(29_999);
      expect(virtual.events.filter((event) => event.kind === "instance" && event.change === "stopped")).to.deep.equal([]);
      await clock.advance(1);
      await virtual.event((event) => event.kind === "instance" && event.change === "stopped");
    } finally {
      await virtual.close();
    }
  });

  it("leaves no process when the cloud closes, a shell's children included", async () => {
    await cloud.deploy({ localSettings: { modelCommand: `${modelCommand}; true` } });
    const { environment } = JSON.parse((await ask({ model: "describe" })).output ?? "") as { environment: Record<string, string> };
    await cloud.close();

    const url = `http://127.0.0.1:${environment["PORT"]}/ping`;
    expect(await failure(fetch(url))).to.equal("fetch failed");
  });

  it("does not wait for what a container has left behind outside its group", async () => {
    const leaves =
      'const stray = require("child_process").spawn("sleep", ["60"], { detached: true, stdio: "inherit" }); console.log(stray.pid); stray.unref()';
    await cloud.deploy({ localSettings: { modelCommand: `"${process.execPath}" -e '${leaves}'; ${modelCommand}` } });
    const stray = Number(cloud.lines[0]?.line);
    await cloud.close();

    expect(process.kill(stray, "SIGKILL")).to.equal(true);
  });

  it("carries two hundred requests in flight to their results", async () => {
    await cloud.deploy({ variant: { initialInstanceCount: 2 } });
    const ids = Array.from({ length: 200 }, (_, index) => `1.job-${index}`);
    const sent = await Promise.all(ids.map((id) => cloud.invoke({ InferenceId: id, Body: Buffer.from(id) })));
    await Promise.all(ids.map((id) => cloud.ended(id)));
    const outputs = await Promise.all(sent.map(({ OutputLocation }) => cloud.object(OutputLocation)));

    expect(outputs.map((output) => output?.body)).to.deep.equal(ids);
    expect(cloud.published.map(({ message }) => message["inferenceId"]).filter(Boolean)).to.have.members(ids);
  });
});
