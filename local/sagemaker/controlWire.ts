import type * as z from "zod";
import { pageOf } from "../pages";
import { notSupported, ServiceError, type WireRequest, type WireResponse } from "../wire";
import type { ControlPlane } from "./controlPlane";
import type { Endpoint } from "./endpoint";
import * as shapes from "./shapes";

/** What an operation answers; undefined for an empty body. */
type Answer = object | undefined;

/** Carries out one operation. */
type Operation = (input: unknown, plane: ControlPlane) => Answer;

const operations: Record<string, Operation> = {
  CreateModel: (input, plane) => ({ ModelArn: plane.createModel(parse("CreateModel", shapes.createModelInput, input)).arn }),
  DescribeModel: (input, plane) => describeModel(plane, nameOf(input, "ModelName")),
  DeleteModel: (input, plane) => void plane.deleteModel(nameOf(input, "ModelName")),
  CreateEndpointConfig: (input, plane) => ({
    EndpointConfigArn: plane.createEndpointConfig(parse("CreateEndpointConfig", shapes.createEndpointConfigInput, input)).arn,
  }),
  DescribeEndpointConfig: (input, plane) => describeEndpointConfig(plane, nameOf(input, "EndpointConfigName")),
  DeleteEndpointConfig: (input, plane) => void plane.deleteEndpointConfig(nameOf(input, "EndpointConfigName")),
  CreateEndpoint: (input, plane) => {
    const { endpoint, started } = plane.createEndpoint(parse("CreateEndpoint", shapes.createEndpointInput, input));
    started.catch(toldByStatus);
    return { EndpointArn: plane.arn("endpoint", endpoint.name) };
  },
  UpdateEndpoint: (input, plane) => {
    const { endpoint, updated } = plane.updateEndpoint(parse("UpdateEndpoint", shapes.updateEndpointInput, input));
    updated.catch(toldByStatus);
    return { EndpointArn: plane.arn("endpoint", endpoint.name) };
  },
  UpdateEndpointWeightsAndCapacities: (input, plane) => {
    const { EndpointName, DesiredWeightsAndCapacities } = parse("UpdateEndpointWeightsAndCapacities", shapes.updateCapacitiesInput, input);
    const endpoint = plane.endpoint(EndpointName);
    for (const { VariantName, DesiredInstanceCount } of DesiredWeightsAndCapacities) {
      if (VariantName !== endpoint.deployment.variant.VariantName) {
        throw new ServiceError(
          "ValidationException",
          `The variant name(s) "${VariantName}" is/are not present within endpoint "${EndpointName}".`,
        );
      }
      endpoint.scale(DesiredInstanceCount, "UpdateEndpointWeightsAndCapacities");
    }
    return { EndpointArn: plane.arn("endpoint", EndpointName) };
  },
  DescribeEndpoint: (input, plane) => describeEndpoint(plane, plane.endpoint(nameOf(input, "EndpointName"))),
  ListEndpoints: (input, plane) => listEndpoints(plane, parse("ListEndpoints", shapes.listEndpointsInput, input)),
  ListModels: (input, plane) => {
    const { page, ...next } = listed("ListModels", [...plane.models.entries()], parse("ListModels", shapes.listNamedInput, input));
    const summaries = page.map(([ModelName, { arn, createdAt }]) => ({ ModelName, ModelArn: arn, CreationTime: createdAt / 1000 }));
    return { Models: summaries, ...next };
  },
  ListEndpointConfigs: (input, plane) => {
    const { page, ...next } = listed(
      "ListEndpointConfigs",
      [...plane.configs.entries()],
      parse("ListEndpointConfigs", shapes.listNamedInput, input),
    );
    const summaries = page.map(([EndpointConfigName, { arn, createdAt }]) => ({
      EndpointConfigName,
      EndpointConfigArn: arn,
      CreationTime: createdAt / 1000,
    }));
    return { EndpointConfigs: summaries, ...next };
  },
  DeleteEndpoint: (input, plane) => void plane.deleteEndpoint(nameOf(input, "EndpointName")).deleted,
  AddTags: (input, plane) => {
    const { ResourceArn, Tags } = parse("AddTags", shapes.addTagsInput, input);
    plane.changeTags(ResourceArn, { put: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) });
    return { Tags: tagList(plane.tags(ResourceArn)) };
  },
  DeleteTags: (input, plane) => {
    const { ResourceArn, TagKeys } = parse("DeleteTags", shapes.deleteTagsInput, input);
    plane.changeTags(ResourceArn, { remove: TagKeys });
    return {};
  },
  ListTags: (input, plane) => listTags(plane, parse("ListTags", shapes.listTagsInput, input)),
};

/** Names of the operations that are answered. */
export const operationNames = Object.keys(operations);

/** SageMaker's control plane: AWS JSON 1.1, the operation in `X-Amz-Target: SageMaker.<operation>`. */
export function controlWire(plane: ControlPlane): (request: WireRequest) => WireResponse {
  return (request) => {
    const target = String(request.headers["x-amz-target"] ?? "");
    const name = target.replace(/^SageMaker\./, "");
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw notSupported(target || `${request.method} ${request.path} of SageMaker`);
    const answer = operation(readJson(request.body), plane);
    return {
      status: 200,
      headers: { "content-type": "application/x-amz-json-1.1" },
      body: answer === undefined ? "" : JSON.stringify(answer),
    };
  };
}

/** A caller that creates or updates over the wire follows the endpoint's status, which has the reason. */
function toldByStatus(): void {}

