import { anything, judgedBy, readJson, text, type Input, type JudgedRequest, type Place, type Rule } from "./table";

/** Names are in small letters in ARNs. */
const arn = (kind: string, member: string) => (input: Input, place: Place) =>
  `arn:aws:sagemaker:${place.region}:${place.accountId}:${kind}/${text(input, member).toLowerCase()}`;
const endpoint = arn("endpoint", "EndpointName");
const config = arn("endpoint-config", "EndpointConfigName");
const model = arn("model", "ModelName");
const onEndpoint: Rule = { on: endpoint };
/** Who gives tags to what is made must be allowed to, as with AddTags. */
const taggedBy = (on: Rule["on"]) => (input: Input, place: Place) =>
  Array.isArray(input["Tags"]) && input["Tags"].length > 0
    ? [on(input, place)].flat().map((resource) => ({ action: "sagemaker:AddTags", resource }))
    : [];
const tagged: Rule = { on: (input) => text(input, "ResourceArn") };
const onBoth: Rule = { on: (input, place) => [endpoint(input, place), config(input, place)] };
/** Whoever hands a role to SageMaker must be allowed to. */
const passesRole = (input: Input) =>
  typeof input["ExecutionRoleArn"] === "string"
    ? [{ action: "iam:PassRole", resource: input["ExecutionRoleArn"], context: { "iam:passedtoservice": "sagemaker.amazonaws.com" } }]
    : [];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html */
export const sagemaker = judgedBy(
  "sagemaker",
  {
    AddTags: tagged,
    CreateEndpoint: { ...onBoth, also: taggedBy(endpoint) },
    CreateEndpointConfig: { on: config, also: (input, place) => [...passesRole(input), ...taggedBy(config)(input, place)] },
    CreateModel: { on: model, also: (input, place) => [...passesRole(input), ...taggedBy(model)(input, place)] },
    DeleteEndpoint: onEndpoint,
    DeleteEndpointConfig: { on: config },
    DeleteModel: { on: model },
    DeleteTags: tagged,
    DescribeEndpoint: onEndpoint,
    DescribeEndpointConfig: { on: config },
    DescribeModel: { on: model },
    InvokeEndpoint: onEndpoint,
    InvokeEndpointAsync: onEndpoint,
    ListEndpointConfigs: { on: anything },
    ListEndpoints: { on: anything },
    ListModels: { on: anything },
    ListTags: tagged,
    UpdateEndpoint: onBoth,
    UpdateEndpointWeightsAndCapacities: onEndpoint,
  },
  read,
);

/** The runtime is a REST API: `/endpoints/<name>/invocations` and `…/async-invocations`. */
function read(request: JudgedRequest): { operation: string; input: Input } {
  const [, endpoints, EndpointName, kind] = request.path.split("/");
  if (endpoints !== "endpoints") return readJson(request);
  const operation = { invocations: "InvokeEndpoint", "async-invocations": "InvokeEndpointAsync" }[kind ?? ""] ?? "";
  return { operation, input: { EndpointName } };
}
