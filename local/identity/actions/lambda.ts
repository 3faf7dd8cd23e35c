import { anything, judgedBy, text, type Input, type JudgedRequest, type Place } from "./table";

const name = /^(?:(?:arn:aws:lambda:[^:]+:)?\d{12}:function:)?([^:]+)(?::.+)?$/;
const fn = (input: Input, place: Place) =>
  `arn:aws:lambda:${place.region}:${place.accountId}:function:${name.exec(text(input, "FunctionName"))?.[1] ?? ""}`;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export const lambda = judgedBy(
  "lambda",
  {
    GetFunction: { on: fn },
    GetFunctionConfiguration: { on: fn },
    InvokeFunction: { on: fn },
    ListFunctions: { on: anything },
    RemovePermission: { on: fn },
  },
  read,
);

function read({ method, path }: JudgedRequest): { operation: string; input: Input } {
  const [, named, rest = ""] = /^\/2015-03-31\/functions(?:\/([^/]+))?(\/[a-z]+)?(?:\/[^/]+)?\/?$/.exec(path) ?? [];
  const operations: Record<string, string> = {
    "GET ": named === undefined ? "ListFunctions" : "GetFunction",
    "GET /configuration": "GetFunctionConfiguration",
    "POST /invocations": "InvokeFunction",
    "DELETE /policy": "RemovePermission",
  };
  return { operation: operations[`${method} ${rest}`] ?? "", input: { FunctionName: decodeURIComponent(named ?? "") } };
}
