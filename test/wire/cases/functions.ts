import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  ListTagsForResourceCommand as ListTagsOfRuleCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand as TagRuleCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand as ListTagsOfLogGroupCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand as TagLogGroupCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetEventSourceMappingCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../support/service";
import { account, region, type Clients, type WireCase } from "../cloud";
import { queueArn } from "./messaging";
import { roleArn } from "./iam";

const FunctionName = "wire-function";
export const functionArn = `arn:aws:lambda:${region}:${account}:function:${FunctionName}`;
const logGroupName = "/wire/function";
const logGroupArn = `arn:aws:logs:${region}:${account}:log-group:${logGroupName}`;
const tags = { team: "ocr" };

const logGroup: WireCase = {
  type: "aws:cloudwatch/logGroup:LogGroup",
  inputs: { name: logGroupName, retentionInDays: 30, tags },
  create: async ({ logs }) => {
    await logs.send(new CreateLogGroupCommand({ logGroupName, logGroupClass: "STANDARD", tags }));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 30 }));
  },
  read: async ({ logs }) => {
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    const described = logGroups.map(({ creationTime, ...group }) => ({ ...group, isDated: creationTime !== undefined }));
    if (described.length === 0) return described;
    return { described, tags: (await logs.send(new ListTagsOfLogGroupCommand({ resourceArn: logGroupArn }))).tags };
  },
  change: {
    inputs: { name: logGroupName, retentionInDays: 60, tags: { ...tags, stage: "dev" } },
    call: async ({ logs }) => {
      await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 60 }));
      await logs.send(new TagLogGroupCommand({ resourceArn: logGroupArn, tags: { stage: "dev" } }));
    },
  },
  delete: ({ logs }) => logs.send(new DeleteLogGroupCommand({ logGroupName })),
  gone: [],
};

/** A zip as a file, which a program names, and its bytes, which the provider sends. */
function archive(name: string, answer: string) {
  const source = `exports.handler = async () => ${JSON.stringify(answer)};\n`;
  // The same bytes whenever they are made: a zip holds times.
  const ZipFile = zipSync({ "index.js": Buffer.from(source) }, { mtime: new Date(2026, 0, 1) });
  const folder = path.join(root, "build/test/wire");
  const file = path.join(folder, `${name}.zip`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, ZipFile);
  return {
    ZipFile,
    code: { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", path: file },
  };
}
const [first, second] = [archive("first", "one"), archive("second", "two")];

const functionInputs = {
  name: FunctionName,
  description: "reads pages",
  code: first.code,
  handler: "index.handler",
  runtime: "nodejs22.x",
  role: roleArn,
  timeout: 10,
  memorySize: 256,
  environment: { variables: { PAGES: "1" } },
  loggingConfig: { logFormat: "Text", logGroup: logGroupName },
  tags,
};
const lambdaFunction: WireCase = {
  type: "aws:lambda/function:Function",
  inputs: functionInputs,
  create: ({ lambda }) =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Description: "reads pages",
        Code: { ZipFile: first.ZipFile },
        Handler: "index.handler",
        Runtime: "nodejs22.x",
        Role: roleArn,
        Timeout: 10,
        MemorySize: 256,
        Architectures: ["x86_64"],
        PackageType: "Zip",
        Environment: { Variables: { PAGES: "1" } },
        LoggingConfig: { LogFormat: "Text", LogGroup: logGroupName },
        Tags: tags,
      }),
    ),
  read: async ({ lambda }) => {
    // The SDK's waiter would wait for one that is gone to come back.
    await lambda.send(new GetFunctionCommand({ FunctionName }));
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName });
    const { Configuration, Code, Tags } = await lambda.send(new GetFunctionCommand({ FunctionName }));
    return {
      Configuration,
      Tags,
      repository: Code?.RepositoryType,
      versions: (await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }))).Versions,
      signing: (await lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }))).CodeSigningConfigArn,
    };
  },
  change: {
    inputs: { ...functionInputs, code: second.code, timeout: 20, tags: { ...tags, stage: "dev" } },
    call: async ({ lambda }) => {
      await lambda.send(new TagResourceCommand({ Resource: functionArn, Tags: { stage: "dev" } }));
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 20 }));
      await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { FunctionName });
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: second.ZipFile }));
    },
  },
  delete: ({ lambda }) => lambda.send(new DeleteFunctionCommand({ FunctionName })),
  gone: "404 ResourceNotFoundException",
};

