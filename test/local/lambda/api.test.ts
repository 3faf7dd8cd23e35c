import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lambda from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { WallClock } from "../../../local/clock";
import { keepInDirectory, type Keeper } from "../../../local/kept";
import { createLambda, type Lambda } from "../../../local/lambda";
import { testProgram } from "../../support/cloudContext";
import { moduleZip, zipOf } from "../../support/zip";
import { LambdaBench, roleArn, textArchive } from "./support";

const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
const answering = (value: string) => moduleZip(`exports.handler = async () => ${JSON.stringify(value)};`);
const shaOf = (zip: Buffer) => createHash("sha256").update(zip).digest("base64");
const badZip = "400 InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again.";

type Answered<Output> = Omit<Output, "$metadata">;

async function answer<Output extends { $metadata: unknown }>(call: Promise<Output>): Promise<Answered<Output>> {
  const { $metadata: _, ...rest } = await call;
  return rest;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as lambda.LambdaServiceException;
    return `${$metadata.httpStatusCode} ${name}: ${message}`;
  }
  return "accepted";
}

describe("Lambda's API", () => {
  let bench: LambdaBench;
  let client: lambda.LambdaClient;
  /** What a function waits for that asks the cloud without a signature. */
  let gate: { asked: Promise<void>; ask: () => void; opened: Promise<void>; open: () => void };

  const step = () => {
    let take = () => undefined as void;
    return { taken: new Promise<void>((resolve) => (take = resolve)), take: () => take() };
  };
  const resetGate = () => {
    const [asking, opening] = [step(), step()];
    gate = { asked: asking.taken, ask: asking.take, opened: opening.taken, open: opening.take };
  };
  before(async () => {
    resetGate();
    bench = await LambdaBench.start(new WallClock(), {
      none: async () => {
        gate.ask();
        await gate.opened;
        return { status: 200 };
      },
    });
    client = bench.client;
  });
  after(() => bench.close());

  const create = (FunctionName: string, ZipFile: Uint8Array, input: Partial<lambda.CreateFunctionCommandInput> = {}) =>
    answer(
      client.send(
        new lambda.CreateFunctionCommand({
          FunctionName,
          Role: roleArn,
          Handler: "index.handler",
          Runtime: "nodejs24.x",
          Code: { ZipFile },
          ...input,
        }),
      ),
    );
  const invoke = async (FunctionName: string) => {
    const { Payload } = await client.send(new lambda.InvokeCommand({ FunctionName }));
    return JSON.parse(Payload?.transformToString() ?? "") as unknown;
  };

  it("takes a function through its life, and gives back all that it was given", async () => {
    const FunctionName = "living";
    const zip = answering("first");
    const created = await create(FunctionName, zip, {
      Description: "answers",
      Timeout: 7,
      MemorySize: 256,
      Environment: { Variables: { MODE: "a" } },
      LoggingConfig: { LogFormat: "Text", LogGroup: "/jobs/living" },
      VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
      Tags: { team: "ml" },
    });
    const configuration = {
      FunctionName,
      FunctionArn: arnOf(FunctionName),
      Runtime: "nodejs24.x",
      Role: roleArn,
      Handler: "index.handler",
      CodeSize: zip.length,
      Description: "answers",
      Timeout: 7,
      MemorySize: 256,
      LastModified: created.LastModified,
      CodeSha256: shaOf(zip),
      Version: "$LATEST",
      VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"], VpcId: "vpc-00000000" },
      Environment: { Variables: { MODE: "a" } },
      TracingConfig: { Mode: "PassThrough" },
      RevisionId: created.RevisionId,
      PackageType: "Zip",
      Architectures: ["x86_64"],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
      LoggingConfig: { LogFormat: "Text", LogGroup: "/jobs/living" },
    };
    expect(created).to.deep.equal({
      ...configuration,
      State: "Pending",
      StateReason: "The function is being created.",
      StateReasonCode: "Creating",
    });
    const active = { ...configuration, State: "Active", LastUpdateStatus: "Successful" };
    expect(await answer(client.send(new lambda.GetFunctionCommand({ FunctionName })))).to.deep.equal({
      Configuration: active,
      Code: { RepositoryType: "S3" },
      Tags: { team: "ml" },
    });
    expect(await answer(client.send(new lambda.ListVersionsByFunctionCommand({ FunctionName })))).to.deep.equal({
      Versions: [{ ...active, FunctionArn: `${arnOf(FunctionName)}:$LATEST` }],
    });
    expect(await answer(client.send(new lambda.GetFunctionCodeSigningConfigCommand({ FunctionName })))).to.deep.equal({ FunctionName });

    const changes = { FunctionName, Timeout: 9, Environment: {}, VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } };
    const updated = await answer(client.send(new lambda.UpdateFunctionConfigurationCommand(changes)));
    const { Environment: _, VpcConfig: __, ...others } = configuration;
    expect(updated).to.deep.equal({
      ...others,
      Timeout: 9,
      LastModified: updated.LastModified,
      RevisionId: updated.RevisionId,
      State: "Active",
      LastUpdateStatus: "InProgress",
      LastUpdateStatusReason: "The function is being created.",
      LastUpdateStatusReasonCode: "Creating",
    });
    expect(updated.RevisionId).to.not.equal(created.RevisionId);
    await lambda.waitUntilFunctionUpdatedV2({ client, maxWaitTime: 60 }, { FunctionName });

    await client.send(new lambda.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }));
    await client.send(new lambda.TagResourceCommand({ Resource: arnOf(FunctionName), Tags: { stage: "dev" } }));
    await client.send(new lambda.UntagResourceCommand({ Resource: arnOf(FunctionName), TagKeys: ["team"] }));
    expect((await client.send(new lambda.ListTagsCommand({ Resource: arnOf(FunctionName) }))).Tags).to.deep.equal({ stage: "dev" });
    const { Concurrency, Tags } = await client.send(new lambda.GetFunctionCommand({ FunctionName }));
    expect({ Concurrency, Tags }).to.deep.equal({ Concurrency: { ReservedConcurrentExecutions: 3 }, Tags: { stage: "dev" } });
    await client.send(new lambda.DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await answer(client.send(new lambda.GetFunctionConcurrencyCommand({ FunctionName })))).to.deep.equal({});

    await client.send(new lambda.DeleteFunctionCommand({ FunctionName }));
    expect(await refusal(client.send(new lambda.GetFunctionCommand({ FunctionName })))).to.equal(
      `404 ResourceNotFoundException: Function not found: ${arnOf(FunctionName)}`,
    );
  });

  it("runs new code from its update on, while what runs ends with the old code, also when the function goes", async () => {
    const waiting = (value: string) =>
      moduleZip(`exports.handler = async () => { await fetch(process.env.AWS_ENDPOINT_URL); return ${JSON.stringify(value)}; };`);
    const FunctionName = "changing";
    await create(FunctionName, waiting("old"), { Timeout: 900 });
    resetGate();
    const first = invoke(FunctionName);
    await gate.asked;
    const dry = await client.send(new lambda.UpdateFunctionCodeCommand({ FunctionName, ZipFile: answering("new"), DryRun: true }));
    const before = await client.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }));
    const { CodeSha256 } = await client.send(new lambda.UpdateFunctionCodeCommand({ FunctionName, ZipFile: answering("new") }));
    expect([dry.CodeSha256, before.CodeSha256, CodeSha256]).to.deep.equal([
      shaOf(answering("new")),
      shaOf(waiting("old")),
      shaOf(answering("new")),
    ]);
    expect(await invoke(FunctionName)).to.equal("new");

    await client.send(new lambda.DeleteFunctionCommand({ FunctionName }));
    expect(await refusal(invoke(FunctionName))).to.equal(`404 ResourceNotFoundException: Function not found: ${arnOf(FunctionName)}`);
    gate.open();
    expect(await first).to.equal("old");
  });

  it("refuses zips that it can't unpack, and takes a handler that does not exist until it is invoked", async () => {
    const ZipFile = zipOf([{ name: "../escape.js", content: "" }]);
    expect(await refusal(create("zip", Buffer.from("no zip")))).to.equal(badZip);
    expect(await refusal(create("zip", answering("cut").subarray(0, -30)))).to.equal(badZip);
    expect(await refusal(create("zip", ZipFile))).to.equal(badZip);
    const changed = answering("sound");
    changed.write("wound", changed.indexOf("sound"));
    expect(await refusal(create("zip", changed))).to.equal(badZip);
    const empty = "400 InvalidParameterValueException: Uploaded file must be a non-empty zip";
    expect(await refusal(create("zip", zipOf([])))).to.equal(empty);
    expect(await refusal(create("zip", Buffer.alloc(0)))).to.equal(empty);
    expect(await refusal(create("zip", zipOf([{ name: "link", content: "/etc", mode: 0o120777 }])))).to.equal(
      "501 NotImplemented: The embedded cloud does not support symbolic links in a function's archive: link.",
    );
    // What was refused left no name taken, and nothing beside the archive.
    await create("zip", answering("sound"), { Handler: "index.absent" });
    expect(await readdir(join(bench.context.workDirectory, "functions")))
      .to.include("zip")
      .and.not.include("escape.js");
    expect(await invoke("zip")).to.deep.include({ errorType: "Runtime.HandlerNotFound" });
    expect(await refusal(client.send(new lambda.UpdateFunctionCodeCommand({ FunctionName: "zip", ZipFile })))).to.equal(badZip);
    expect(await invoke("zip")).to.deep.include({ errorType: "Runtime.HandlerNotFound" });
  });

  it("keeps permissions and the settings of asynchronous invocations, and says in AWS's words when there are none", async () => {
    const FunctionName = "permitted";
    const named = { FunctionName };
    await create(FunctionName, answering("x"));
    const policy = () => client.send(new lambda.GetPolicyCommand(named));
    expect(await refusal(policy())).to.equal("404 ResourceNotFoundException: The resource you requested does not exist.");
    const permit = (StatementId: string, Principal: string, more: object = {}) =>
      client.send(new lambda.AddPermissionCommand({ FunctionName, StatementId, Action: "lambda:InvokeFunction", Principal, ...more }));
    const topic = {
      Sid: "topic",
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "lambda:InvokeFunction",
      Resource: arnOf(FunctionName),
      Condition: {
        StringEquals: { "AWS:SourceAccount": "123456789012" },
        ArnLike: { "AWS:SourceArn": "arn:aws:sns:eu-west-1:123456789012:ends" },
      },
    };
    const SourceArn = "arn:aws:sns:eu-west-1:123456789012:ends";
    const { Statement } = await permit("topic", "sns.amazonaws.com", { SourceArn, SourceAccount: "123456789012" });
    expect(JSON.parse(Statement ?? "")).to.deep.equal(topic);
    await permit("account", "123456789012");
    const { Condition: _, ...plain } = topic;
    expect(JSON.parse((await policy()).Policy ?? "")).to.deep.equal({
      Version: "2012-10-17",
      Id: "default",
      Statement: [topic, { ...plain, Sid: "account", Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
    });
    expect(await refusal(permit("topic", "s3.amazonaws.com"))).to.equal(
      "409 ResourceConflictException: The statement id (topic) provided already exists. Please provide a new statement id, or remove the existing statement.",
    );

    const config = () => client.send(new lambda.GetFunctionEventInvokeConfigCommand(named));
    expect(await refusal(config())).to.equal(
      `404 ResourceNotFoundException: The function ${arnOf(FunctionName)}:$LATEST doesn't have an EventInvokeConfig`,
    );
    const Destination = "arn:aws:sqs:eu-west-1:123456789012:failed";
    await client.send(new lambda.PutFunctionEventInvokeConfigCommand({ ...named, MaximumRetryAttempts: 1 }));
    const updated = await answer(
      client.send(new lambda.UpdateFunctionEventInvokeConfigCommand({ ...named, DestinationConfig: { OnFailure: { Destination } } })),
    );
    expect(updated).to.deep.equal({
      LastModified: updated.LastModified,
      FunctionArn: `${arnOf(FunctionName)}:$LATEST`,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: {}, OnFailure: { Destination } },
    });
    expect(updated.LastModified).to.be.instanceOf(Date);
    expect(await answer(config())).to.deep.equal(updated);
    await client.send(new lambda.DeleteFunctionEventInvokeConfigCommand(named));
    expect(await refusal(config())).to.match(/^404 ResourceNotFoundException/);
  });

  it("refuses in Lambda's words what Lambda refuses, and what it does not have by its name", async () => {
    await create("taken", answering("x"));
    const FunctionName = "taken";
    const update = (input: object) => client.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
    const calls: [Promise<unknown>, string][] = [
      [create("taken", answering("y")), "409 ResourceConflictException: Function already exist: taken"],
      [
        create("slow", answering("y"), { Timeout: 901 }),
        "400 ValidationException: 1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
      ],
      [
        create("snake", answering("y"), { Runtime: "python3.13" }),
        "400 ValidationException: 1 validation error detected: Value 'python3.13' at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, nodejs22.x, nodejs24.x]",
      ],
      [create("empty", answering("y"), { Code: {} }), "400 InvalidParameterValueException: Please provide a source for function code."],
      [
        create("traced", answering("y"), { DurableConfig: { ExecutionTimeout: 1 } }),
        "501 NotImplemented: The embedded cloud does not support DurableConfig of Lambda's CreateFunction.",
      ],
      [
        update({ RevisionId: "another" }),
        "412 PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
      ],
      [
        client.send(new lambda.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 901 })),
        "400 InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
      ],
      [
        client.send(new lambda.ListFunctionsCommand({ Marker: "elsewhere" })),
        "400 InvalidParameterValueException: Invalid marker: elsewhere",
      ],
      [
        client.send(new lambda.PublishVersionCommand({ FunctionName })),
        "501 NotImplemented: The embedded cloud does not support Lambda's POST /2015-03-31/functions/taken/versions.",
      ],
    ];
    const answers = await Promise.all(calls.map(([call]) => refusal(call)));
    expect(answers).to.deep.equal(calls.map(([, expected]) => expected));
  });

  it("lets only one of two updates at once through, which is whole", async () => {
    const FunctionName = "raced";
    await create(FunctionName, answering("x"));
    const update = (Timeout: number) => client.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, Timeout }));
    const creations = await Promise.all([create("twice", answering("a")), create("twice", answering("b"))].map(refusal));
    expect(creations.sort()).to.deep.equal(["409 ResourceConflictException: Function already exist: twice", "accepted"]);
    await Promise.all([update(5), update(6)].map(refusal));
    expect([5, 6]).to.include((await client.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }))).Timeout);
  });

  describe("with state that survives", () => {
    let directory: string;
    let keeper: Keeper;
    let running: Lambda | undefined;
    const invoked: unknown[] = [];

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "lambda-state-"));
    });
    afterEach(async () => {
      await stop();
      await rm(directory, { recursive: true });
    });

    /** Lambda as a cloud starts it on this state. */
    async function start(): Promise<Lambda> {
      keeper = keepInDirectory(directory);
      running = await createLambda(
        { ...bench.context, keeper },
        {
          metrics: { put: () => undefined },
          targets: { invokeFunction: async (_, event) => void invoked.push(event) },
          logs: bench.logs,
          storedObject: () => answering("from a bucket"),
          visibilitySecondsOf: () => undefined,
        },
      );
      running.resume?.();
      return running;
    }
    async function stop(): Promise<void> {
      await running?.close();
      if (running) keeper.close();
      running = undefined;
    }
    async function call(service: Lambda, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
      const query = new URLSearchParams();
      const request = { method, path, query, headers, body: Buffer.from(body === undefined ? "" : JSON.stringify(body)) };
      const response = await service.wire?.["lambda"]?.(request);
      return response?.body === undefined || response.body === "" ? undefined : (JSON.parse(response.body.toString()) as unknown);
    }
    const functions = "/2015-03-31/functions";
    const input = { FunctionName: "kept", Role: roleArn, Handler: "index.handler", Runtime: "nodejs24.x" };

    it("has the same functions after a restart, with the code that they had last", async () => {
      const first = await start();
      await call(first, "POST", functions, { ...input, Code: { ZipFile: answering("old").toString("base64") }, Tags: { team: "ml" } });
      await call(first, "PUT", `${functions}/kept/code`, { S3Bucket: "code", S3Key: "kept.zip" });
      await call(first, "POST", `${functions}/kept/policy`, {
        StatementId: "s",
        Action: "lambda:InvokeFunction",
        Principal: "sns.amazonaws.com",
      });
      const before = [await call(first, "GET", `${functions}/kept`), await call(first, "GET", `${functions}/kept/policy`)];
      await stop();

      const second = await start();
      expect([await call(second, "GET", `${functions}/kept`), await call(second, "GET", `${functions}/kept/policy`)]).to.deep.equal(before);
      expect(await call(second, "POST", `${functions}/kept/invocations`, {})).to.equal("from a bucket");
      expect(await readdir(join(directory, "functions"))).to.have.length(1);
    });

    it("is not updated by an unchanged program after a restart, so that a deployment that changes nothing says so", async () => {
      const type = async () => (await start()).resources?.["aws:lambda/function:Function"] ?? expect.fail();
      const inputs = {
        name: "kept",
        code: textArchive({ "index.js": "exports.handler = async () => 1;" }),
        handler: "index.handler",
        runtime: "nodejs24.x",
        role: roleArn,
      };
      const registration = { urn: "u", type: "aws:lambda/function:Function", name: "kept", inputs, program: testProgram };
      const created = await (await type()).create(registration);
      await stop();

      const again = await type();
      expect(await again.update?.(registration, created, inputs)).to.equal(undefined);
      expect(await readdir(join(directory, "functions"))).to.have.length(1);
      const changed = { ...registration, inputs: { ...inputs, timeout: 5 } };
      expect((await again.update?.(changed, created, inputs))?.state).to.include({ timeout: 5 });
    });

    it("runs an acknowledged event that had no end when the cloud did", async () => {
      const first = await start();
      const source = moduleZip(
        `exports.handler = async (event) => { if (event.wait) await fetch(process.env.AWS_ENDPOINT_URL); return "done"; };`,
      );
      await call(first, "POST", functions, { ...input, Code: { ZipFile: source.toString("base64") } });
      const config = { DestinationConfig: { OnSuccess: { Destination: arnOf("listener") } } };
      await call(first, "PUT", "/2019-09-25/functions/kept/event-invoke-config", config);
      resetGate();
      await call(first, "POST", `${functions}/kept/invocations`, { wait: true }, { "x-amz-invocation-type": "Event" });
      await gate.asked;
      await stop();
      gate.open();

      const succeeded = bench.events.length;
      await start();
      await bench.until((events) => events.slice(succeeded).some((event) => event.kind === "function" && event.change === "succeeded"));
      await new Promise(setImmediate);
      expect(invoked).to.have.length(1);
      expect(invoked[0]).to.deep.include({ requestPayload: { wait: true }, responsePayload: "done" });
    });
  });

  it("shows both doors the same function: what a deployment made can be changed here, and deleted there", async () => {
    const inputs = { code: textArchive({ "index.js": "exports.handler = async () => 1;" }), handler: "index.handler", tags: { a: "b" } };
    await bench.deploy("both", inputs.code, { handler: inputs.handler, tags: inputs.tags });
    await client.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName: "both", Description: "changed" }));
    expect(bench.lambda.definitions().find(({ name }) => name === "both")).to.include({ description: "changed" });
    await bench.lambda.resources?.["aws:lambda/function:Function"]?.delete?.({ id: "both", state: {} });
    expect(await refusal(invoke("both"))).to.match(/^404 ResourceNotFoundException/);
  });
});
