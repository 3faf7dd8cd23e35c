import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { gzipSync } from "node:zlib";
import type { AsyncInferenceArgs } from "../../components/args";
import { AsyncInference } from "../../components/asyncInference";
import { deploy, type Deployment } from "../../doubles/deploy";
import { filesOf, graphOf, inputsOf, statementsOf, treatmentOf } from "../support/readable";

const image = { image: "ocr:1" };
const run = (args: AsyncInferenceArgs, name = "ocr") => deploy(() => new AsyncInference(name, args).outputs);
const topicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";

/** The graph of a service with an image and otherwise defaults. */
const graph = (name: string) => [
  `aws:appautoscaling/policy:Policy ${name}-backlog`,
  `aws:appautoscaling/policy:Policy ${name}-idle`,
  `aws:appautoscaling/policy:Policy ${name}-wake`,
  `aws:appautoscaling/target:Target ${name}-target`,
  `aws:cloudwatch/eventRule:EventRule ${name}-floor`,
  `aws:cloudwatch/eventRule:EventRule ${name}-sweep`,
  `aws:cloudwatch/eventTarget:EventTarget ${name}-floor`,
  `aws:cloudwatch/eventTarget:EventTarget ${name}-sweep`,
  `aws:cloudwatch/logGroup:LogGroup ${name}-result`,
  `aws:cloudwatch/logGroup:LogGroup ${name}-submit`,
  `aws:cloudwatch/logGroup:LogGroup ${name}-floor`,
  `aws:cloudwatch/logGroup:LogGroup ${name}-sweep`,
  `aws:cloudwatch/metricAlarm:MetricAlarm ${name}-idle`,
  `aws:cloudwatch/metricAlarm:MetricAlarm ${name}-wake`,
  `aws:dynamodb/table:Table ${name}-jobs`,
  `aws:iam/role:Role ${name}-execution`,
  `aws:iam/role:Role ${name}-result`,
  `aws:iam/role:Role ${name}-submit`,
  `aws:iam/role:Role ${name}-floor`,
  `aws:iam/role:Role ${name}-sweep`,
  `aws:iam/rolePolicy:RolePolicy ${name}-execution`,
  `aws:iam/rolePolicy:RolePolicy ${name}-result`,
  `aws:iam/rolePolicy:RolePolicy ${name}-submit`,
  `aws:iam/rolePolicy:RolePolicy ${name}-floor`,
  `aws:iam/rolePolicy:RolePolicy ${name}-sweep`,
  `aws:lambda/function:Function ${name}-result`,
  `aws:lambda/function:Function ${name}-submit`,
  `aws:lambda/function:Function ${name}-floor`,
  `aws:lambda/function:Function ${name}-sweep`,
  `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig ${name}-floor`,
  `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig ${name}-result`,
  `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig ${name}-submit`,
  `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig ${name}-sweep`,
  `aws:lambda/permission:Permission ${name}-result-error`,
  `aws:lambda/permission:Permission ${name}-result-success`,
  `aws:lambda/permission:Permission ${name}-floor`,
  `aws:lambda/permission:Permission ${name}-sweep`,
  `aws:s3/bucket:Bucket ${name}-bucket`,
  `aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration ${name}-lifecycle`,
  `aws:s3/bucketPolicy:BucketPolicy ${name}-policy`,
  `aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock ${name}-private`,
  `aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration ${name}-encryption`,
  `aws:sagemaker/endpoint:Endpoint ${name}-endpoint`,
  `aws:sagemaker/endpointConfiguration:EndpointConfiguration ${name}-configuration`,
  `aws:sagemaker/model:Model ${name}-model`,
  `aws:sns/topic:Topic ${name}-error`,
  `aws:sns/topic:Topic ${name}-jobs`,
  `aws:sns/topic:Topic ${name}-success`,
  `aws:sns/topicPolicy:TopicPolicy ${name}-error`,
  `aws:sns/topicPolicy:TopicPolicy ${name}-jobs`,
  `aws:sns/topicPolicy:TopicPolicy ${name}-success`,
  `aws:sns/topicSubscription:TopicSubscription ${name}-result-error`,
  `aws:sns/topicSubscription:TopicSubscription ${name}-result-success`,
  `aws:sqs/queue:Queue ${name}-dead-letters`,
  `aws:sqs/queuePolicy:QueuePolicy ${name}-dead-letters`,
  `pulumi:index:Stash ${name}-hardware`,
];
const inbox = (name: string) => [
  `aws:cloudwatch/logGroup:LogGroup ${name}-inbox`,
  `aws:iam/role:Role ${name}-inbox`,
  `aws:iam/rolePolicy:RolePolicy ${name}-inbox`,
  `aws:lambda/function:Function ${name}-inbox`,
  `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig ${name}-inbox`,
  `aws:lambda/permission:Permission ${name}-inbox`,
  `aws:s3/bucketNotification:BucketNotification ${name}-inbox`,
];

