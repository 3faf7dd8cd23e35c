import { waitUntilFunctionActiveV2, waitUntilFunctionUpdatedV2, type CreateFunctionCommandInput } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import {
  camel,
  differs,
  onceAssumable,
  pascal,
  retag,
  tagList,
  tagMap,
  tagRecord,
  tagsOf,
  text,
  textOrNone,
  waits,
  type Properties,
  type ProviderTypes,
  type Services,
} from "./resource";

/** Roles, functions, their logs and what calls them. */
export function computeTypes({ iam, lambda, logs, events }: Services): ProviderTypes {
  const updated = (FunctionName: string) => waitUntilFunctionUpdatedV2({ client: lambda, ...waits }, { FunctionName });
  const retagged = (now: Properties, before: Properties) => {
    const Resource = String(before["arn"]);
    return retag(
      now,
      before,
      (Tags) => lambda.tagResource({ Resource, Tags: { ...Tags } }),
      (TagKeys) => lambda.untagResource({ Resource, TagKeys }),
    );
  };
  const logTags = async (arn: string) => tagRecord((await logs.listTagsForResource({ resourceArn: arn })).tags);
  return {
    "aws:iam/role:Role": {
      replacedBy: ["name"],
      create: async (RoleName, inputs) => {
        const created = await iam.createRole({
          RoleName,
          AssumeRolePolicyDocument: text(inputs["assumeRolePolicy"]),
          Tags: tagList(inputs),
        });
        return { id: RoleName, outputs: { name: RoleName, arn: created.Role?.Arn } };
      },
      read: async (RoleName) => {
        const { Role } = await iam.getRole({ RoleName });
        return { assumeRolePolicy: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""), arn: Role?.Arn, tags: tagMap(Role?.Tags) };
      },
      update: async (RoleName, now, before) => {
        if (differs(now, before, "assumeRolePolicy")) {
          await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: text(now["assumeRolePolicy"]) });
        }
        await retag(
          now,
          before,
          (tags) => iam.tagRole({ RoleName, Tags: tagList({ tags }) }),
          (TagKeys) => iam.untagRole({ RoleName, TagKeys }),
        );
      },
      delete: async (RoleName) => {
        await iam.listInstanceProfilesForRole({ RoleName });
        await iam.listAttachedRolePolicies({ RoleName });
        await iam.listRolePolicies({ RoleName });
        await iam.deleteRole({ RoleName });
      },
    },

    "aws:iam/rolePolicy:RolePolicy": {
      replacedBy: ["role", "name"],
      create: async (PolicyName, { role, policy }) => {
        await iam.putRolePolicy({ RoleName: String(role), PolicyName, PolicyDocument: text(policy) });
        return { id: `${String(role)}:${PolicyName}`, outputs: { name: PolicyName } };
      },
      read: async (id) => {
        const { PolicyDocument = "" } = await iam.getRolePolicy(rolePolicy(id));
        return { policy: decodeURIComponent(PolicyDocument) };
      },
      update: async (id, { policy }) => void (await iam.putRolePolicy({ ...rolePolicy(id), PolicyDocument: text(policy) })),
      delete: (id) => iam.deleteRolePolicy(rolePolicy(id)),
    },

    "aws:lambda/function:Function": {
      replacedBy: ["name", "architectures"],
      create: async (FunctionName, inputs) => {
        const created = await onceAssumable(() =>
          lambda.createFunction({
            ...configuration(inputs),
            FunctionName,
            Code: { ZipFile: zipOf(inputs["code"]) },
            PackageType: "Zip",
            Publish: false,
            Tags: { ...tagsOf(inputs) },
          }),
        );
        await waitUntilFunctionActiveV2({ client: lambda, ...waits }, { FunctionName });
        return { id: FunctionName, outputs: { name: FunctionName, arn: created.FunctionArn, sourceCodeHash: created.CodeSha256 } };
      },
      read: async (FunctionName) => {
        const { Configuration = {}, Tags } = await lambda.getFunction({ FunctionName });
        const { Environment, VpcConfig, KMSKeyArn, CodeSha256, FunctionArn, ...rest } = Configuration;
        return {
          ...camel(rest),
          arn: FunctionArn,
          environment: Environment && { variables: Environment.Variables },
          kmsKeyArn: KMSKeyArn,
          sourceCodeHash: CodeSha256,
          tags: tagRecord(Tags),
          vpcConfig: (VpcConfig?.SubnetIds?.length ?? 0) > 0 ? camel(VpcConfig) : undefined,
        };
      },
      update: async (FunctionName, now, before) => {
        await retagged(now, before);
        if (differs(now, before, ...configured)) {
          const none = { Environment: { Variables: {} }, VpcConfig: { SubnetIds: [], SecurityGroupIds: [] }, KMSKeyArn: "" };
          await onceAssumable(() => lambda.updateFunctionConfiguration({ FunctionName, ...none, ...configuration(now) }));
          await updated(FunctionName);
        }
        if (!differs(hashOf(now), hashOf(before), "hash")) return undefined;
        const { CodeSha256 } = await lambda.updateFunctionCode({ FunctionName, ZipFile: zipOf(now["code"]) });
        await updated(FunctionName);
        return { sourceCodeHash: CodeSha256 };
      },
      delete: (FunctionName) => lambda.deleteFunction({ FunctionName }),
    },

    "aws:lambda/permission:Permission": {
      replacedBy: ["function", "principal", "sourceArn", "sourceAccount", "action"],
      create: async (StatementId, { function: name, action, principal, sourceArn, sourceAccount }) => {
        const statement = pascal<{ Action: string; Principal: string }>({ action, principal, sourceArn, sourceAccount });
        await lambda.addPermission({ FunctionName: String(name), StatementId, ...statement });
        return { id: StatementId, outputs: { statementId: StatementId } };
      },
      read: async (id, state) => {
        const { Policy = "{}" } = await lambda.getPolicy({ FunctionName: String(state["function"]) });
        const { Statement = [] } = JSON.parse(Policy) as { Statement?: { Sid: string; Action: string; Principal: { Service?: string } }[] };
        const found = Statement.find(({ Sid }) => Sid === id);
        return found && { action: found.Action, principal: found.Principal.Service };
      },
      delete: (StatementId, state) => lambda.removePermission({ FunctionName: String(state["function"]), StatementId }),
    },

    "aws:lambda/eventSourceMapping:EventSourceMapping": {
      replacedBy: ["eventSourceArn"],
      create: async (_name, { tags, ...inputs }) => {
        const given = pascal<{ FunctionName: string }>(inputs);
        const { UUID = "", EventSourceMappingArn } = await lambda.createEventSourceMapping({ ...given, Tags: { ...tagsOf({ tags }) } });
        return { id: UUID, outputs: { uuid: UUID, arn: EventSourceMappingArn } };
      },
      read: async (UUID) => {
        const { EventSourceMappingArn: Resource, FunctionArn, ...found } = await lambda.getEventSourceMapping({ UUID });
        const { Tags } = await lambda.listTags({ Resource });
        return { ...camel(found), functionName: FunctionArn?.split(":").at(-1), tags: tagRecord(Tags) };
      },
      update: async (UUID, now, before) => {
        await lambda.updateEventSourceMapping({ ...pascal<object>(only(now, ...eventSource)), UUID });
        await retagged(now, before);
      },
      delete: (UUID) => lambda.deleteEventSourceMapping({ UUID }),
    },

    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
      replacedBy: ["functionName"],
      create: async (_name, inputs) => {
        await lambda.putFunctionEventInvokeConfig(pascal(inputs));
        return { id: String(inputs["functionName"]) };
      },
      read: async (FunctionName) => camel(await lambda.getFunctionEventInvokeConfig({ FunctionName })),
      update: async (_id, now) => void (await lambda.putFunctionEventInvokeConfig(pascal(only(now, ...eventInvoke)))),
      delete: (FunctionName) => lambda.deleteFunctionEventInvokeConfig({ FunctionName }),
    },

    "aws:cloudwatch/logGroup:LogGroup": {
      replacedBy: ["name"],
      create: async (logGroupName, inputs) => {
        const { retentionInDays, kmsKeyId } = inputs as { retentionInDays?: number; kmsKeyId?: string };
        await logs.createLogGroup({ logGroupName, kmsKeyId, tags: { ...tagsOf(inputs) } });
        if (retentionInDays) await logs.putRetentionPolicy({ logGroupName, retentionInDays });
        const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: logGroupName });
        const arn = logGroups.find((group) => group.logGroupName === logGroupName)?.arn?.replace(/:\*$/, "");
        return { id: logGroupName, outputs: { name: logGroupName, arn } };
      },
      read: async (logGroupName, { arn }) => {
        const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: logGroupName });
        const found = logGroups.find((group) => group.logGroupName === logGroupName);
        return found && { retentionInDays: found.retentionInDays, kmsKeyId: found.kmsKeyId, tags: await logTags(String(arn)) };
      },
      update: async (logGroupName, now, before) => {
        const { retentionInDays, kmsKeyId } = now as { retentionInDays?: number; kmsKeyId?: string };
        if (differs(now, before, "retentionInDays")) {
          if (retentionInDays) await logs.putRetentionPolicy({ logGroupName, retentionInDays });
          else await logs.deleteRetentionPolicy({ logGroupName });
        }
        if (differs(now, before, "kmsKeyId")) {
          if (kmsKeyId === undefined) await logs.disassociateKmsKey({ logGroupName });
          else await logs.associateKmsKey({ logGroupName, kmsKeyId });
        }
        const resourceArn = String(before["arn"]);
        await retag(
          now,
          before,
          (tags) => logs.tagResource({ resourceArn, tags: { ...tags } }),
          (tagKeys) => logs.untagResource({ resourceArn, tagKeys }),
        );
      },
      delete: (logGroupName) => logs.deleteLogGroup({ logGroupName }),
    },

    "aws:cloudwatch/eventRule:EventRule": {
      replacedBy: ["name"],
      create: async (Name, inputs) => {
        const { RuleArn } = await events.putRule({ Name, ...rule(inputs), Tags: tagList(inputs) });
        return { id: Name, outputs: { name: Name, arn: RuleArn } };
      },
      read: async (Name) => {
        const { Arn, ...found } = await events.describeRule({ Name });
        return { ...camel(found), arn: Arn, tags: tagMap((await events.listTagsForResource({ ResourceARN: Arn })).Tags) };
      },
      update: async (Name, now, before) => {
        await events.putRule({ Name, ...rule(now) });
        const ResourceARN = String(before["arn"]);
        await retag(
          now,
          before,
          (tags) => events.tagResource({ ResourceARN, Tags: tagList({ tags }) }),
          (TagKeys) => events.untagResource({ ResourceARN, TagKeys }),
        );
      },
      delete: (Name) => events.deleteRule({ Name }),
    },

    "aws:cloudwatch/eventTarget:EventTarget": {
      replacedBy: ["rule", "targetId", "eventBusName"],
      create: async (Id, { rule: Rule, arn: Arn, input: Input }) => {
        await events.putTargets({ Rule: String(Rule), Targets: [{ Id, Arn: String(Arn), Input: textOrNone(Input) }] });
        return { id: `${String(Rule)}-${Id}`, outputs: { targetId: Id } };
      },
      read: async (_id, { rule: Rule, targetId }) => {
        const { Targets = [] } = await events.listTargetsByRule({ Rule: String(Rule) });
        const found = Targets.find(({ Id }) => Id === targetId);
        return found && { arn: found.Arn, input: found.Input };
      },
      update: async (_id, { arn: Arn, input: Input }, { rule: Rule, targetId: Id }) => {
        await events.putTargets({ Rule: String(Rule), Targets: [{ Id: String(Id), Arn: String(Arn), Input: textOrNone(Input) }] });
      },
      delete: (_id, { rule: Rule, targetId: Id }) => events.removeTargets({ Rule: String(Rule), Ids: [String(Id)] }),
    },
  };
}

