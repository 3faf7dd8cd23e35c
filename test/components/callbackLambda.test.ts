import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { CallbackLambda, type CallbackLambdaArgs } from "../../components/callbackLambda";
import { deploy, type Deployment } from "../../doubles/deploy";
import { root } from "../../doubles/program";
import { filesOf, graphOf, inputsOf, parentOf, statementsOf, treatmentOf } from "../support/readable";

const args: CallbackLambdaArgs<object> = {
  factory: () => {
    const greeting = process.env["GREETING"];
    return async (event: unknown) => `${greeting} ${String(event)}`;
  },
  environment: { GREETING: "hello" },
  statements: [{ sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::scans/*"] }],
  timeoutSeconds: 30,
  memoryMb: 128,
  logRetentionDays: 7,
};

describe("CallbackLambda", () => {
  it("is a function with exactly the role that it was given, and a log of its own", async () => {
    const deployment = await deploy(() => void new CallbackLambda("hello", args));

    expect(graphOf(deployment)).to.deep.equal([
      "aws:cloudwatch/logGroup:LogGroup hello",
      "aws:iam/role:Role hello",
      "aws:iam/rolePolicy:RolePolicy hello",
      "aws:lambda/function:Function hello",
    ]);
    expect(await inputsOf(deployment, "aws:cloudwatch/logGroup:LogGroup", "hello")).to.deep.equal({ retentionInDays: 7 });
    expect(await inputsOf(deployment, "aws:iam/role:Role", "hello")).to.deep.equal({
      assumeRolePolicy: {
        Version: "2012-10-17",
        Statement: [{ Sid: "LambdaAssumes", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
    });
    expect(await inputsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "hello")).to.deep.equal({
      role: "hello-0a1b2c3",
      policy: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "WriteLog",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: "arn:aws:logs:eu-west-1:123456789012:log-group:hello-0a1b2c3:*",
          },
          { Sid: "Read", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::scans/*" },
        ],
      },
    });
    expect(await inputsOf(deployment, "aws:lambda/function:Function", "hello")).to.deep.equal({
      code: ["__index.js"],
      handler: "__index.handler",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout: 30,
      memorySize: 128,
      role: "arn:aws:iam::123456789012:role/hello-0a1b2c3",
      environment: { variables: { GREETING: "hello" } },
      loggingConfig: { logFormat: "Text", logGroup: "hello-0a1b2c3" },
    });
    expect(treatmentOf(deployment, "aws:lambda/function:Function", "hello")).to.deep.equal({
      dependsOn: ["aws:iam/rolePolicy:RolePolicy hello"],
    });
  });

  it("packs the same archive whatever the settings: a change of them is no change of code", async () => {
    const codeWith = async (GREETING: string) => {
      const { resources } = await deploy(() => void new CallbackLambda("hello", { ...args, environment: { GREETING } }));
      return filesOf(resources.find(({ type }) => type === "aws:lambda/function:Function")?.inputs["code"]);
    };
    const once = await codeWith("hello");
    expect(await codeWith("good day")).to.deep.equal(once);
    expect(once["__index.js"]).to.contain('process.env["GREETING"]');
  });

  it("packs a package of the user's when it is asked for, and nothing else", async () => {
    const deployment = await deploy(() => void new CallbackLambda("hello", { ...args, packages: ["commander"] }));

    const { code } = await inputsOf(deployment, "aws:lambda/function:Function", "hello");
    expect(code).to.deep.equal(["__index.js", "node_modules/commander"]);
  });

  it("hears one topic, and only what its filter lets through", async () => {
    const topicArn = "arn:aws:sns:eu-west-1:123456789012:jobs";
    const deployment = await deploy(() => {
      new CallbackLambda("hello", args).subscribeTo("hello-jobs", topicArn, { state: ["COMPLETED"] });
    });

    expect(await inputsOf(deployment, "aws:lambda/permission:Permission", "hello-jobs")).to.deep.equal({
      action: "lambda:InvokeFunction",
      function: "hello-0a1b2c3",
      principal: "sns.amazonaws.com",
      sourceArn: topicArn,
    });
    expect(await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "hello-jobs")).to.deep.equal({
      topic: topicArn,
      protocol: "lambda",
      endpoint: "arn:aws:lambda:eu-west-1:123456789012:function:hello-0a1b2c3",
      filterPolicy: { state: ["COMPLETED"] },
    });
    expect(treatmentOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "hello-jobs")).to.deep.equal({
      dependsOn: ["aws:lambda/permission:Permission hello-jobs"],
    });
  });

  describe("with all that it can have", () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
    const deadLetterQueueArn = "arn:aws:sqs:eu-west-1:123456789012:dead-letters";
    const queueArn = "arn:aws:sqs:eu-west-1:123456789012:orders";
    const topicArn = "arn:aws:sns:eu-west-1:123456789012:jobs";
    const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:hello-0a1b2c3";
    const ec2 = "arn:aws:ec2:eu-west-1:123456789012:";
    const policies = ["hello", "hello.key", "hello.network"].map((name) => `aws:iam/rolePolicy:RolePolicy ${name}`);
    let deployment: Deployment;
    let keyPolicies: number;

    beforeEach(async () => {
      deployment = await deploy(() => {
        const lambda = new CallbackLambda<{ endpointName: string }>("hello", {
          ...args,
          settings: { endpointName: pulumi.output("ocr") },
          kmsKeyArn: key,
          keyStatements: [{ sid: "UseKey", actions: ["kms:Decrypt"], resources: [key] }],
          network: { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"], ec2ArnPrefix: ec2 },
          deadLetterQueueArn,
        });
        keyPolicies = lambda.keyPolicies.length;
        lambda.subscribeTo("hello-jobs", topicArn);
        lambda.schedule("hello-minute", "rate(1 minute)");
        lambda.drain("hello-orders", queueArn, 10, 5);
        lambda.allow("hello-bucket", "s3.amazonaws.com", "arn:aws:s3:::scans", "123456789012");
        const { functionName, logGroupName, functionArn, roleArn } = lambda;
        return { functionName, logGroupName, functionArn, roleArn };
      });
    });

    it("encrypts its log and its environment with the key, which it may use before anything else", async () => {
      expect(await inputsOf(deployment, "aws:cloudwatch/logGroup:LogGroup", "hello")).to.deep.equal({ retentionInDays: 7, kmsKeyId: key });
      const { kmsKeyArn, environment } = await inputsOf(deployment, "aws:lambda/function:Function", "hello");
      expect([kmsKeyArn, environment]).to.deep.equal([key, { variables: { GREETING: "hello", SETTINGS: { endpointName: "ocr" } } }]);
      expect(await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "hello.key")).to.deep.equal({
        UseKey: { Sid: "UseKey", Effect: "Allow", Action: "kms:Decrypt", Resource: key },
      });
      expect(keyPolicies).to.equal(1);
      expect(treatmentOf(deployment, "aws:lambda/function:Function", "hello")).to.deep.equal({ dependsOn: policies });
    });

    it("joins the network by a policy of its own, for those subnets and groups alone", async () => {
      const { vpcConfig } = await inputsOf(deployment, "aws:lambda/function:Function", "hello");
      expect(vpcConfig).to.deep.equal({ subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] });
      expect(Object.values(await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "hello.network"))).to.deep.equal([
        {
          Sid: "JoinVpc",
          Effect: "Allow",
          Action: "ec2:CreateNetworkInterface",
          Resource: [`${ec2}network-interface/*`, `${ec2}subnet/subnet-1`, `${ec2}subnet/subnet-2`, `${ec2}security-group/sg-1`],
        },
        {
          Sid: "ManageInterfaces",
          Effect: "Allow",
          Action: ["ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"],
          Resource: `${ec2}*/*`,
        },
        { Sid: "DescribeVpc", Effect: "Allow", Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], Resource: "*" },
      ]);
    });

    it("loses no event: what it fails at three times, and what the topic can't hand over, goes to the dead letters", async () => {
      const { DeadLetters } = await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "hello");
      expect(DeadLetters).to.deep.equal({
        Sid: "DeadLetters",
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: deadLetterQueueArn,
      });
      const config = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
      expect(await inputsOf(deployment, config, "hello")).to.deep.equal({
        functionName: "hello-0a1b2c3",
        maximumRetryAttempts: 2,
        destinationConfig: { onFailure: { destination: deadLetterQueueArn } },
      });
      expect(treatmentOf(deployment, config, "hello")).to.deep.equal({ dependsOn: policies.slice(0, 2) });
      expect(await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "hello-jobs")).to.deep.equal({
        topic: topicArn,
        protocol: "lambda",
        endpoint: functionArn,
        redrivePolicy: { deadLetterTargetArn: deadLetterQueueArn },
      });
    });

    it("runs on schedule, once for each time: the next run does what one failed at", async () => {
      const ruleArn = "arn:aws:events:eu-west-1:123456789012:rule/hello-minute-0a1b2c3";
      expect(await inputsOf(deployment, "aws:cloudwatch/eventRule:EventRule", "hello-minute")).to.deep.equal({
        scheduleExpression: "rate(1 minute)",
      });
      expect(await inputsOf(deployment, "aws:lambda/permission:Permission", "hello-minute")).to.deep.equal({
        action: "lambda:InvokeFunction",
        function: "hello-0a1b2c3",
        principal: "events.amazonaws.com",
        sourceArn: ruleArn,
      });
      expect(await inputsOf(deployment, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "hello-minute")).to.deep.equal({
        functionName: "hello-0a1b2c3",
        maximumRetryAttempts: 0,
        maximumEventAgeInSeconds: 60,
      });
      expect(await inputsOf(deployment, "aws:cloudwatch/eventTarget:EventTarget", "hello-minute")).to.deep.equal({
        rule: "hello-minute-0a1b2c3",
        arn: functionArn,
      });
      expect(treatmentOf(deployment, "aws:cloudwatch/eventTarget:EventTarget", "hello-minute")).to.deep.equal({
        dependsOn: ["aws:lambda/permission:Permission hello-minute"],
      });
    });

    it("takes a queue's messages, and leaves there what it says that it failed at", async () => {
      const type = "aws:lambda/eventSourceMapping:EventSourceMapping";
      expect(await inputsOf(deployment, type, "hello-orders")).to.deep.equal({
        functionName: "hello-0a1b2c3",
        eventSourceArn: queueArn,
        batchSize: 10,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: 5 },
      });
      expect(treatmentOf(deployment, type, "hello-orders")).to.deep.equal({ dependsOn: policies });
    });

    it("may be invoked for a bucket of one account alone, since a bucket's name may become somebody else's", async () => {
      expect(await inputsOf(deployment, "aws:lambda/permission:Permission", "hello-bucket")).to.deep.equal({
        action: "lambda:InvokeFunction",
        function: "hello-0a1b2c3",
        principal: "s3.amazonaws.com",
        sourceArn: "arn:aws:s3:::scans",
        sourceAccount: "123456789012",
      });
    });

    it("keeps all of it below itself, and says where it is", () => {
      const parents = graphOf(deployment).map((line) => parentOf(deployment, line));
      expect(parents).to.deep.equal(parents.map(() => "sagemaker-async:index:CallbackLambda hello"));
      expect(deployment.registeredOutputs.get("sagemaker-async:index:CallbackLambda hello")).to.deep.equal(["functionName", "functionArn"]);
      expect(deployment.outputs).to.deep.equal({
        functionName: "hello-0a1b2c3",
        logGroupName: "hello-0a1b2c3",
        functionArn,
        roleArn: "arn:aws:iam::123456789012:role/hello-0a1b2c3",
      });
    });
  });

  it("refuses what Lambda refuses, before anything is created", async () => {
    let thrown: unknown;
    const deployment = await deploy(() => {
      try {
        new CallbackLambda("hello", { ...args, timeoutSeconds: 901, memoryMb: 64 });
      } catch (error) {
        thrown = error;
      }
    });

    expect(deployment.resources).to.deep.equal([]);
    expect((thrown as pulumi.InputPropertiesError).message).to.equal(
      [
        'function "hello" can\'t be set up:',
        "  timeoutSeconds: got 901, expected a whole number from 1 to 900",
        "  memoryMb: got 64, expected a whole number from 128 to 10240",
      ].join("\n"),
    );
  });

  it("fails the deployment when a closure can't be serialized", async () => {
    const native = Math.max.bind(undefined, 1);
    const run = deploy(() => void new CallbackLambda("hello", { ...args, factory: () => async (event: unknown) => native(Number(event)) }));

    expect(
      await run.then(
        () => "deployed",
        (error: Error) => error.message,
      ),
    ).to.contain("Error serializing");
  });

  it("is the only place that makes a function: any other way gets full-access policies and every package", () => {
    const sources = readdirSync(join(root, "components")).filter((name) => name.endsWith(".ts"));
    const makers = sources.filter((name) =>
      /new aws\.lambda\.(Callback)?Function/.test(readFileSync(join(root, "components", name), "utf8")),
    );
    expect(makers).to.deep.equal(["callbackLambda.ts"]);
  });
});
