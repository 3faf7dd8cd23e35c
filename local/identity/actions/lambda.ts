import { routeOf } from "../../lambda/routes";
import { anything, judgedBy, text, type Input, type JudgedRequest, type Place, type Rule } from "./table";

const name = /^(?:(?:arn:aws:lambda:[^:]+:)?\d{12}:function:)?([^:]+)(?::.+)?$/;
const fn = (input: Input, place: Place) =>
  `arn:aws:lambda:${place.region}:${place.accountId}:function:${name.exec(text(input, "FunctionName"))?.[1] ?? ""}`;
const onFunction: Rule = { on: fn };
/** The condition key `lambda:FunctionArn` is judged for new mappings alone: which function another one has is not known here. */
const onMapping: Rule = {
  on: (input, place) => `arn:aws:lambda:${place.region}:${place.accountId}:event-source-mapping:${text(input, "UUID")}`,
};
const onTagged: Rule = { on: (input) => text(input, "Resource") };
/** Whoever hands a role to Lambda must be allowed to. */
const passesRole = (input: Input) =>
  text(input, "Role") === ""
    ? []
    : [{ action: "iam:PassRole", resource: text(input, "Role"), context: { "iam:passedtoservice": "lambda.amazonaws.com" } }];
/** Lambda fetches code from a bucket as whoever calls. */
const fetchesCode = (code: unknown) => {
  const { S3Bucket, S3Key } = (code ?? {}) as { S3Bucket?: string; S3Key?: string };
  return S3Bucket === undefined ? [] : [{ action: "s3:GetObject", resource: `arn:aws:s3:::${S3Bucket}/${S3Key ?? ""}` }];
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export const lambda = judgedBy(
  "lambda",
  {
    AddPermission: { on: fn, keys: (input) => ({ "lambda:principal": text(input, "Principal") }) },
    CreateEventSourceMapping: { on: anything, keys: (input, place) => ({ "lambda:functionarn": fn(input, place) }) },
    CreateFunction: { on: fn, also: (input) => [...passesRole(input), ...fetchesCode(input["Code"])] },
    DeleteEventSourceMapping: onMapping,
    DeleteFunction: onFunction,
    DeleteFunctionConcurrency: onFunction,
    DeleteFunctionEventInvokeConfig: onFunction,
    GetEventSourceMapping: onMapping,
    GetFunction: onFunction,
    GetFunctionCodeSigningConfig: onFunction,
    GetFunctionConcurrency: onFunction,
    GetFunctionConfiguration: onFunction,
    GetFunctionEventInvokeConfig: onFunction,
    GetFunctionRecursionConfig: onFunction,
    GetPolicy: onFunction,
    GetRuntimeManagementConfig: onFunction,
    InvokeFunction: onFunction,
    ListAliases: onFunction,
    ListEventSourceMappings: { on: anything },
    ListFunctionEventInvokeConfigs: onFunction,
    ListFunctions: { on: anything },
    ListTags: onTagged,
    ListVersionsByFunction: onFunction,
    PutFunctionConcurrency: onFunction,
    PutFunctionEventInvokeConfig: onFunction,
    RemovePermission: onFunction,
    TagResource: onTagged,
    UntagResource: onTagged,
    UpdateEventSourceMapping: onMapping,
    UpdateFunctionCode: { on: fn, also: fetchesCode },
    UpdateFunctionConfiguration: { on: fn, also: passesRole },
    UpdateFunctionEventInvokeConfig: onFunction,
  },
  read,
);

/** Bodies that say whose a request is, or whom it lets in; an invocation's is the function's own. */
const toldByBody = ["AddPermission", "CreateEventSourceMapping", "CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"];

function read({ method, path, body }: JudgedRequest): { operation: string; input: Input } {
  const { operation = "", labels = {} } = routeOf(method, path) ?? {};
  return { operation, input: { ...(toldByBody.includes(operation) && parsed(body)), ...labels } };
}

/** A body that is no JSON is Lambda's to refuse. */
function parsed(body: Buffer | undefined): Input {
  try {
    return JSON.parse(body?.toString() || "{}") as Input;
  } catch {
    return {};
  }
}