function rolePolicy(id: string): { RoleName: string; PolicyName: string } {
  const [RoleName = "", PolicyName = ""] = id.split(":");
  return { RoleName, PolicyName };
}

const eventSource = ["functionName", "batchSize", "functionResponseTypes", "scalingConfig"];
const eventInvoke = ["functionName", "maximumRetryAttempts", "maximumEventAgeInSeconds", "destinationConfig"];

function only(properties: Properties, ...names: string[]): Properties {
  return Object.fromEntries(names.flatMap((name) => (name in properties ? [[name, properties[name]]] : [])));
}

function rule({ scheduleExpression, description, eventPattern, state = "ENABLED" }: Properties) {
  return pascal<{ ScheduleExpression?: string }>({ scheduleExpression, description, eventPattern: textOrNone(eventPattern), state });
}

/** What makes up a function's configuration: a change of it is a call of its own. */
const configured = [
  "role",
  "handler",
  "runtime",
  "timeout",
  "memorySize",
  "description",
  "environment",
  "loggingConfig",
  "vpcConfig",
  "kmsKeyArn",
];

function configuration(inputs: Properties): Pick<CreateFunctionCommandInput, "Role"> {
  const { environment, kmsKeyArn, vpcConfig, architectures, ...rest } = only(inputs, ...configured, "architectures");
  const { variables } = (environment ?? {}) as { variables?: Record<string, string> };
  return {
    ...pascal<CreateFunctionCommandInput>({ ...rest, vpcConfig, architectures }),
    ...(variables && { Environment: { Variables: variables } }),
    ...(typeof kmsKeyArn === "string" && { KMSKeyArn: kmsKeyArn }),
  };
}

/** The engine hashes what an archive holds. */
function hashOf({ code }: Properties): Properties {
  return { hash: (code as { hash?: string } | undefined)?.hash };
}

/** Packs an archive of texts, as those of the functions are. The same texts make the same zip. */
function zipOf(code: unknown): Uint8Array {
  const { assets = {} } = code as { assets?: Record<string, { text?: string }> };
  const files = Object.entries(assets).map(([name, asset]) => {
    if (asset.text === undefined) throw new Error(`code: ${name} is not a text`);
    return [name, Buffer.from(asset.text)] as const;
  });
  return zipSync(Object.fromEntries(files), { mtime: "1980-01-01" });
}
