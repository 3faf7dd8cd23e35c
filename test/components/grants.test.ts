import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { grantExplain, grantRead, grantSubmit, grantSubmitFunction, grantWait, handlerStatements } from "../../components/grants";
import { asyncInferenceOutputs } from "../../components/stackOutputs";
import { explainStatement } from "../../client/explain/permissions";
import { sourceNames } from "../../client/explain/types";
import { stacks } from "../../testing/awsDouble";
import { deploy } from "../../doubles/deploy";
import { serviceOutputs } from "../support/outputs";
import { graphOf, inputsOf, statementsOf } from "../support/readable";

const stack = "acme/ocr/prod";
const rolePolicy = "aws:iam/rolePolicy:RolePolicy";
const role = () => new aws.iam.Role("worker", { assumeRolePolicy: "{}" });
const key = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
const account = "eu-west-1:123456789012";
const bucket = "arn:aws:s3:::ocr-bucket-0a1b2c3";
const table = `arn:aws:dynamodb:${account}:table/ocr-jobs-0a1b2c3`;

const allow = (Sid: string, Action: string | string[], Resource: string | string[]) => ({ Sid, Effect: "Allow", Action, Resource });
const invokeSubmit = allow("InvokeSubmit", "lambda:InvokeFunction", `arn:aws:lambda:${account}:function:ocr-submit-0a1b2c3`);
const listBucket = allow("ListBuckets", "s3:ListBucket", bucket);
const read = (index: string) => [
  allow("Jobs", ["dynamodb:GetItem", "dynamodb:BatchGetItem"], table),
  allow("JobIndex", "dynamodb:Query", `${table}/index/${index}`),
  allow("Results", "s3:GetObject", [`${bucket}/out/*`, `${bucket}/failed/*`]),
  listBucket,
];
const statements = {
  submit: [
    invokeSubmit,
    allow("HoldInstances", "lambda:InvokeFunction", `arn:aws:lambda:${account}:function:ocr-floor-0a1b2c3`),
    allow("Jobs", ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], table),
    allow("Inputs", ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], `${bucket}/in/*`),
    listBucket,
    allow("InvokeEndpoint", "sagemaker:InvokeEndpointAsync", `arn:aws:sagemaker:${account}:endpoint/ocr-endpoint-0a1b2c3`),
    allow("Announce", "sns:Publish", `arn:aws:sns:${account}:ocr-jobs-0a1b2c3`),
  ],
  "submit-function": [invokeSubmit],
  read: read("created"),
  wait: read("ended"),
  explain: [
    allow("Jobs", "dynamodb:GetItem", table),
    allow("JobIndex", "dynamodb:Query", [`${table}/index/created`, `${table}/index/waiting`]),
    allow("Objects", "s3:GetObject", [`${bucket}/in/*`, `${bucket}/out/*`, `${bucket}/failed/*`]),
    listBucket,
    allow("Endpoint", "sagemaker:DescribeEndpoint", `arn:aws:sagemaker:${account}:endpoint/ocr-endpoint-0a1b2c3`),
    allow("EndpointConfig", "sagemaker:DescribeEndpointConfig", `arn:aws:sagemaker:${account}:endpoint-config/ocr-configuration-0a1b2c3`),
    allow("Logs", "logs:FilterLogEvents", [
      // As it is written: names of log groups have capitals.
      `arn:aws:logs:${account}:log-group:/aws/sagemaker/Endpoints/OCR-endpoint-0a1b2c3:*`,
      `arn:aws:logs:${account}:log-group:ocr-result-0a1b2c3:*`,
    ]),
    allow("DeadLetters", "sqs:GetQueueAttributes", serviceOutputs.deadLetterQueueArn),
    allow("Alarms", "cloudwatch:DescribeAlarms", `arn:aws:cloudwatch:${account}:alarm:*`),
    allow(
      "MetricsAndScaling",
      [
        "cloudwatch:GetMetricData",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingActivities",
        "application-autoscaling:DescribeScheduledActions",
      ],
      "*",
    ),
  ],
};
const useKey = {
  submit: [allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], key)],
  "submit-function": [],
  read: [allow("UseKey", "kms:Decrypt", key)],
  wait: [allow("UseKey", "kms:Decrypt", key)],
  explain: [allow("UseKey", "kms:Decrypt", key)],
};
type Grant = keyof typeof statements;
const grants = Object.keys(statements) as Grant[];

/** Grants everything to one role over the outputs of another project's service. */
function elsewhere(outputs: Record<string, unknown>) {
  stacks.set(stack, outputs);
  return deploy(() => {
    const service = asyncInferenceOutputs(new pulumi.StackReference(stack));
    const worker = role();
    for (const grant of [grantSubmit, grantSubmitFunction, grantRead, grantWait, grantExplain]) grant(service, worker);
  });
}

