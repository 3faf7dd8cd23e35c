import {
  GetFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  ListFunctionsCommand,
  RemovePermissionCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { WallClock } from "../../../local/clock";
import type { WireResponse } from "../../../local/wire";
import { Gate } from "../../support/gate";
import { LambdaBench, roleArn, textArchive } from "./support";

/** Status, kind of error and parsed payload of a synchronous invocation. */
async function invoke(bench: LambdaBench, name: string, event: unknown = {}, more: Partial<InvokeCommandInput> = {}) {
  const answer = await bench.client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...more }));
  const text = answer.Payload?.transformToString() ?? "";
  const payload = text === "" ? undefined : (JSON.parse(text) as unknown);
  const log = answer.LogResult === undefined ? undefined : Buffer.from(answer.LogResult, "base64").toString();
  return { status: answer.StatusCode, functionError: answer.FunctionError, payload, log };
}

/** Code and message with which the service refuses. */
async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "accepted",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe("Lambda", () => {
  let bench: LambdaBench;
  /** Answers a request without a signature when five of them wait. */
  const together: ((answer: WireResponse) => void)[] = [];
  before(async () => {
    bench = await LambdaBench.start(new WallClock(), {
      none: () =>
        new Promise((resolve) => {
          if (together.push(resolve) === 5) for (const open of together.splice(0)) open({ status: 200 });
        }),
    });
  });
  after(() => bench.close());

  it("answers a synchronous caller with what the serialized closure returned", async () => {
    await bench.deploy("adder", () => async (event: { a: number; b: number }) => ({ sum: event.a + event.b }));
    const answer = await invoke(bench, "adder", { a: 2, b: 3 });
    expect(answer).to.deep.equal({ status: 200, functionError: undefined, payload: { sum: 5 }, log: undefined });
  });

  it("is found by name, ARN and partial ARN, and says in AWS's words what it does not find", async () => {
    const arn = await bench.deploy(
      "found",
      () => async (_: unknown, context: { invokedFunctionArn: string }) => context.invokedFunctionArn,
    );
    const answers = await Promise.all(["found", arn, "123456789012:function:found", `${arn}:$LATEST`].map((name) => invoke(bench, name)));
    expect(answers.map(({ payload }) => payload)).to.deep.equal([arn, arn, arn, arn]);
    expect(await refusal(invoke(bench, "lost"))).to.equal(
      "ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:123456789012:function:lost",
    );
    expect(await refusal(invoke(bench, "found", {}, { Qualifier: "live" }))).to.equal(
      "ResourceNotFoundException: Function not found: arn:aws:lambda:eu-west-1:123456789012:function:found:live",
    );
  });

  it("describes a function so that waiters and tools find it active", async () => {
    const arn = await bench.deploy("described", () => async () => 1, { memorySize: 256, tags: { team: "ml" }, description: "answers" });
    await waitUntilFunctionActiveV2({ client: bench.client, maxWaitTime: 60 }, { FunctionName: "described" });
    const { Configuration, Tags } = await bench.client.send(new GetFunctionCommand({ FunctionName: "described" }));
    const { FunctionArn, Handler, MemorySize, Timeout, Runtime, Description, State } = Configuration ?? {};
    expect({ FunctionArn, Handler, MemorySize, Timeout, Runtime, Description, State, Tags }).to.deep.equal({
      FunctionArn: arn,
      Handler: "__index.handler",
      MemorySize: 256,
      Timeout: 10,
      Runtime: "nodejs24.x",
      Description: "answers",
      State: "Active",
      Tags: { team: "ml" },
    });
    const pages: (string | undefined)[] = [];
    for (let Marker: string | undefined, first = true; first || Marker !== undefined; first = false) {
      const page = await bench.client.send(new ListFunctionsCommand({ MaxItems: 1, Marker }));
      pages.push(...(page.Functions ?? []).map(({ FunctionName }) => FunctionName));
      Marker = page.NextMarker;
    }
    expect(pages).to.include("described").and.deep.equal(pages.toSorted());
  });

  it("refuses what it does not support instead of passing it over", async () => {
    const layers = bench.deploy("layered", () => async () => 1, { layers: ["arn:aws:lambda:eu-west-1:1:layer:x:1"] });
    expect(await refusal(layers)).to.equal('Error: aws:lambda/function:Function "layered": layers: not supported by the embedded cloud');
  });

  it("checks a call without running it, and holds payloads to AWS's sizes", async () => {
    await bench.deploy("sized", () => async (event: { bytes?: number }) => "x".repeat(event.bytes ?? 0));
    expect(await invoke(bench, "sized", {}, { InvocationType: "DryRun" })).to.deep.equal({
      status: 204,
      functionError: undefined,
      payload: undefined,
      log: undefined,
    });
    expect(await refusal(invoke(bench, "sized", "x".repeat(6_291_455)))).to.equal(
      "RequestTooLargeException: Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    );
    expect(await refusal(invoke(bench, "sized", "x".repeat(1_048_575), { InvocationType: "Event" }))).to.equal(
      "RequestTooLargeException: Request must be smaller than 1048576 bytes for the InvokeFunction operation",
    );
    expect((await invoke(bench, "sized", { bytes: 6_291_555 })).payload).to.deep.equal({
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    });
    expect(await refusal(invoke(bench, "sized", {}, { InvocationType: "Later" as "Event" }))).to.match(
      /^ValidationException: .* Value 'Later' at 'invocationType' .* \[Event, RequestResponse, DryRun\]$/,
    );
    expect(await refusal(invoke(bench, "sized", {}, { Payload: "{" }))).to.match(
      /^InvalidRequestContentException: Could not parse request body into json/,
    );
  });

  it("gives the caller the error of the handler, and the log's end on demand", async () => {
    await bench.deploy("broken", () => async (event: { code: string }) => {
      console.log("looking at", event);
      console.warn("two\nlines");
      process.stdout.write("raw\n");
      throw Object.assign(new RangeError("no such thing"), { code: event.code });
    });
    const answer = await invoke(bench, "broken", { code: "X" }, { LogType: "Tail" });
    const { trace, ...failure } = answer.payload as { trace: string[] };
    expect({ ...answer, payload: failure, log: undefined }).to.deep.equal({
      status: 200,
      functionError: "Unhandled",
      payload: { errorType: "RangeError", errorMessage: "no such thing" },
      log: undefined,
    });
    expect(trace.slice(0, 1)).to.deep.equal(["RangeError: no such thing"]);
    expect(trace[1]).to.match(/__index\.js:\d+:\d+\)?$/);
    const lines = (answer.log ?? "").split("\n").map((line) =>
      line
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<id>")
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
        .replace(/[\d.]+ (ms|MB)/g, "<n> $1")
        .replace(/"stack":.*/, '"stack":…'),
    );
    expect(lines).to.deep.equal([
      "START RequestId: <id> Version: $LATEST",
      "<time>\t<id>\tINFO\tlooking at { code: 'X' }",
      "<time>\t<id>\tWARN\ttwo\rlines",
      "raw",
      '<time>\t<id>\tERROR\tInvoke Error \t{"errorType":"RangeError","errorMessage":"no such thing","stack":…',
      "END RequestId: <id>",
      "REPORT RequestId: <id>\tDuration: <n> ms\tBilled Duration: <n> ms\tMemory Size: <n> MB\tMax Memory Used: <n> MB\tInit Duration: <n> ms\tStatus: error\t",
      "",
    ]);
  });

  it("loads the SDK, as the Lambda runtime does, and nothing else of this machine", async () => {
    await bench.deploy("loader", () => async (event: { name: string; dynamic: boolean }) => {
      const load: (name: string) => object = require;
      const loaded = event.dynamic ? ((await import(event.name)) as object) : load(event.name);
      return Object.keys(loaded).length > 0;
    });
    const load = async (name: string, dynamic = false) => (await invoke(bench, "loader", { name, dynamic })).payload;
    expect(await Promise.all([load("@aws-sdk/client-s3"), load("@smithy/core"), load("node:fs"), load("fs")])).to.deep.equal([
      true,
      true,
      true,
      true,
    ]);
    expect(await load("@aws-sdk/client-dynamodb", true)).to.equal(true);
    const missing = async (name: string, dynamic = false) =>
      ((await load(name, dynamic)) as { errorMessage: string }).errorMessage
        .replace(/ \S+__index\.js/, " …")
        .split("\n")
        .slice(0, 2);
    expect(await missing("zod")).to.deep.equal(["Cannot find module 'zod'", "Require stack:"]);
    expect(await missing("nowhere")).to.deep.equal(["Cannot find module 'nowhere'", "Require stack:"]);
    expect(await missing("zod", true)).to.deep.equal(["Cannot find package 'zod' imported from …"]);
    expect(await missing("../../../package.json")).to.deep.equal(["Cannot find module '../../../package.json'", "Require stack:"]);
  });

  it("loads packages that the archive brings along", async () => {
    const code = textArchive({
      "__index.js": 'const { double } = require("doubler"); exports.handler = async (n) => double(n);',
      "node_modules/doubler/index.js": "exports.double = (n) => 2 * n;",
    });
    await bench.deploy("bundled", code);
    expect((await invoke(bench, "bundled", 21)).payload).to.equal(42);
  });

  it("finds no package of this machine when the files lie inside a project that has it", async () => {
    const inside = await LambdaBench.start(new WallClock(), {}, __dirname);
    try {
      await inside.deploy("hidden", () => async (event: { dynamic: boolean }) => {
        const load: (name: string) => object = require;
        const loaded = event.dynamic ? ((await import("zod")) as object) : load("zod");
        return Object.keys(loaded).length;
      });
      const message = async (dynamic: boolean) =>
        ((await invoke(inside, "hidden", { dynamic })).payload as { errorMessage: string }).errorMessage.replace(/\/\S+__index\.js/g, "…");
      expect([await message(false), await message(true)]).to.deep.equal([
        "Cannot find module 'zod'\nRequire stack:\n- …",
        "Cannot find package 'zod' imported from …",
      ]);
      await inside.deploy("shown", () => async () => typeof (require("@aws-sdk/client-sqs") as { SQSClient: unknown }).SQSClient);
      expect((await invoke(inside, "shown")).payload).to.equal("function");
    } finally {
      await inside.close();
    }
  });

  it("runs an ECMAScript module, with the SDK by import", async () => {
    const code = textArchive({
      "app.mjs": 'import { S3Client } from "@aws-sdk/client-s3"; export const main = async () => typeof S3Client;',
    });
    await bench.deploy("esm", code, { handler: "app.main" });
    expect((await invoke(bench, "esm")).payload).to.equal("function");
  });

  it("reports code that does not load, as the runtime's own kinds of errors", async () => {
    const kinds: Record<string, [string, string]> = {
      noPackage: ["__index.handler", 'require("left-pad");'],
      noSyntax: ["__index.handler", "exports.handler = async () => {"],
      noExport: ["__index.other", "exports.handler = async () => 1;"],
      noFile: ["absent.handler", ""],
      oldStyle: ["__index.handler", "exports.handler = (event, context, callback) => callback(null, 1);"],
    };
    const failures = await Promise.all(
      Object.entries(kinds).map(async ([name, [handler, code]]) => {
        await bench.deploy(name, textArchive({ "__index.js": `${code} ` }), { handler });
        const { payload } = await invoke(bench, name);
        const { errorType, errorMessage } = payload as { errorType: string; errorMessage: string };
        return [
          name,
          errorType,
          errorMessage
            .split("\n")[0]
            ?.replace(/'.*\/absent'/, "'…/absent'")
            .slice(0, 80),
        ];
      }),
    );
    expect(failures).to.deep.equal([
      ["noPackage", "Runtime.ImportModuleError", "Error: Cannot find module 'left-pad'"],
      ["noSyntax", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected end of input"],
      ["noExport", "Runtime.HandlerNotFound", "__index.other is undefined or not exported"],
      ["noFile", "Runtime.ImportModuleError", "Error: Cannot find module 'absent'"],
      ["oldStyle", "Runtime.CallbackHandlerDeprecated", "ERROR: AWS Lambda has removed support for callback-based function handlers start"],
    ]);
  });

  it("still takes a callback on runtimes that have it", async () => {
    const code = textArchive({ "__index.js": "exports.handler = (event, context, callback) => { callback(null, event + 1); };" });
    await bench.deploy("callback", code, { runtime: "nodejs22.x" });
    expect((await invoke(bench, "callback", 1)).payload).to.equal(2);
  });

  it("shows the function its own environment, and nothing of this machine's", async () => {
    await bench.deploy(
      "env",
      () => async () => ({
        variables: process.env,
        home: (require("node:os") as typeof import("node:os")).homedir(),
        argv: process.argv.length,
      }),
      {
        environment: { variables: { TABLE: "jobs" } },
        memorySize: 256,
      },
    );
    const { variables, home } = (await invoke(bench, "env")).payload as { variables: Record<string, string>; home: string };
    const { LAMBDA_TASK_ROOT: taskRoot, AWS_LAMBDA_LOG_STREAM_NAME: stream, ...rest } = variables;
    expect(taskRoot).to.match(/functions\/env$/);
    expect(stream).to.match(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect({ ...rest, home }).to.deep.equal({
      TABLE: "jobs",
      PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      LAMBDA_RUNTIME_DIR: "/var/runtime",
      _HANDLER: "__index.handler",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_ENDPOINT_URL: bench.context.endpointUrl,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_FUNCTION_NAME: "env",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/env",
      AWS_ACCESS_KEY_ID: "ASIAworker",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "session",
      home: "/home/sbx_user1051",
    });
  });

  it("calls the cloud's services with the function's role", async () => {
    await bench.deploy("caller", () => {
      const { SQSClient, ListQueuesCommand } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
      const sqs = new SQSClient({ maxAttempts: 1 });
      return async () => sqs.send(new ListQueuesCommand({})).catch((error: Error) => error.name);
    });
    expect((await invoke(bench, "caller")).payload).to.equal("NoSuchService");
    const callers = bench.received.filter(({ service }) => service === "sqs").map(({ headers }) => headers["authorization"]);
    expect(callers.map((authorization) => /Credential=([^/]+)/.exec(String(authorization))?.[1])).to.deep.equal(["ASIAworker"]);
  });

  it("keeps a warm environment between invocations and never shares it between concurrent ones", async () => {
    const counter = () => {
      let calls = 0;
      return async (event: { together?: boolean }) => {
        if (event.together) await fetch(process.env["AWS_ENDPOINT_URL"] ?? "");
        return { pid: process.pid, calls: ++calls };
      };
    };
    // Five processes may take their time to start.
    await bench.deploy("counter", counter, { timeout: 900 });
    const call = async (event: object) => (await invoke(bench, "counter", event)).payload as { pid: number; calls: number };
    const first = await call({});
    expect(await call({})).to.deep.equal({ pid: first.pid, calls: 2 });
    const together = await Promise.all(Array.from({ length: 5 }, () => call({ together: true })));
    expect(new Set(together.map(({ pid }) => pid)).size).to.equal(5);
  });

  it("throttles synchronous callers at the reserved concurrency, and lets asynchronous ones wait", async () => {
    const gate = await Gate.start();
    const arn = await bench.deploy("reserved", () => async (event: { gate?: string }) => void (event.gate && (await fetch(event.gate))), {
      reservedConcurrentExecutions: 1,
      timeout: 900,
    });
    const first = invoke(bench, "reserved", { gate: gate.url });
    await bench.until((events) => events.some((event) => event.kind === "function" && event.functionName === "reserved"));
    expect(await refusal(invoke(bench, "reserved"))).to.equal("TooManyRequestsException: Rate Exceeded.");
    expect(bench.metrics.filter(({ metricName }) => metricName === "Throttles").map(({ dimensions }) => dimensions)).to.deep.equal([
      { FunctionName: "reserved" },
    ]);
    await bench.lambda.invokeFunction(arn, {});
    gate.open();
    expect((await first).functionError).to.equal(undefined);
    await gate.close();
    await bench.until(
      (events) =>
        events.filter(
          ({ kind, ...event }) =>
            kind === "function" &&
            "change" in event &&
            event.change === "succeeded" &&
            "functionName" in event &&
            event.functionName === "reserved",
        ).length === 2,
    );
  });

  it("reports a process that ends in mid-invocation, and starts another", async () => {
    await bench.deploy("mortal", () => async (event: { how: string }) => {
      if (event.how === "exit") process.exit(3);
      if (event.how === "done") process.exit(0);
      if (event.how === "kill") process.kill(process.pid, "SIGKILL");
      if (event.how === "throw") setImmediate(() => { throw new TypeError("late"); }); // prettier-ignore
      if (event.how === "reject") void Promise.reject(new TypeError("forgotten"));
      if (event.how === "live") return "alive";
      return new Promise(() => undefined);
    });
    const end = async (how: string) => {
      const { payload } = await invoke(bench, "mortal", { how });
      const { errorType, errorMessage } = payload as { errorType: string; errorMessage: string };
      return [errorType, errorMessage.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "<id>")];
    };
    expect([await end("exit"), await end("done"), await end("kill"), await end("throw"), await end("reject")]).to.deep.equal([
      ["Runtime.ExitError", "RequestId: <id> Error: Runtime exited with error: exit status 3"],
      ["Runtime.ExitError", "RequestId: <id> Error: Runtime exited without providing a reason"],
      ["Runtime.ExitError", "RequestId: <id> Error: Runtime exited with error: signal: killed"],
      ["TypeError", "late"],
      ["Runtime.UnhandledPromiseRejection", "TypeError: forgotten"],
    ]);
    expect((await invoke(bench, "mortal", { how: "live" })).payload).to.equal("alive");
  });

  it("ends a function that outgrows its memory", async () => {
    await bench.deploy(
      "hungry",
      () => async () => {
        const held: number[][] = [];
        for (;;) held.push(new Array<number>(100_000).fill(held.length));
      },
      { timeout: 60 },
    );
    const { payload } = await invoke(bench, "hungry");
    expect((payload as { errorMessage: string }).errorMessage).to.match(/Runtime exited with error: signal: aborted$/);
  });

  it("measures each function in AWS/Lambda, and turns embedded metric lines into metrics", async () => {
    await bench.deploy("measured", () => async () => {
      const metadata = { Timestamp: 1_700_000_000_000, CloudWatchMetrics: [{ Namespace: "Jobs", Dimensions: [["Endpoint"]], Metrics: [{ Name: "Completed", Unit: "Count" }] }] }; // prettier-ignore
      console.log(JSON.stringify({ _aws: metadata, Endpoint: "ocr", Completed: 1 }));
      throw new Error("no");
    });
    await invoke(bench, "measured");
    const mine = bench.metrics.filter(({ namespace, dimensions }) => namespace === "Jobs" || dimensions["FunctionName"] === "measured");
    expect(
      mine.map(({ namespace, metricName, value, unit }) => [namespace, metricName, metricName === "Duration" ? 0 : value, unit]),
    ).to.deep.equal([
      ["Jobs", "Completed", 1, "Count"],
      ["AWS/Lambda", "Invocations", 1, "Count"],
      ["AWS/Lambda", "Errors", 1, "Count"],
      ["AWS/Lambda", "Duration", 0, "Milliseconds"],
    ]);
  });

  it("lets a service invoke a function only where a permission names it", async () => {
    const arn = await bench.deploy("guarded", () => async () => 1);
    await bench.register("aws:lambda/permission:Permission", "guarded-sns", {
      action: "lambda:InvokeFunction",
      function: "guarded",
      principal: "sns.amazonaws.com",
      sourceArn: "arn:aws:sns:eu-west-1:123456789012:jobs-*",
    });
    const as = (principal: string, sourceArn: string) => refusal(bench.lambda.invokeFunction(arn, {}, { principal, sourceArn }));
    expect(await as("sns.amazonaws.com", "arn:aws:sns:eu-west-1:123456789012:jobs-1a2b3c4")).to.equal("accepted");
    const denied = (principal: string) =>
      `AccessDeniedException: User: ${principal} is not authorized to perform: lambda:InvokeFunction on resource: ${arn} ` +
      "because no resource-based policy allows the lambda:InvokeFunction action";
    expect(await as("sns.amazonaws.com", "arn:aws:sns:eu-west-1:123456789012:other")).to.equal(denied("sns.amazonaws.com"));
    expect(await as("s3.amazonaws.com", "arn:aws:s3:::jobs-bucket")).to.equal(denied("s3.amazonaws.com"));
  });

  it("takes a permission back when it is told to, and says when there is none", async () => {
    const arn = await bench.deploy("closing", () => async () => 1);
    const source = { principal: "sns.amazonaws.com", sourceArn: "arn:aws:sns:eu-west-1:123456789012:jobs" };
    await bench.register("aws:lambda/permission:Permission", "closing", {
      action: "lambda:InvokeFunction",
      function: "closing",
      principal: source.principal,
      statementId: "sns",
    });
    await bench.lambda.invokeFunction(arn, {}, source);
    const remove = () => bench.client.send(new RemovePermissionCommand({ FunctionName: "closing", StatementId: "sns" }));
    await remove();
    const failure = async (sent: Promise<unknown>) => ((await sent.catch((error: unknown) => error)) as Error).name;
    expect(await failure(bench.lambda.invokeFunction(arn, {}, source))).to.equal("AccessDeniedException");
    expect(await failure(remove())).to.equal("ResourceNotFoundException");
  });

  it("lets in whom the permissions of Pulumi's own event handlers name, whichever way they spell the action", async () => {
    const arn = await bench.deploy("open", () => async () => 1);
    const permit = (action: string, sourceArn: string) =>
      bench.register("aws:lambda/permission:Permission", sourceArn, { action, function: "open", principal: "s3.amazonaws.com", sourceArn });
    const as = (sourceArn: string) => refusal(bench.lambda.invokeFunction(arn, {}, { principal: "s3.amazonaws.com", sourceArn }));
    await permit("lambda:*", "arn:aws:s3:::of-any-action");
    await permit("lambda:invokeFunction", "arn:aws:s3:::in-another-case");

    expect(await as("arn:aws:s3:::of-any-action")).to.equal("accepted");
    expect(await as("arn:aws:s3:::in-another-case")).to.equal("accepted");
    expect(await refusal(permit("lambda:GetFunction", "arn:aws:s3:::other"))).to.match(
      /action: the embedded cloud takes lambda:InvokeFunction or lambda:\*/,
    );
  });

  it("refuses settings that AWS would refuse, naming them", async () => {
    const refused = (inputs: Record<string, unknown>) => refusal(bench.deploy("refused", () => async () => 1, inputs));
    expect(await refused({ timeout: 901 })).to.match(/timeout: Too big/);
    expect(await refused({ runtime: "python3.13" })).to.match(
      /runtime: Invalid option: expected one of "nodejs20.x"\|"nodejs22.x"\|"nodejs24.x"/,
    );
    expect(await refused({ environment: { variables: { AWS_REGION: "x" } } })).to.match(/AWS_REGION: reserved by Lambda; use other names/);
    expect(await refused({ environment: { variables: { A: "x".repeat(4096) } } })).to.match(/4097 bytes; Lambda takes 4096/);
    expect(await refused({ role: "worker" })).to.match(/role: Invalid string/);
    expect(await refused({ name: "adder" })).to.match(/Function already exist: adder/);
    expect(roleArn).to.match(/^arn:/);
  });
});

describe("Lambda, closing", () => {
  it("leaves no process behind, busy ones included", async () => {
    const bench = await LambdaBench.start();
    const arn = await bench.deploy("busy", () => async () => {
      console.log(`pid=${process.pid}`);
      for (;;);
    });
    await bench.lambda.invokeFunction(arn, {});
    let pid = 0;
    while (pid === 0) {
      await new Promise(setImmediate);
      pid = Number(/pid=(\d+)/.exec(bench.logs.read("/aws/lambda/busy").at(-1)?.message ?? "")?.[1] ?? 0);
    }
    await bench.close();
    expect(() => process.kill(pid, 0)).to.throw(/ESRCH/);
  });
});