function describeModel(plane: ControlPlane, name: string): Answer {
  const { arn, createdAt, input } = plane.model(name);
  const { Tags: _, PrimaryContainer: container, ...described } = input;
  return {
    ...described,
    ...(container && { PrimaryContainer: { Mode: "SingleModel", ...container } }),
    ModelArn: arn,
    CreationTime: createdAt / 1000,
    EnableNetworkIsolation: input.EnableNetworkIsolation ?? false,
  };
}

function describeEndpointConfig(plane: ControlPlane, name: string): Answer {
  const { arn, createdAt, input } = plane.config(name);
  const { Tags: _, ...described } = input;
  return { ...described, EndpointConfigArn: arn, CreationTime: createdAt / 1000 };
}

function describeEndpoint(plane: ControlPlane, endpoint: Endpoint): Answer {
  const { pending } = endpoint;
  const { variant, config, configName, policy } = endpoint.deployment;
  return {
    ...summary(plane, endpoint),
    EndpointConfigName: configName,
    ...(endpoint.failureReason !== undefined && { FailureReason: endpoint.failureReason }),
    ...(config && { AsyncInferenceConfig: config }),
    ...(policy && { LastDeploymentConfig: policy }),
    ...(pending && {
      PendingDeploymentSummary: { EndpointConfigName: pending.deployment.configName, StartTime: pending.startedAt / 1000 },
    }),
    ProductionVariants: [
      {
        VariantName: variant.VariantName,
        CurrentWeight: variant.InitialVariantWeight ?? 1,
        DesiredWeight: variant.InitialVariantWeight ?? 1,
        CurrentInstanceCount: endpoint.currentInstanceCount,
        DesiredInstanceCount: endpoint.desiredInstanceCount,
      },
    ],
  };
}

function summary(plane: ControlPlane, { name, status, createdAt, lastModifiedAt }: Endpoint): object {
  return {
    EndpointName: name,
    EndpointArn: plane.arn("endpoint", name),
    EndpointStatus: status,
    CreationTime: createdAt / 1000,
    LastModifiedTime: lastModifiedAt / 1000,
  };
}

function listEndpoints(plane: ControlPlane, input: z.infer<typeof shapes.listEndpointsInput>): Answer {
  const { StatusEquals, LastModifiedTimeAfter: after = -Infinity, LastModifiedTimeBefore: before = Infinity, ...paging } = input;
  const wanted = [...plane.endpoints].filter(
    ([, { status, lastModifiedAt }]) =>
      (StatusEquals === undefined || status === StatusEquals) && lastModifiedAt > after && lastModifiedAt < before,
  );
  const { page, ...next } = listed("ListEndpoints", wanted, paging);
  return { Endpoints: page.map(([, endpoint]) => summary(plane, endpoint)), ...next };
}

/** A page of what has names, in the order that is asked for; what is equal in it in that of its creation. */
function listed<Item extends { createdAt: number; status?: string }>(
  list: string,
  all: readonly (readonly [string, Item])[],
  input: Omit<z.infer<typeof shapes.listEndpointsInput>, "StatusEquals" | "LastModifiedTimeAfter" | "LastModifiedTimeBefore">,
) {
  const { NameContains = "", CreationTimeAfter: after = -Infinity, CreationTimeBefore: before = Infinity, SortBy, SortOrder } = input;
  const { MaxResults: limit = 10, NextToken: token } = input;
  const keys = { Name: ([name]: readonly [string, Item]) => name, Status: ([, { status = "" }]: readonly [string, Item]) => status };
  const keyOf = SortBy === "CreationTime" ? undefined : keys[SortBy];
  const ascending = keyOf ? all.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : keyOf(one) > keyOf(other) ? 1 : 0)) : all;
  const found = (SortOrder === "Ascending" ? ascending : ascending.toReversed()).filter(
    ([name, { createdAt }]) => name.includes(NameContains) && createdAt > after && createdAt < before,
  );
  const { page, next } = pageOf(found, { list: `SageMaker ${list}`, idOf: ([name]) => name, limit, token, invalid: invalidToken });
  return { page, ...(next !== undefined && { NextToken: next }) };
}

function listTags(plane: ControlPlane, { ResourceArn, NextToken }: z.infer<typeof shapes.listTagsInput>): Answer {
  const tags = tagList(plane.tags(ResourceArn));
  if (NextToken !== undefined) throw invalidToken();
  return { Tags: tags };
}

function invalidToken(): ServiceError {
  return new ServiceError("ValidationException", "Invalid NextToken.");
}

function tagList(tags: Readonly<Record<string, string>>): object[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString() || "{}");
  } catch (error) {
    throw new ServiceError("SerializationException", `The request's body is not JSON: ${(error as Error).message}`);
  }
}

function nameOf(input: unknown, member: string): string {
  const name = (input as Record<string, unknown>)[member];
  if (typeof name !== "string") throw new ServiceError("ValidationException", `Missing required parameter ${member}.`);
  return name;
}

function parse<Schema extends z.ZodType>(operation: string, schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.find((issue) => issue.code === "unrecognized_keys");
  if (unknown) throw notSupported(`${[...unknown.path, unknown.keys.join(", ")].join(".")} of ${operation}`);
  const problems = parsed.error.issues.map((issue) => `'${issue.path.join(".")}' failed to satisfy constraint: ${issue.message}`);
  throw new ServiceError("ValidationException", `${problems.length} validation error(s) detected: ${problems.join("; ")}`);
}