const StatementId = "rule";
const permission: WireCase = {
  type: "aws:lambda/permission:Permission",
  inputs: {
    function: FunctionName,
    statementId: StatementId,
    action: "lambda:InvokeFunction",
    principal: "events.amazonaws.com",
    sourceArn: `arn:aws:events:${region}:${account}:rule/wire-rule`,
  },
  create: ({ lambda }) =>
    lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId,
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        SourceArn: `arn:aws:events:${region}:${account}:rule/wire-rule`,
      }),
    ),
  read: async ({ lambda }) => (await lambda.send(new GetPolicyCommand({ FunctionName }))).Policy,
  delete: ({ lambda }) => lambda.send(new RemovePermissionCommand({ FunctionName, StatementId })),
  gone: "404 ResourceNotFoundException",
};

const onFailure = { destination: queueArn };
const putEvents =
  (MaximumRetryAttempts: number) =>
  ({ lambda }: Clients) =>
    lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName,
        MaximumRetryAttempts,
        MaximumEventAgeInSeconds: 600,
        DestinationConfig: { OnFailure: { Destination: queueArn } },
      }),
    );
const eventInputs = (maximumRetryAttempts: number) => ({
  functionName: FunctionName,
  maximumRetryAttempts,
  maximumEventAgeInSeconds: 600,
  destinationConfig: { onFailure },
});
const eventInvokeConfig: WireCase = {
  type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  inputs: eventInputs(1),
  create: putEvents(1),
  read: ({ lambda }) => lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })),
  change: { inputs: eventInputs(2), call: putEvents(2) },
  delete: ({ lambda }) => lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName })),
  gone: "404 ResourceNotFoundException",
};

const mappingOf = async ({ lambda }: Clients) => {
  const { EventSourceMappings: [mapping] = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
  return mapping?.UUID ?? "00000000-0000-0000-0000-000000000000";
};
const mappingInputs = {
  functionName: FunctionName,
  eventSourceArn: queueArn,
  functionResponseTypes: ["ReportBatchItemFailures"],
  tags,
};
const eventSourceMapping: WireCase = {
  type: "aws:lambda/eventSourceMapping:EventSourceMapping",
  inputs: mappingInputs,
  create: ({ lambda }) =>
    lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn: queueArn,
        Enabled: true,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        Tags: tags,
      }),
    ),
  read: async (clients) => {
    const mapping = await clients.lambda.send(new GetEventSourceMappingCommand({ UUID: await mappingOf(clients) }));
    return { mapping, tags: (await clients.lambda.send(new ListTagsCommand({ Resource: mapping.EventSourceMappingArn }))).Tags };
  },
  // It is switched off, since a bucket of a later case sends its queue a message: what a poller writes is no call's write.
  change: {
    inputs: {
      ...mappingInputs,
      enabled: false,
      batchSize: 5,
      functionResponseTypes: [],
      scalingConfig: { maximumConcurrency: 2 },
      tags: { ...tags, stage: "dev" },
    },
    call: async (clients) => {
      const UUID = await mappingOf(clients);
      const changed = await clients.lambda.send(
        new UpdateEventSourceMappingCommand({
          UUID,
          FunctionName,
          Enabled: false,
          BatchSize: 5,
          FunctionResponseTypes: [],
          ScalingConfig: { MaximumConcurrency: 2 },
        }),
      );
      await clients.lambda.send(new TagResourceCommand({ Resource: changed.EventSourceMappingArn, Tags: { stage: "dev" } }));
    },
  },
  delete: async (clients) => clients.lambda.send(new DeleteEventSourceMappingCommand({ UUID: await mappingOf(clients) })),
  gone: "404 ResourceNotFoundException",
};

