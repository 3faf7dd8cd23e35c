import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { functionKeyStatements, functionStatements, type FunctionPart, type Reach } from "../../components/functionPolicies";
import { deploy } from "../../doubles/deploy";

const account = "cn-north-1:123456789012";
const bucket = "arn:aws-cn:s3:::ocr-bucket";
const table = `arn:aws-cn:dynamodb:${account}:table/ocr-jobs`;
const floorFunctionArn = `arn:aws-cn:lambda:${account}:function:ocr-floor`;
const endpointArn = `arn:aws-cn:sagemaker:${account}:endpoint/ocr-endpoint`;
const jobsTopicArn = `arn:aws-cn:sns:${account}:ocr-jobs`;

type Settings = Partial<Record<"inputBuckets" | "priorityEnabled" | "workflowsEnabled" | "eventBusName", unknown>>;

/** A service with every kind of prefix, each with a former one, whose endpoint's name has capitals. */
const reach = (settings: Settings) =>
  ({
    place: { partition: pulumi.output("aws-cn"), region: pulumi.output("cn-north-1"), accountId: pulumi.output("123456789012") },
    settings: { inputBuckets: [], priorityEnabled: false, workflowsEnabled: false, ...settings },
    endpoint: { endpointName: pulumi.output("OCR-endpoint") },
    storage: { bucketArn: pulumi.output(bucket) },
    jobs: { tableArn: pulumi.output(table) },
    jobsTopicArn: pulumi.output(jobsTopicArn),
    inputPrefix: "in/",
    outputPrefix: "out/",
    failurePrefix: "failed/",
    inboxPrefix: "inbox/",
    former: { input: ["old-in/"], output: ["old-out/"], failure: ["old-failed/"], inbox: ["old-inbox/"] },
  }) as unknown as Reach;

type Line = [actions: string, resources: string[], ...conditions: string[]];

/** What a function may do, a line a statement; with all names resolved. */
async function allowed(settings: Settings, floor?: string): Promise<Record<FunctionPart, Line[]>> {
  const program = () => ({
    parts: pulumi.output(functionStatements(reach(settings), floor === undefined ? undefined : pulumi.output(floor))),
  });
  type Resolved = {
    sid: string;
    actions: string[];
    resources: string[];
    conditions?: { test: string; variable: string; values: string[] }[];
  };
  const parts = (await deploy(program)).outputs["parts"] as Record<FunctionPart, Resolved[]>;
  const line = ({ sid, actions, resources, conditions = [] }: Resolved): Line => [
    `${sid}: ${actions.join(" ")}`,
    resources,
    ...conditions.map(({ test, variable, values }) => `${test} ${variable} ${values.join(" ")}`),
  ];
  return Object.fromEntries(Object.entries(parts).map(([part, statements]) => [part, statements.map(line)])) as Record<
    FunctionPart,
    Line[]
  >;
}

const records: Line = ["Jobs: dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem", [table]];
const due: Line = ["DueJobs: dynamodb:Query", [`${table}/index/due`]];
const waiting: Line = ["WaitingJobs: dynamodb:Query", [`${table}/index/waiting`]];
const below = (...prefixes: string[]) => prefixes.map((prefix) => `${bucket}/${prefix}/*`);
const upload: Line = ["WriteInputs: s3:PutObject", below("in")];
const list: Line = ["ListBuckets: s3:ListBucket", [bucket]];
const invoke: Line = ["Invoke: sagemaker:InvokeEndpointAsync", [endpointArn]];
const announce: Line = ["Announce: sns:Publish", [jobsTopicArn]];
const callFloor: Line = ["CallFloor: lambda:InvokeFunction", [floorFunctionArn]];
const outputs = below("out", "old-out");
const outcomes = [...outputs, ...below("failed", "old-failed")];
const stateMachines = [`arn:aws-cn:states:${account}:stateMachine:*`];
const floor: Line[] = [
  ["Jobs: dynamodb:GetItem dynamodb:PutItem", [table]],
  due,
  [
    "Floor: application-autoscaling:RegisterScalableTarget",
    [`arn:aws-cn:application-autoscaling:${account}:scalable-target/*`],
    "StringEquals application-autoscaling:service-namespace sagemaker",
    "StringEquals application-autoscaling:scalable-dimension sagemaker:variant:DesiredInstanceCount",
  ],
  ["ReadTarget: application-autoscaling:DescribeScalableTargets", ["*"]],
  ["ScaleEndpoint: sagemaker:DescribeEndpoint sagemaker:UpdateEndpointWeightsAndCapacities", [endpointArn]],
  ["EndpointConfigs: sagemaker:DescribeEndpointConfig", [`arn:aws-cn:sagemaker:${account}:endpoint-config/*`]],
  ["Backlog: cloudwatch:GetMetricStatistics", ["*"]],
];

const selected = "StringEqualsIfExists dynamodb:Select SPECIFIC_ATTRIBUTES";

