import type * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "../core/partition";
import { pulumiRuntime } from "./pulumi";

/** Where the resources of a test are. */
export interface TestPlace {
  region: string;
  accountId: string;
}

/** Where they are unless a test says otherwise. */
export const region = "eu-west-1";
export const accountId = "123456789012";

type Fields = Record<string, unknown>;

/** Outputs of other stacks, by the name under which a StackReference asks for them. */
export const stacks = new Map<string, Fields>();

/** What AWS would make of a resource: id, name, ARN and what else others read, in AWS's shapes. */
export function awsState(
  type: string,
  name: string,
  inputs: Fields,
  place: TestPlace = { region, accountId },
): { id: string; state: Fields } {
  const partition = partitionOf(place.region);
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${place.region}:${place.accountId}:${resource}`;
  // Autonaming, with a suffix that tests can write down.
  const named = { ...inputs, name: typeof inputs["name"] === "string" ? inputs["name"] : `${name}-0a1b2c3` };
  switch (type) {
    case "aws:s3/bucket:Bucket":
      return { id: named.name, state: { ...inputs, bucket: named.name, arn: `arn:${partition}:s3:::${named.name}` } };
    case "aws:sns/topic:Topic": {
      const topicArn = arn("sns", named.name);
      return { id: topicArn, state: { ...named, arn: topicArn } };
    }
    case "aws:iam/role:Role":
      return { id: named.name, state: { ...named, arn: `arn:${partition}:iam::${place.accountId}:role/${named.name}` } };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { id: named.name, state: { ...named, arn: arn("logs", `log-group:${named.name}`) } };
    case "aws:lambda/function:Function":
      return { id: named.name, state: { ...named, arn: arn("lambda", `function:${named.name}`) } };
    case "aws:cloudwatch/metricAlarm:MetricAlarm":
      return { id: named.name, state: { ...named, arn: arn("cloudwatch", `alarm:${named.name}`) } };
    case "aws:cloudwatch/eventRule:EventRule":
      return { id: named.name, state: { ...named, arn: arn("events", `rule/${named.name}`) } };
    case "aws:dynamodb/table:Table":
      return { id: named.name, state: { ...named, arn: arn("dynamodb", `table/${named.name}`) } };
    case "aws:sqs/queue:Queue": {
      const url = `https://sqs.${place.region}.${dnsSuffixOf(place.region)}/${place.accountId}/${named.name}`;
      return { id: url, state: { ...named, arn: arn("sqs", named.name), url } };
    }
    case "aws:ssm/parameter:Parameter":
      return { id: named.name, state: { ...named, arn: arn("ssm", `parameter/${named.name}`) } };
    case "aws:sagemaker/model:Model":
    case "aws:sagemaker/endpoint:Endpoint":
    case "aws:sagemaker/endpointConfiguration:EndpointConfiguration":
      return { id: named.name, state: named };
    case "aws:appautoscaling/target:Target":
      return { id: String(inputs["resourceId"]), state: inputs };
    case "aws:appautoscaling/policy:Policy":
      return { id: named.name, state: { ...named, arn: arn("autoscaling", `scalingPolicy:0a1b2c3d:policyName/${named.name}`) } };
    case "pulumi:pulumi:StackReference":
      return { id: name, state: stackState(name, stacks.get(name) ?? {}) };
    default:
      return { id: `${name}-id`, state: inputs };
  }
}

/** The engine says which outputs are secret beside marking them. */
function stackState(name: string, outputs: Fields): Fields {
  const { isRpcSecret } = pulumiRuntime();
  const secretOutputNames = Object.keys(outputs).filter((output) => isRpcSecret(outputs[output]));
  return { name, outputs, secretOutputNames };
}

function dnsSuffixOf(region: string): string {
  return partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

/** Answers of the data sources. */
export function answerOf(token: string, inputs: Fields, place: TestPlace = { region, accountId }): Fields {
  switch (token) {
    case "aws:index/getPartition:getPartition":
      return { partition: partitionOf(place.region), dnsSuffix: dnsSuffixOf(place.region) };
    case "aws:index/getRegion:getRegion":
      return { region: place.region };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: place.accountId };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return { json: JSON.stringify(policyDocument(inputs["statements"] as PlainStatement[])) };
    default:
      throw unanswered(`There is no answer for the data source ${token}: give one in the option call of mocks().`);
  }
}

/** Pulumi reports what is under `details`, as errors of its engine have it. */
function unanswered(message: string): Error {
  return Object.assign(new Error(message), { details: message });
}

type PlainStatement = pulumi.Unwrap<{
  sid?: string;
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
}>;

/** The policy that the provider writes for statements: single values as strings, lists sorted backwards. */
function policyDocument(statements: PlainStatement[]): Fields {
  const oneOrMore = (values: string[]) => (values.length === 1 ? values[0] : values);
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ sid, effect = "Allow", actions, resources, principals, conditions }) => ({
      ...(sid ? { Sid: sid } : {}),
      Effect: effect,
      ...(principals ? { Principal: principalOf(principals) } : {}),
      ...(actions ? { Action: oneOrMore(actions) } : {}),
      ...(resources ? { Resource: oneOrMore(resources) } : {}),
      ...(conditions
        ? {
            Condition: Object.fromEntries(
              conditions.map(({ test }) => [
                test,
                Object.fromEntries(conditions.flatMap((other) => (other.test === test ? [[other.variable, oneOrMore(other.values)]] : []))),
              ]),
            ),
          }
        : {}),
    })),
  };
}

function principalOf(principals: { type: string; identifiers: string[] }[]): unknown {
  const [first] = principals;
  if (first?.type === "*") return "*";
  return Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers.length === 1 ? identifiers[0] : identifiers]));
}