/** What a variant adds to and takes from the graph of {@link graph}. */
function difference(deployment: Deployment, name = "ocr"): { more: string[]; less: string[] } {
  const actual = graphOf(deployment);
  const usual = graph(name);
  return { more: actual.filter((line) => !usual.includes(line)), less: usual.filter((line) => !actual.includes(line)) };
}

/** The settings of a function, as it reads them. */
async function settingsIn(deployment: Deployment, name: string): Promise<Record<string, unknown>> {
  const { environment } = await inputsOf(deployment, "aws:lambda/function:Function", name);
  // With a secret among them they are one, as text.
  const { variables } = ((environment as { secret?: unknown }).secret ?? environment) as { variables: { SETTINGS: object | string } };
  return (typeof variables.SETTINGS === "string" ? JSON.parse(variables.SETTINGS) : variables.SETTINGS) as Record<string, unknown>;
}

describe("AsyncInference", () => {
  it("needs only a model, and is one component of components", async () => {
    const deployment = await run(image);

    expect(graphOf(deployment).sort()).to.deep.equal(graph("ocr").sort());
    expect(deployment.components).to.deep.equal([
      "pulumi:pulumi:Stack sagemaker-async-inference-test",
      "sagemaker-async:index:AsyncInference ocr",
      "sagemaker-async:index:Autoscaling ocr",
      "sagemaker-async:index:CallbackLambda ocr-floor",
      "sagemaker-async:index:CallbackLambda ocr-result",
      "sagemaker-async:index:CallbackLambda ocr-submit",
      "sagemaker-async:index:CallbackLambda ocr-sweep",
      "sagemaker-async:index:DeadLetters ocr",
      "sagemaker-async:index:Endpoint ocr",
      "sagemaker-async:index:Jobs ocr",
      "sagemaker-async:index:Model ocr",
      "sagemaker-async:index:Notifications ocr",
      "sagemaker-async:index:Storage ocr",
    ]);
    expect(deployment.messages).to.deep.equal([]);
  });

  it("offers the whole contract, from which clients and other programs work", async () => {
    const { outputs } = await run({ ...image, minCapacity: 1, maxCapacity: 2, requestTtlSeconds: 600, inputPrefix: "in" });

    expect(outputs).to.deep.equal({
      contractVersion: 1,
      region: "eu-west-1",
      accountId: "123456789012",
      partition: "aws",
      endpointName: "ocr-endpoint-0a1b2c3",
      endpointConfigName: "ocr-configuration-0a1b2c3",
      modelName: "ocr-model-0a1b2c3",
      variantName: "AllTraffic",
      bucketName: "ocr-bucket-0a1b2c3",
      bucketArn: "arn:aws:s3:::ocr-bucket-0a1b2c3",
      inputPrefix: "in/",
      outputPrefix: "output/",
      failurePrefix: "failure/",
      inboxPrefix: "inbox/",
      formerPrefixes: "",
      inboxEnabled: false,
      inboxFunctionArn: "",
      batchFunctionArn: "",
      batchRoleArn: "",
      executionRoleArn: "arn:aws:iam::123456789012:role/ocr-execution-0a1b2c3",
      successTopicArn: "arn:aws:sns:eu-west-1:123456789012:ocr-success-0a1b2c3",
      errorTopicArn: "arn:aws:sns:eu-west-1:123456789012:ocr-error-0a1b2c3",
      jobsTopicArn: "arn:aws:sns:eu-west-1:123456789012:ocr-jobs-0a1b2c3",
      alarmTopicArn: "",
      jobTableName: "ocr-jobs-0a1b2c3",
      jobTableArn: "arn:aws:dynamodb:eu-west-1:123456789012:table/ocr-jobs-0a1b2c3",
      kmsKeyArn: "",
      formerKmsKeyArns: "",
      submitFunctionName: "ocr-submit-0a1b2c3",
      submitFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:ocr-submit-0a1b2c3",
      resultFunctionName: "ocr-result-0a1b2c3",
      resultLogGroupName: "ocr-result-0a1b2c3",
      sweepFunctionName: "ocr-sweep-0a1b2c3",
      floorFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:ocr-floor-0a1b2c3",
      tracingFunctionArn: "",
      traceSamplePercent: 0,
      busFunctionArn: "",
      tasksFunctionArn: "",
      webhookFunctionArns: "",
      deadLetterQueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/ocr-dead-letters-0a1b2c3",
      deadLetterQueueArn: "arn:aws:sqs:eu-west-1:123456789012:ocr-dead-letters-0a1b2c3",
      minCapacity: 1,
      maxCapacity: 2,
      invocationTimeoutSeconds: 3600,
      requestTtlSeconds: 600,
      maxOpenJobs: 100_000,
      onDoubt: "rerun",
      maxAttempts: 3,
      jobRetentionDays: 30,
      inputBuckets: "",
      maxConcurrentInvocationsPerInstance: 1,
    });
  });

  it("takes an input bucket that the same program makes: its name is not known before it exists", async () => {
    const deployment = await deploy(() => {
      const scans = new aws.s3.Bucket("scans");
      return new AsyncInference("ocr", { ...image, inputBuckets: [scans.bucket, "faxes"] }).outputs;
    });
    const inBuckets = async (name: string) =>
      Object.values(await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", name)).map(({ Sid, Resource }) => [
        Sid,
        [Resource].flat().filter((arn) => /:(scans|faxes)/.test(String(arn))),
      ]);

    expect(deployment.outputs["inputBuckets"]).to.equal("scans-0a1b2c3,faxes");
    expect(await inBuckets("ocr-submit")).to.deep.include.members([
      ["ReadObjects", ["arn:aws:s3:::scans-0a1b2c3/*", "arn:aws:s3:::faxes/*"]],
      ["ListBuckets", ["arn:aws:s3:::scans-0a1b2c3", "arn:aws:s3:::faxes"]],
    ]);
    expect(await inBuckets("ocr-execution")).to.deep.include.members([
      ["ReadInputs", ["arn:aws:s3:::scans-0a1b2c3/*", "arn:aws:s3:::faxes/*"]],
      ["ListBuckets", ["arn:aws:s3:::scans-0a1b2c3", "arn:aws:s3:::faxes"]],
    ]);
  });

  it("hands every setting of the jobs to the functions, by name", async () => {
    const deployment = await run({
      ...image,
      inboxEnabled: true,
      inboxPrefix: "uploads",
      inputBuckets: ["scans", "faxes"],
      invocationTimeoutSeconds: pulumi.output(60),
      requestTtlSeconds: 120,
      onDoubt: "wait",
      maxAttempts: 1,
      maxOpenJobs: 50,
      jobRetentionDays: 7,
    });
    const variablesOf = async (name: string) =>
      ((await inputsOf(deployment, "aws:lambda/function:Function", name))["environment"] as { variables: unknown }).variables;

    const jobs = {
      endpointName: "ocr-endpoint-0a1b2c3",
      bucketName: "ocr-bucket-0a1b2c3",
      outputPrefix: "output/",
      notificationsEnabled: true,
      retentionDays: 7,
      jobTableName: "ocr-jobs-0a1b2c3",
      jobsTopicArn: "arn:aws:sns:eu-west-1:123456789012:ocr-jobs-0a1b2c3",
    };
    const submit = {
      ...jobs,
      inputPrefix: "input/",
      allowedInputBuckets: ["scans", "faxes"],
      invocationTimeoutSeconds: 60,
      requestTtlSeconds: 120,
      onDoubt: "wait",
      maxAttempts: 1,
      maxOpenJobs: 50,
      floorFunctionName: "ocr-floor-0a1b2c3",
    };
    expect(await variablesOf("ocr-submit")).to.deep.equal({ SETTINGS: submit });
    expect(await variablesOf("ocr-inbox")).to.deep.equal({ SETTINGS: { ...submit, inboxPrefix: "uploads/", formerInboxPrefixes: [] } });
    expect(await variablesOf("ocr-result")).to.deep.equal({ SETTINGS: jobs });
    expect(await variablesOf("ocr-sweep")).to.deep.equal({ SETTINGS: { ...jobs, inputPrefix: "input/", formerInputPrefixes: [] } });

    const submitPolicy = await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "ocr-submit");
    expect([submitPolicy["ReadObjects"]?.["Resource"], submitPolicy["ListBuckets"]?.["Resource"]]).to.deep.equal([
      [
        "arn:aws:s3:::ocr-bucket-0a1b2c3/input/*",
        "arn:aws:s3:::ocr-bucket-0a1b2c3/output/*",
        "arn:aws:s3:::scans/*",
        "arn:aws:s3:::faxes/*",
      ],
      ["arn:aws:s3:::ocr-bucket-0a1b2c3", "arn:aws:s3:::scans", "arn:aws:s3:::faxes"],
    ]);
  });

  it("keeps its functions' archives to one file of at most 24 KB packed, or a sleeping endpoint's first job waits for the unpacking", async () => {
    const deployment = await deploy(() => {
      const service = new AsyncInference("ocr", { ...image, inboxEnabled: true });
      service.onCompleted("store", ({ jobId }) => void jobId);
    });
    const functions = deployment.resources.filter(({ type }) => type === "aws:lambda/function:Function");

    expect(functions.map(({ name }) => name)).to.deep.equal([
      "ocr-completed-store",
      "ocr-floor",
      "ocr-inbox",
      "ocr-result",
      "ocr-submit",
      "ocr-sweep",
    ]);
    for (const { inputs } of functions) {
      const files = await filesOf(inputs["code"]);
      expect(Object.keys(files)).to.deep.equal(["__index.js"]);
      expect(gzipSync(files["__index.js"] as string).length).to.be.at.most(24 * 1024);
    }
  });

  it("turns uploads into jobs when the inbox is enabled", async () => {
    const deployment = await run({ ...image, inboxEnabled: true });

    expect(difference(deployment)).to.deep.equal({ more: inbox("ocr"), less: [] });
    const notification = ["aws:s3/bucketNotification:BucketNotification", "ocr-inbox"] as const;
    expect(await inputsOf(deployment, ...notification)).to.deep.equal({
      bucket: "ocr-bucket-0a1b2c3",
      lambdaFunctions: [
        {
          lambdaFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:ocr-inbox-0a1b2c3",
          events: ["s3:ObjectCreated:*"],
          filterPrefix: "inbox/",
        },
      ],
    });
    // S3 refuses a function that it may not invoke.
    expect(treatmentOf(deployment, ...notification)).to.deep.equal({ dependsOn: ["aws:lambda/permission:Permission ocr-inbox"] });
  });

  it("has no wake-up without scale to zero", async () => {
    const wake = ["aws:appautoscaling/policy:Policy ocr-wake", "aws:cloudwatch/metricAlarm:MetricAlarm ocr-wake"];

    expect(difference(await run({ ...image, minCapacity: 1 }))).to.deep.equal({ more: [], less: wake });
  });

  it("has the engine take policies and target away before the hardware gate: else SageMaker refuses a new instance type", async () => {
    const edges: Record<string, string[]> = {};
    await deploy(async () => {
      const ids: [string, { allResources(): Promise<Set<{ __name: string }>> }][] = [];
      pulumi.runtime.registerStackTransformation(({ type, name, props }) => {
        if (type.startsWith("aws:appautoscaling/")) ids.push([name, (props as { resourceId: (typeof ids)[number][1] }).resourceId]);
        return undefined;
      });
      new AsyncInference("ocr", image);
      for (const [name, id] of ids) edges[name] = Array.from(await id.allResources(), ({ __name }) => __name).sort();
    });

    expect(edges).to.deep.equal({
      "ocr-target": ["ocr-endpoint", "ocr-hardware"],
      "ocr-backlog": ["ocr-target"],
      "ocr-idle": ["ocr-target"],
      "ocr-wake": ["ocr-target"],
    });
  });

  it("warns of an instance type that it doesn't know, and takes it", async () => {
    const deployment = await run({ huggingFaceModelId: "gpt2", instanceType: "ml.c5.xlarge", volumeSizeGb: 64 });

    expect(difference(deployment)).to.deep.equal({ more: [], less: [] });
    expect(deployment.messages).to.deep.equal([
      "warning: instanceType ml.c5.xlarge is not in the catalogue of GPU instances: its disks and drivers are not checked.",
    ]);
  });

  it("adds nothing to the graph for a VPC", async () => {
    const deployment = await run({ ...image, vpcSubnetIds: pulumi.output(["subnet-1"]), vpcSecurityGroupIds: ["sg-1"] });

    expect(difference(deployment)).to.deep.equal({ more: [], less: [] });
    expect((await inputsOf(deployment, "aws:sagemaker/model:Model", "ocr-model"))["vpcConfig"]).to.deep.equal({
      subnets: ["subnet-1"],
      securityGroupIds: ["sg-1"],
    });
  });

  it("lives in the user's own bucket without touching what exists once a bucket, and says what it needs", async () => {
    const deployment = await run({ ...image, bucketName: pulumi.output("scans"), inboxEnabled: true });

    expect(difference(deployment)).to.deep.equal({
      more: inbox("ocr").filter((line) => !line.includes("bucketNotification")),
      less: graph("ocr").filter((line) => line.startsWith("aws:s3/")),
    });
    expect(await inputsOf(deployment, "aws:lambda/permission:Permission", "ocr-inbox")).to.deep.equal({
      action: "lambda:InvokeFunction",
      function: "ocr-inbox-0a1b2c3",
      principal: "s3.amazonaws.com",
      sourceArn: "arn:aws:s3:::scans",
      sourceAccount: "123456789012",
    });
    const [policy, notification, ...others] = deployment.messages;
    expect(others).to.deep.equal([]);
    const [policyHead, ...policyText] = (policy ?? "").split("\n");
    expect(policyHead).to.equal(
      "info: Bucket scans is yours and stays as it is. Its policy needs (the role is the output executionRoleArn):",
    );
    const principal = { AWS: "arn:aws:iam::123456789012:role/ocr-execution-0a1b2c3" };
    expect(JSON.parse(policyText.join("\n"))).to.deep.equal({
      Version: "2012-10-17",
      Statement: [
        { Sid: "EndpointReads", Effect: "Allow", Principal: principal, Action: "s3:GetObject", Resource: "arn:aws:s3:::scans/input/*" },
        {
          Sid: "EndpointWrites",
          Effect: "Allow",
          Principal: principal,
          Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
          Resource: ["arn:aws:s3:::scans/output/*", "arn:aws:s3:::scans/failure/*"],
        },
        { Sid: "EndpointLists", Effect: "Allow", Principal: principal, Action: "s3:ListBucket", Resource: "arn:aws:s3:::scans" },
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: ["arn:aws:s3:::scans", "arn:aws:s3:::scans/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
    const [notificationHead, ...notificationText] = (notification ?? "").split("\n");
    expect(notificationHead).to.equal(
      "info: For the inbox, its notification configuration needs (the function is the output inboxFunctionArn):",
    );
    expect(JSON.parse(notificationText.join("\n"))).to.deep.equal({
      LambdaFunctionConfigurations: [
        {
          LambdaFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:ocr-inbox-0a1b2c3",
          Events: ["s3:ObjectCreated:*"],
          Filter: { Key: { FilterRules: [{ Name: "prefix", Value: "inbox/" }] } },
        },
      ],
    });
  });

  it("hears one topic of the user's for both ends once, and says what its policy needs", async () => {
    const deployment = await run({ ...image, successTopicArn: topicArn, errorTopicArn: topicArn });

    expect(difference(deployment)).to.deep.equal({
      more: ["aws:lambda/permission:Permission ocr-result", "aws:sns/topicSubscription:TopicSubscription ocr-result"],
      less: [
        "aws:lambda/permission:Permission ocr-result-error",
        "aws:lambda/permission:Permission ocr-result-success",
        "aws:sns/topic:Topic ocr-error",
        "aws:sns/topic:Topic ocr-success",
        "aws:sns/topicPolicy:TopicPolicy ocr-error",
        "aws:sns/topicPolicy:TopicPolicy ocr-success",
        "aws:sns/topicSubscription:TopicSubscription ocr-result-error",
        "aws:sns/topicSubscription:TopicSubscription ocr-result-success",
      ],
    });
    expect(deployment.messages.map((message) => message.split("\n")[0])).to.deep.equal([
      `info: Topic ${topicArn} is yours and stays as it is. Its policy needs (the role is the output executionRoleArn):`,
    ]);
  });

  it("hears one topic of the user's once when another resource gives its ARN", async () => {
    const own = pulumi.output(topicArn);
    const deployment = await run({ ...image, successTopicArn: own, errorTopicArn: own });

    const subscriptions = graphOf(deployment).filter((line) => line.startsWith("aws:sns/topicSubscription:"));
    expect(subscriptions).to.deep.equal(["aws:sns/topicSubscription:TopicSubscription ocr-result"]);
    const notify = (await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "ocr-execution"))["Notify"];
    expect(notify?.["Resource"]).to.equal(topicArn);
    expect(deployment.messages.map((message) => message.split("\n")[0])).to.deep.equal([
      `info: Topic ${topicArn} is yours and stays as it is. Its policy needs (the role is the output executionRoleArn):`,
    ]);
  });

  it("hears two topics of the user's", async () => {
    const deployment = await run({ ...image, successTopicArn: pulumi.output(`${topicArn}-ok`), errorTopicArn: topicArn });

    const heard = ["success", "error"].map((end) =>
      inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", `ocr-result-${end}`),
    );
    expect((await Promise.all(heard)).map(({ topic }) => topic)).to.deep.equal([`${topicArn}-ok`, topicArn]);
  });

  it("has neither topics nor subscriptions when notifications are off, and keeps job events", async () => {
    const deployment = await run({ ...image, notificationsEnabled: false });

    expect(difference(deployment)).to.deep.equal({
      more: [],
      less: graph("ocr").filter((line) => /-(success|error)$/.test(line)),
    });
    expect([deployment.outputs["successTopicArn"], deployment.outputs["errorTopicArn"]]).to.deep.equal(["", ""]);
    expect(Object.keys(await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "ocr-execution"))).not.to.include("Notify");
  });

  it("lets the inbox read uploads and nothing else: it copies them without looking at inputs or results", async () => {
    const policy = await statementsOf(await run({ ...image, inboxEnabled: true }), "aws:iam/rolePolicy:RolePolicy", "ocr-inbox");

    expect(policy["ReadObjects"]?.["Resource"]).to.equal("arn:aws:s3:::ocr-bucket-0a1b2c3/inbox/*");
  });

  it("gives every role the user's key: to read and write what it encrypts, dead letters too", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
    const deployment = await deploy(() => {
      new AsyncInference("ocr", { ...image, kmsKeyArn }).onCompleted("store", ({ jobId }) => void jobId);
    });

    const names = ["ocr-execution", "ocr-submit", "ocr-result", "ocr-completed-store"];
    const keys = names.map(
      async (name) => (await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", `${name}.key`))["UseKey"]?.["Action"],
    );
    const both = ["kms:Decrypt", "kms:GenerateDataKey"];
    expect(await Promise.all(keys)).to.deep.equal([both, both, both, both]);
  });

  it("encrypts with the user's key whatever is kept, and says what its policy needs", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
    const deployment = await deploy(() => {
      const args = { ...image, kmsKeyArn, instanceType: "ml.m5.xlarge", alarmsEnabled: true, inboxEnabled: true } as const;
      new AsyncInference("ocr", args).onCompleted("store", ({ jobId }) => void jobId);
    });

    const bare = deployment.resources.filter(
      ({ type, inputs }) =>
        /:(LogGroup|Function|Topic|Queue|Table|EndpointConfiguration|BucketServerSideEncryptionConfiguration)$/.test(type) &&
        !JSON.stringify(inputs).includes(kmsKeyArn),
    );
    expect(bare.map(({ type, name }) => `${type} ${name}`)).to.deep.equal([]);
    const [head, ...document] = (deployment.messages.find((message) => message.startsWith("info: Key")) ?? "").split("\n");
    expect(head).to.equal(`info: Key ${kmsKeyArn} is yours and stays as it is. Its policy needs:`);
    const { Statement } = JSON.parse(document.join("\n")) as { Statement: { Sid: string; Principal: unknown }[] };
    expect(Statement.map(({ Sid, Principal }) => [Sid, Principal])).to.deep.equal([
      ["RolesOfThisAccount", { AWS: "arn:aws:iam::123456789012:root" }],
      ["LogsOfThisAccount", { Service: "logs.eu-west-1.amazonaws.com" }],
      ["TopicsDeliver", { Service: "sns.amazonaws.com" }],
      ["AlarmsPublish", { Service: "cloudwatch.amazonaws.com" }],
    ]);
  });

  it("has the functions in the model's network when it is told so, with the rights to join it and no other", async () => {
    const network = { vpcSubnetIds: ["subnet-1"], vpcSecurityGroupIds: ["sg-1"] };
    const deployment = await run({ ...image, ...network, functionsInVpc: true });
    const without = await run({ ...image, ...network });

    for (const name of ["ocr-submit", "ocr-result", "ocr-sweep", "ocr-floor"]) {
      const { vpcConfig } = await inputsOf(deployment, "aws:lambda/function:Function", name);
      expect(vpcConfig, name).to.deep.equal({ subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] });
      expect(await inputsOf(without, "aws:lambda/function:Function", name), name).not.to.have.property("vpcConfig");
    }
    const { JoinVpc, ManageInterfaces, DescribeVpc } = await statementsOf(
      deployment,
      "aws:iam/rolePolicy:RolePolicy",
      "ocr-submit.network",
    );
    const ec2 = "arn:aws:ec2:eu-west-1:123456789012:";
    expect([JoinVpc?.["Resource"], ManageInterfaces?.["Resource"], DescribeVpc]).to.deep.equal([
      [`${ec2}network-interface/*`, `${ec2}subnet/subnet-1`, `${ec2}security-group/sg-1`],
      `${ec2}*/*`,
      {
        Sid: "DescribeVpc",
        Effect: "Allow",
        Action: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
        Resource: "*",
      },
    ]);
    // In the function's other policy they would be gone before the function has left the VPC, and its interfaces would stay.
    const other = Object.keys(await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "ocr-submit"));
    expect(other).to.deep.equal(Object.keys(await statementsOf(without, "aws:iam/rolePolicy:RolePolicy", "ocr-submit")));
    expect(treatmentOf(deployment, "aws:lambda/function:Function", "ocr-submit")["dependsOn"]).to.deep.equal([
      "aws:iam/rolePolicy:RolePolicy ocr-submit",
      "aws:iam/rolePolicy:RolePolicy ocr-submit.network",
    ]);
  });

  it("stands twice in one program, with other settings, without meeting itself", async () => {
    const deployment = await deploy(() => {
      new AsyncInference("ocr", image);
      new AsyncInference("Speech2", { huggingFaceModelId: "openai/whisper-small", targetBacklogPerInstance: 1, inboxEnabled: true });
    });

    expect(graphOf(deployment).sort()).to.deep.equal([...graph("ocr"), ...graph("Speech2"), ...inbox("Speech2")].sort());
    const policy = await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "Speech2-backlog");
    expect(policy["resourceId"]).to.equal("endpoint/Speech2-endpoint-0a1b2c3/variant/AllTraffic");
    const invoke = (await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "Speech2-submit"))["Invoke"];
    expect(invoke?.["Resource"]).to.equal("arn:aws:sagemaker:eu-west-1:123456789012:endpoint/speech2-endpoint-0a1b2c3");
  });

  it("refuses wrong arguments before anything is created, and says all that is wrong", async () => {
    const registered: string[] = [];
    const attempt = deploy(() => void new AsyncInference("ocr", { maxCapacity: 0, image: "OCR" }), {}, registered);

    expect(await attempt.then(String, ({ message }: Error) => message)).to.equal(
      [
        'asynchronous inference "ocr" can\'t be set up:',
        "  maxCapacity: got 0, expected a whole number from 1",
        '  image: got "OCR", expected an ECR image with a tag or digest, such as ocr:1 (this account and region) or <account>.dkr.ecr.<region>.amazonaws.com/ocr:1',
      ].join("\n"),
    );
    expect(registered.filter((line) => !line.startsWith("pulumi:pulumi:Stack"))).to.deep.equal([]);
  });

  it("lets no wrong Output reach AWS", async () => {
    const attempt = run({ ...image, scaleInCooldownSeconds: pulumi.output(-1) });

    expect(await attempt.then(String, ({ message }: Error) => message)).to.contain(
      'asynchronous inference "ocr" can\'t be set up:\n  scaleInCooldownSeconds: got -1, expected a whole number from 0',
    );
  });

  it("has low jobs wait from the number that is given on, in the turns of whom they are fair to", async () => {
    const deployment = await run({ ...image, priorityEnabled: true, lowPriorityBacklog: 7, lowPriorityFairBy: "tenant" });

    expect((await settingsIn(deployment, "ocr-sweep"))["lowPriority"]).to.deep.equal({ backlog: 7, fairBy: "tenant" });
    // maxOpenJobs is the submit function's to hold back without batches.
    expect(await settingsIn(deployment, "ocr-sweep")).to.not.have.property("batchMaxOpenJobs");
  });

  it("keeps every resource below the service: without its parent one has another URN, and an update would make it anew", async () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b";
    const deployment = await run({
      ...{ ...image, alarmsEnabled: true, alarmEmails: ["a@example.com"], dashboardEnabled: true, kmsKeyArn: key },
      ...{ inboxEnabled: true, batchEnabled: true, priorityEnabled: true, workflowsEnabled: true, traceEndpoint: "https://c.example.com" },
      ...{
        successEmails: ["a@example.com"],
        failureEmails: ["a@example.com"],
        eventBusName: "jobs",
        deployment: { strategy: "allAtOnce" },
      },
      ...{ warmHours: ["mon 08:00-18:00"], minCapacity: 0, maxCapacity: 2, warmMinCapacity: 1, drain: true },
      ...{ maxConcurrentInvocationsPerInstance: 4, targetBacklogPerInstance: 2, maxOpenJobs: 5000 },
      webhooks: { orders: { url: "https://shop.example.com/jobs", secret: `whsec_${"A".repeat(32)}` } },
    });
    const [service = ""] = deployment.components.filter((line) => line.endsWith(":AsyncInference ocr"));
    expect(service).not.to.equal("");
    const outside = [...deployment.options].filter(
      ([line, { parent }]) => line !== service && line.includes("ocr") && parent === undefined,
    );

    expect(deployment.resources.length).to.be.greaterThan(100);
    expect(outside.map(([line]) => line)).to.deep.equal([]);

    const settingsOf = (name: string) => settingsIn(deployment, name);
    const { lowPriority, batchMaxOpenJobs, workflowsEnabled } = await settingsOf("ocr-sweep");
    // As many as all instances have running and waiting: two instances, 4 at a time, and 2 more for each.
    expect({ lowPriority, batchMaxOpenJobs, workflowsEnabled }, "the sweeper admits low jobs and counts batches' room").to.deep.equal({
      lowPriority: { backlog: 2 * (4 + 2) },
      batchMaxOpenJobs: 5000,
      workflowsEnabled: true,
    });
    expect((await settingsOf("ocr-result"))["admitsLow"], "an end admits the next low job").to.equal(true);
    expect(await settingsOf("ocr-floor"), "the floor keeps the instances that load and hours ask for").to.deep.equal({
      endpointName: deployment.outputs["endpointName"],
      variantName: "AllTraffic",
      jobTableName: "ocr-jobs-0a1b2c3",
      warm: { windows: ["mon 08:00-18:00"], timeZone: "UTC", minCapacity: 1 },
      ...{ minCapacity: 0, maxCapacity: 2, idleSeconds: 600, partialScaleIn: false, drain: true },
      ...{ maxConcurrentInvocationsPerInstance: 4, targetBacklogPerInstance: 2 },
    });
    for (const name of ["ocr-floor", "ocr-sweep"]) {
      const { scheduleExpression } = await inputsOf(deployment, "aws:cloudwatch/eventRule:EventRule", name);
      expect(scheduleExpression, name).to.equal("rate(1 minute)");
    }
    expect((await settingsOf("ocr-batch"))["engineRoleArn"]).to.equal("arn:aws:iam::123456789012:role/ocr-batch-engine-0a1b2c3");

    const deadLetters = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig";
    const functions = deployment.resources.filter(({ type }) => type === "aws:lambda/function:Function");
    const hosted = functions.map(({ name, inputs: { timeout, memorySize } }) => {
      const kept = deployment.resources.some(
        (each) => each.type === deadLetters && each.name === name && "destinationConfig" in each.inputs,
      );
      return `${name.slice("ocr-".length)}: ${String(timeout)} s, ${String(memorySize)} MB${kept ? ", its failures are dead letters" : ""}`;
    });
    expect(hosted, "time and memory for the work of each, and nothing lost that nobody else would do").to.deep.equal([
      "batch: 300 s, 256 MB",
      "bus: 30 s, 256 MB, its failures are dead letters",
      "floor: 60 s, 1024 MB",
      "inbox: 300 s, 256 MB, its failures are dead letters",
      "result: 60 s, 256 MB, its failures are dead letters",
      "submit: 900 s, 512 MB, its failures are dead letters",
      "sweep: 300 s, 1024 MB",
      "tasks: 30 s, 256 MB, its failures are dead letters",
      "tracing: 30 s, 256 MB, its failures are dead letters",
      "webhook-orders: 60 s, 256 MB",
    ]);
  });
});