describe("the functions of a service", () => {
  it("may do what their work takes, and nothing more", async () => {
    expect(await allowed({}, floorFunctionArn)).to.deep.equal({
      submit: [records, upload, ["ReadObjects: s3:GetObject", [...below("in"), ...outputs]], list, invoke, announce, callFloor],
      inbox: [records, upload, ["ReadObjects: s3:GetObject", below("inbox", "old-inbox")], list, invoke, announce, callFloor],
      batch: [records, ["ReadObjects: s3:GetObject", below("in")], list, invoke, announce, callFloor],
      sweep: [records, due, ["ReadObjects: s3:GetObject", [...below("in", "old-in"), ...outcomes]], list, invoke, announce],
      floor,
      result: [["Jobs: dynamodb:GetItem dynamodb:UpdateItem", [table]], ["ReadObjects: s3:GetObject", outcomes], list, invoke, announce],
      bus: [],
      tasks: [["ReadTokens: dynamodb:GetItem", [table], "ForAllValues:StringEquals dynamodb:Attributes jobId taskTokens", selected]],
      tracing: [],
    });
  });

  it("may read and look for inputs in the buckets that are allowed besides, if they are given inputs by their place", async () => {
    const { submit, batch, ...others } = await allowed({ inputBuckets: [pulumi.output("scans")] }, floorFunctionArn);
    const { submit: _, batch: __, ...usual } = await allowed({}, floorFunctionArn);
    const buckets: Line = ["ListBuckets: s3:ListBucket", [bucket, "arn:aws-cn:s3:::scans"]];

    expect(submit.slice(2, 4)).to.deep.equal([
      ["ReadObjects: s3:GetObject", [...below("in"), ...outputs, "arn:aws-cn:s3:::scans/*"]],
      buckets,
    ]);
    expect(batch.slice(1, 3)).to.deep.equal([["ReadObjects: s3:GetObject", [...below("in"), "arn:aws-cn:s3:::scans/*"]], buckets]);
    expect(others).to.deep.equal(usual);
  });

  it("may look for jobs that wait for their priority only where jobs can: the sweeper and who hears of ends admit them", async () => {
    const { sweep, result, ...others } = await allowed({ priorityEnabled: true }, floorFunctionArn);
    const { sweep: _, result: __, ...usual } = await allowed({}, floorFunctionArn);

    expect(sweep.slice(0, 3)).to.deep.equal([records, due, waiting]);
    expect(result.slice(1, 2)).to.deep.equal([waiting]);
    expect(others).to.deep.equal(usual);
  });

  it("may answer tasks of workflows only where there are some: submit and tasks end them, the sweeper keeps them alive", async () => {
    const { submit, sweep, tasks, ...others } = await allowed({ workflowsEnabled: true }, floorFunctionArn);
    const { submit: _, sweep: __, tasks: ___, ...usual } = await allowed({}, floorFunctionArn);
    const end: Line = ["Tasks: states:SendTaskSuccess states:SendTaskFailure", stateMachines];

    expect([submit.at(-1), tasks.at(-1)]).to.deep.equal([end, end]);
    expect(sweep.at(-1)).to.deep.equal(["Tasks: states:SendTaskHeartbeat", stateMachines]);
    expect(others).to.deep.equal(usual);
  });

  it("may put ends of jobs on the bus that is named, by its name or its ARN, and no other events", async () => {
    const source = "StringEquals events:source sagemaker-async-inference";
    const own = `arn:aws-cn:events:${account}:event-bus/orders`;
    const others = `arn:aws-cn:events:cn-north-1:210987654321:event-bus/all`;

    expect((await allowed({ eventBusName: "orders" })).bus).to.deep.equal([["PutEvents: events:PutEvents", [own], source]]);
    expect((await allowed({ eventBusName: pulumi.output(others) })).bus).to.deep.equal([["PutEvents: events:PutEvents", [others], source]]);
  });

  it("call no floor function where there is none, as where the floor's own statements are made", async () => {
    const { submit, inbox, batch } = await allowed({});

    for (const lines of [submit, inbox, batch]) expect(lines.at(-1)).to.deep.equal(["CallFloor: lambda:InvokeFunction", []]);
  });

  it("use today's key for what they write, and former and others' keys only where they read what those encrypt", () => {
    const use = { sid: "UseKey", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: ["today"] };
    const former = { sid: "ReadFormerKeys", actions: ["kms:Decrypt"], resources: ["former"] };
    const others = { sid: "ReadOthersKeys", actions: ["kms:Decrypt"], resources: ["others"] };

    expect(functionKeyStatements({ kmsKeyArn: "today", formerKmsKeyArns: ["former"], decryptKeyArns: ["others"] })).to.deep.equal({
      submit: [use, former],
      inbox: [use, former, others],
      batch: [use],
      sweep: [use, former],
      floor: [{ ...use, actions: ["kms:Decrypt"] }],
      result: [use, former],
      bus: [use],
      tasks: [use],
      tracing: [use],
    });
  });
});