describe("grants", () => {
  afterEach(() => stacks.clear());

  it("allow over another project's outputs exactly what each is for", async () => {
    const deployment = await elsewhere({ ...serviceOutputs });

    expect(graphOf(deployment)).to.deep.equal([
      "aws:iam/role:Role worker",
      ...grants.map((grant) => `${rolePolicy} worker-${grant}`).sort(),
      `pulumi:pulumi:StackReference ${stack}`,
    ]);
    for (const grant of grants) {
      expect(await inputsOf(deployment, rolePolicy, `worker-${grant}`), grant).to.deep.equal({
        role: "worker-0a1b2c3",
        policy: { Version: "2012-10-17", Statement: statements[grant] },
      });
    }
  });

  it("let a role use the customer's key, or its calls fail although all else is allowed", async () => {
    const deployment = await elsewhere({ ...serviceOutputs, kmsKeyArn: key });

    for (const grant of grants) {
      const policy = await statementsOf(deployment, rolePolicy, `worker-${grant}`);
      expect(Object.values(policy), grant).to.deep.equal([...statements[grant], ...useKey[grant]]);
    }
  });

  it("are the same on the component, which names them after itself", async () => {
    const prefixes = { inputPrefix: "in", outputPrefix: "out", failurePrefix: "failed" };
    const deployment = await deploy(() => {
      const service = new AsyncInference("ocr", { image: "ocr:1", kmsKeyArn: key, ...prefixes });
      const worker = role();
      service.grantSubmit(worker);
      service.grantSubmitFunction(worker);
      service.grantRead(worker);
      service.grantWait(worker);
      service.grantExplain(worker);
    });

    for (const grant of grants) {
      const policy = await statementsOf(deployment, rolePolicy, `worker-ocr-${grant}`);
      const expected = JSON.stringify(statements[grant]).replace("Endpoints/OCR-", "Endpoints/ocr-");
      expect(Object.values(policy), grant).to.deep.equal(JSON.parse(expected));
      expect(deployment.options.get(`${rolePolicy} worker-ocr-${grant}`)?.parent, "belongs to the role").to.deep.include({
        __pulumiType: "aws:iam/role:Role",
        __name: "worker",
      });
      // By itself, so that it doesn't wait for what the rest names: the role uses a new key as soon as the service does.
      if (useKey[grant].length > 0) {
        const keys = await statementsOf(deployment, rolePolicy, `worker-ocr-${grant}.key`);
        expect(Object.values(keys), grant).to.deep.equal(useKey[grant]);
      }
    }
    const keyPolicies = graphOf(deployment).filter((line) => line.startsWith(`${rolePolicy} worker-`) && line.endsWith(".key"));
    expect(keyPolicies, "who invokes the submit function needs no key").to.deep.equal(
      ["explain", "read", "submit", "wait"].map((grant) => `${rolePolicy} worker-ocr-${grant}.key`),
    );
  });

  it("let a role read what the service's former keys encrypt", async () => {
    const former = ["arn:aws:kms:eu-west-1:123456789012:key/1", "arn:aws:kms:eu-west-1:123456789012:key/2"];
    const deployment = await elsewhere({ ...serviceOutputs, formerKmsKeyArns: former.join(",") });

    const policy = await statementsOf(deployment, rolePolicy, "worker-read");
    expect(Object.values(policy).slice(statements.read.length)).to.deep.equal([allow("ReadFormerKeys", "kms:Decrypt", former)]);
  });

  it("let a role explain what explain itself says that it needs", () => {
    const pairs = (granted: readonly { Action: string | string[]; Resource: string | string[] }[]) =>
      granted.flatMap(({ Action, Resource }) =>
        [Action].flat().flatMap((action) =>
          [Resource]
            .flat()
            // One statement has both levels of a bucket, since who lacks one lacks the other.
            .filter((resource) => !resource.startsWith("arn:aws:s3") || (action === "s3:ListBucket") === !resource.includes("/"))
            .map((resource) => `${action} ${resource}`),
        ),
      );
    // The list, which leads to the jobs that are to be explained.
    const list = { Action: "dynamodb:Query", Resource: `${table}/index/created` };
    const needed = [...sourceNames.map((source) => explainStatement(serviceOutputs, source)), list];

    expect([...new Set(pairs(needed))].sort()).to.deep.equal(pairs(statements.explain).sort());
  });

  it("can be given to one role for two services", async () => {
    stacks.set(stack, { ...serviceOutputs });
    const deployment = await deploy(() => {
      const service = asyncInferenceOutputs(new pulumi.StackReference(stack));
      const worker = role();
      grantRead(service, worker, { name: "ocr" });
      grantRead(service, worker, { name: "labels" });
    });

    expect(graphOf(deployment).filter((line) => line.startsWith(rolePolicy))).to.deep.equal([
      `${rolePolicy} worker-labels-read`,
      `${rolePolicy} worker-ocr-read`,
    ]);
  });
});

describe("a handler of job events", () => {
  const statementsFor = async (end: "completed" | "failed") => {
    stacks.set(stack, { ...serviceOutputs });
    const program = () => ({
      statements: pulumi.output(handlerStatements(asyncInferenceOutputs(new pulumi.StackReference(stack)), "shop/prod/store", end)),
    });
    return (await deploy(program)).outputs["statements"];
  };
  const marks = [
    {
      sid: "MarkEffects",
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
      resources: [table],
      conditions: [{ test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: ["#once/shop/prod/store/*"] }],
    },
    {
      sid: "RecordFailures",
      actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
      resources: [table],
      conditions: [
        { test: "ForAllValues:StringEquals", variable: "dynamodb:Attributes", values: ["jobId", "endedAt", "handlerFailures"] },
        { test: "StringEqualsIfExists", variable: "dynamodb:Select", values: ["SPECIFIC_ATTRIBUTES"] },
        { test: "StringEqualsIfExists", variable: "dynamodb:ReturnValues", values: ["NONE"] },
      ],
    },
  ];

  afterEach(() => stacks.clear());

  it("marks its own effects alone, and writes nothing else into a job's record than that it fails", async () => {
    expect(await statementsFor("failed")).to.deep.equal(marks);
  });

  it("reads results only when it hears of completed jobs", async () => {
    expect(await statementsFor("completed")).to.deep.equal([
      { sid: "ReadObjects", actions: ["s3:GetObject"], resources: [`${bucket}/out/*`] },
      { sid: "ListBuckets", actions: ["s3:ListBucket"], resources: [bucket] },
      ...marks,
    ]);
  });
});
