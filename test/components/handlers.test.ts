import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { onCompleted, onFailed } from "../../components/handlers";
import { asyncInferenceOutputs } from "../../components/stackOutputs";
import { stacks } from "../../testing/awsDouble";
import { deploy, type Deployment } from "../../doubles/deploy";
import { serviceOutputs } from "../support/outputs";
import { graphOf, inputsOf, statementsOf, topicFunction, treatmentOf } from "../support/readable";

const image = { image: "ocr:1" };

describe("a user's own code", () => {
  const withHandlers = () =>
    deploy(() => {
      const service = new AsyncInference("ocr", image);
      service.onCompleted("store", ({ jobId }) => void jobId, {
        policyStatements: [{ sid: "Store", actions: ["s3:PutObject"], resources: ["arn:aws:s3:::archive/*"] }],
        environment: { ARCHIVE: pulumi.output("archive") },
        timeoutSeconds: 300,
        memoryMb: 1024,
      });
      service.onFailed("alert", ({ error }) => void error);
    });

  it("hears job events of its own states only, in a function with a role of its own", async () => {
    const deployment = await withHandlers();

    expect(
      graphOf(deployment)
        .filter((line) => /-(completed|failed)-/.test(line))
        .sort(),
    ).to.deep.equal(["ocr-completed-store", "ocr-failed-alert"].flatMap(topicFunction).sort());
    const subscription = (name: string) => inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", name);
    const topic = "arn:aws:sns:eu-west-1:123456789012:ocr-jobs-0a1b2c3";
    const lambda = "arn:aws:lambda:eu-west-1:123456789012:function:";
    const deadLetters = "arn:aws:sqs:eu-west-1:123456789012:ocr-dead-letters-0a1b2c3";
    expect(await inputsOf(deployment, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "ocr-failed-alert")).to.deep.equal({
      functionName: "ocr-failed-alert-0a1b2c3",
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: deadLetters } },
    });
    expect(await subscription("ocr-completed-store")).to.deep.equal({
      topic,
      protocol: "lambda",
      endpoint: `${lambda}ocr-completed-store-0a1b2c3`,
      filterPolicy: { state: ["COMPLETED"] },
      redrivePolicy: { deadLetterTargetArn: deadLetters },
    });
    expect(await subscription("ocr-failed-alert")).to.deep.equal({
      topic,
      protocol: "lambda",
      endpoint: `${lambda}ocr-failed-alert-0a1b2c3`,
      filterPolicy: { state: ["FAILED", "EXPIRED", "CANCELLED"] },
      redrivePolicy: { deadLetterTargetArn: deadLetters },
    });
    expect(treatmentOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "ocr-failed-alert")).to.deep.equal({
      dependsOn: ["aws:lambda/permission:Permission ocr-failed-alert"],
    });
  });

  it("may do what it was given, besides reading results, marking its own effects and saying that it fails", async () => {
    const deployment = await withHandlers();

    const policy = await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "ocr-completed-store");
    const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/ocr-jobs-0a1b2c3";
    expect(Object.values(policy).map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:eu-west-1:123456789012:log-group:ocr-completed-store-0a1b2c3:*"],
      ["sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:ocr-dead-letters-0a1b2c3"],
      ["s3:GetObject", "arn:aws:s3:::ocr-bucket-0a1b2c3/output/*"],
      ["s3:ListBucket", "arn:aws:s3:::ocr-bucket-0a1b2c3"],
      [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], table],
      [["dynamodb:GetItem", "dynamodb:UpdateItem"], table],
      ["s3:PutObject", "arn:aws:s3:::archive/*"],
    ]);
    expect([policy["MarkEffects"]?.["Condition"], policy["RecordFailures"]?.["Condition"]]).to.deep.equal([
      {
        "ForAllValues:StringLike": {
          "dynamodb:LeadingKeys": "#once/sagemaker-async-inference/test/ocr-completed-store/*",
        },
      },
      {
        "ForAllValues:StringEquals": { "dynamodb:Attributes": ["jobId", "endedAt", "handlerFailures"] },
        StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES", "dynamodb:ReturnValues": "NONE" },
      },
    ]);
    const { environment, timeout, memorySize } = await inputsOf(deployment, "aws:lambda/function:Function", "ocr-completed-store");
    expect({ environment, timeout, memorySize }).to.deep.equal({
      environment: {
        variables: {
          ARCHIVE: "archive",
          ENDPOINT_NAME: "ocr-endpoint-0a1b2c3",
          JOB_TABLE_NAME: "ocr-jobs-0a1b2c3",
          HANDLER_NAME: "sagemaker-async-inference/test/ocr-completed-store",
        },
      },
      timeout: 300,
      memorySize: 1024,
    });
  });

  it("can't take a name that leaves no room for its function's", async () => {
    const attempt = deploy(() => void new AsyncInference("ocr", image).onCompleted("store_page", () => undefined));

    expect(await attempt.then(String, ({ message }: Error) => message)).to.equal(
      '"store_page" can\'t be set up:\n  name: got "store_page", expected letters, digits and single hyphens, starting with a letter; with the service\'s, 14 to 56 characters in all',
    );
  });

  it("can't have more environment than Lambda takes, which is said before the handler has any resource", async () => {
    const environment = { RULES: "x".repeat(4000), TABLE: pulumi.output("rules") };
    const attempt = deploy(() => void new AsyncInference("ocr", image).onCompleted("store", () => undefined, { environment }));

    expect(await attempt.then(String, ({ message }: Error) => message)).to.match(
      /^function "ocr-completed-store" can't be set up:\n {2}environment: got 4022 bytes of names and values as JSON, expected at most 3862: /,
    );
  });

  it("attaches from another project to the same events, with the same rights", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
    stacks.set("acme/ocr/prod", { ...serviceOutputs, kmsKeyArn });
    const deployment = await deploy(() => {
      const service = asyncInferenceOutputs(new pulumi.StackReference("acme/ocr/prod"));
      onCompleted(service, "keep", ({ jobId }) => void jobId);
      onFailed(service, "keep", ({ error }) => void error, { logRetentionDays: 7 });
    });
    stacks.clear();

    expect(graphOf(deployment)).to.deep.equal([
      ...[
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:lambda/function:Function",
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        "aws:lambda/permission:Permission",
        "aws:sns/topicSubscription:TopicSubscription",
      ].flatMap((type) => [`${type} completed-keep`, `${type} failed-keep`]),
      "pulumi:pulumi:StackReference acme/ocr/prod",
    ]);
    expect(await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "failed-keep")).to.deep.equal({
      topic: serviceOutputs.jobsTopicArn,
      protocol: "lambda",
      endpoint: "arn:aws:lambda:eu-west-1:123456789012:function:failed-keep-0a1b2c3",
      filterPolicy: { state: ["FAILED", "EXPIRED", "CANCELLED"] },
      redrivePolicy: { deadLetterTargetArn: serviceOutputs.deadLetterQueueArn },
    });
    const policy = await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "completed-keep");
    expect(Object.values(policy).map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:eu-west-1:123456789012:log-group:completed-keep-0a1b2c3:*"],
      ["sqs:SendMessage", serviceOutputs.deadLetterQueueArn],
      ["s3:GetObject", "arn:aws:s3:::ocr-bucket-0a1b2c3/out/*"],
      ["s3:ListBucket", "arn:aws:s3:::ocr-bucket-0a1b2c3"],
      [["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], serviceOutputs.jobTableArn],
      [["dynamodb:GetItem", "dynamodb:UpdateItem"], serviceOutputs.jobTableArn],
      [["kms:Decrypt", "kms:GenerateDataKey"], kmsKeyArn],
    ]);
    const retention = async (name: string) => (await inputsOf(deployment, "aws:cloudwatch/logGroup:LogGroup", name))["retentionInDays"];
    expect([await retention("completed-keep"), await retention("failed-keep")]).to.deep.equal([30, 7]);
    const { environment } = await inputsOf(deployment, "aws:lambda/function:Function", "completed-keep");
    expect(environment).to.deep.equal({
      variables: {
        ENDPOINT_NAME: serviceOutputs.endpointName,
        JOB_TABLE_NAME: serviceOutputs.jobTableName,
        HANDLER_NAME: "sagemaker-async-inference/test/completed-keep",
      },
    });
  });

  const reports = async (deployment: Deployment, name: string) => {
    const policy = await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", name);
    const { environment } = await inputsOf(deployment, "aws:lambda/function:Function", name);
    return [policy["ReportRuns"]?.["Resource"], (environment as { variables: Record<string, string> }).variables["TRACING_FUNCTION_ARN"]];
  };

  it("reports its runs to the service's own tracing function, where there is one, and may call no other", async () => {
    const tracing = "arn:aws:lambda:eu-west-1:123456789012:function:ocr-tracing-0a1b2c3";
    const deployment = await deploy(() => {
      const service = new AsyncInference("ocr", { ...image, traceEndpoint: "https://collector.example.com" });
      service.onCompleted("store", ({ jobId }) => void jobId);
      service.onCompleted("quiet", ({ jobId }) => void jobId, { traced: false });
    });

    expect(await reports(deployment, "ocr-completed-store")).to.deep.equal([tracing, tracing]);
    expect(await reports(deployment, "ocr-completed-quiet")).to.deep.equal([undefined, undefined]);
    expect(await reports(await withHandlers(), "ocr-completed-store")).to.deep.equal([undefined, undefined]);
  });

  it("reports from another project when it is told to, and is refused by a service that exports no spans", async () => {
    const tracingFunctionArn = "arn:aws:lambda:eu-west-1:123456789012:function:ocr-tracing-1111111";
    const attached = (outputs: object) => () => {
      const all = Object.fromEntries(
        Object.entries({ ...serviceOutputs, ...outputs }).map(([name, value]) => [name, pulumi.output(value)]),
      );
      onCompleted(all as never, "keep", ({ jobId }) => void jobId, { traced: true });
    };

    expect(await reports(await deploy(attached({ tracingFunctionArn })), "completed-keep")).to.deep.equal([
      tracingFunctionArn,
      tracingFunctionArn,
    ]);
    const error: unknown = await deploy(attached({})).catch((reason: unknown) => reason);
    expect((error as Error).message).to.include(
      "The handler completed-keep: traced: got true, but its service has no traceEndpoint: set it there, or remove traced",
    );
  });
});