const busName = "wire-bus";
const busArn = `arn:aws:events:${region}:${account}:event-bus/${busName}`;
const bus: WireCase = {
  type: "aws:cloudwatch/eventBus:EventBus",
  inputs: { name: busName, tags },
  create: ({ events }) => events.send(new CreateEventBusCommand({ Name: busName, Tags: [{ Key: "team", Value: "ocr" }] })),
  read: async ({ events }) => ({
    bus: await events.send(new DescribeEventBusCommand({ Name: busName })),
    tags: (await events.send(new ListTagsOfRuleCommand({ ResourceARN: busArn }))).Tags,
  }),
  change: {
    inputs: { name: busName, tags: { ...tags, stage: "dev" } },
    call: ({ events }) => events.send(new TagRuleCommand({ ResourceARN: busArn, Tags: [{ Key: "stage", Value: "dev" }] })),
  },
  delete: ({ events }) => events.send(new DeleteEventBusCommand({ Name: busName })),
  gone: "400 ResourceNotFoundException",
};

const Name = "wire-rule";
const ruleArn = `arn:aws:events:${region}:${account}:rule/${Name}`;
const ruleInputs = { name: Name, description: "sweeps", scheduleExpression: "rate(1 day)", tags };
const rule: WireCase = {
  type: "aws:cloudwatch/eventRule:EventRule",
  inputs: ruleInputs,
  create: ({ events }) =>
    events.send(
      new PutRuleCommand({
        Name,
        Description: "sweeps",
        EventBusName: "default",
        ScheduleExpression: "rate(1 day)",
        State: "ENABLED",
        Tags: [{ Key: "team", Value: "ocr" }],
      }),
    ),
  read: async ({ events }) => ({
    rule: await events.send(new DescribeRuleCommand({ Name, EventBusName: "default" })),
    tags: (await events.send(new ListTagsOfRuleCommand({ ResourceARN: ruleArn }))).Tags,
  }),
  change: {
    inputs: { ...ruleInputs, scheduleExpression: "cron(0 8 * * ? *)", state: "DISABLED", tags: { ...tags, stage: "dev" } },
    call: async ({ events }) => {
      await events.send(
        new PutRuleCommand({
          Name,
          Description: "sweeps",
          EventBusName: "default",
          ScheduleExpression: "cron(0 8 * * ? *)",
          State: "DISABLED",
        }),
      );
      await events.send(new TagRuleCommand({ ResourceARN: ruleArn, Tags: [{ Key: "stage", Value: "dev" }] }));
    },
  },
  delete: ({ events }) => events.send(new DeleteRuleCommand({ Name, EventBusName: "default" })),
  gone: "400 ResourceNotFoundException",
};

const putTarget =
  (Input: string) =>
  ({ events }: Clients) =>
    events.send(new PutTargetsCommand({ Rule: Name, EventBusName: "default", Targets: [{ Id: "sweep", Arn: functionArn, Input }] }));
const targetInputs = (input: string) => ({ rule: Name, arn: functionArn, targetId: "sweep", input });
const target: WireCase = {
  type: "aws:cloudwatch/eventTarget:EventTarget",
  inputs: targetInputs('{"by":"rule"}'),
  create: putTarget('{"by":"rule"}'),
  read: async ({ events }) => (await events.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName: "default" }))).Targets,
  change: { inputs: targetInputs('{"by":"clock"}'), call: putTarget('{"by":"clock"}') },
  delete: ({ events }) => events.send(new RemoveTargetsCommand({ Rule: Name, EventBusName: "default", Ids: ["sweep"] })),
  gone: [],
};

export const functionCases = [logGroup, lambdaFunction, permission, eventInvokeConfig, eventSourceMapping, bus, rule, target];
