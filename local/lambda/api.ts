import { notSupported, ServiceError, type WireRequest, type WireResponse } from "../wire";
import type { FunctionDefinition } from "./definition";
import type { Invocation, Outcome } from "./environment";

/** Quotas of Invoke. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const synchronousLimitBytes = 6_291_456;
const asynchronousLimitBytes = 1_048_576;

/** What the wire protocol acts on. */
export interface FunctionsPort {
  /** Throws ResourceNotFoundException. */
  find(nameOrArn: string, qualifier?: string): FunctionDefinition;
  /** By name. */
  list(): FunctionDefinition[];
  runNow(definition: FunctionDefinition, invocation: Invocation): Promise<Outcome>;
  queue(definition: FunctionDefinition, invocation: Invocation): void;
  /** Takes a permission back. Throws ResourceNotFoundException. */
  forbid(definition: FunctionDefinition, statementId: string): void;
}

/** Lambda's REST API: Invoke, GetFunction, GetFunctionConfiguration, ListFunctions, RemovePermission. */
export async function lambdaApi(request: WireRequest, functions: FunctionsPort): Promise<WireResponse> {
  const path = request.path.replace(/\/$/, "");
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path);
  const one = /^\/2015-03-31\/functions\/([^/]+)(\/configuration)?$/.exec(path);
  const qualifier = request.query.get("Qualifier") ?? undefined;
  if (request.method === "POST" && invoked?.[1]) {
    return invoke(request, functions.find(decodeURIComponent(invoked[1]), qualifier), functions);
  }
  if (request.method === "GET" && one?.[1]) {
    const definition = functions.find(decodeURIComponent(one[1]), qualifier);
    if (one[2]) return json(configuration(definition));
    const { reservedConcurrency, tags } = definition;
    return json({
      Configuration: configuration(definition),
      Code: { RepositoryType: "S3" },
      Tags: tags,
      ...(reservedConcurrency === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    });
  }
  const [, permitted, statementId] = /^\/2015-03-31\/functions\/([^/]+)\/policy\/([^/]+)$/.exec(path) ?? [];
  if (request.method === "DELETE" && permitted !== undefined && statementId !== undefined) {
    functions.forbid(functions.find(decodeURIComponent(permitted), qualifier), decodeURIComponent(statementId));
    return { status: 204 };
  }
  if (request.method === "GET" && path === "/2015-03-31/functions") return list(request, functions);
  throw notSupported(`Lambda's ${request.method} ${request.path}`);
}

async function invoke(request: WireRequest, definition: FunctionDefinition, functions: FunctionsPort): Promise<WireResponse> {
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  const requestId = crypto.randomUUID();
  const headers = { "x-amzn-RequestId": requestId };
  const limitBytes = type === "Event" ? asynchronousLimitBytes : synchronousLimitBytes;
  if (request.body.length > limitBytes) {
    const message = `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`;
    throw new ServiceError("RequestTooLargeException", message, 413);
  }
  const event = request.body.length === 0 ? "{}" : request.body.toString("utf8");
  const problem = jsonProblem(event);
  if (problem) throw new ServiceError("InvalidRequestContentException", `Could not parse request body into json: ${problem}`);
  const clientContext = request.headers["x-amz-client-context"];
  const invocation: Invocation = {
    requestId,
    event,
    ...(typeof clientContext === "string" ? { clientContext: JSON.parse(Buffer.from(clientContext, "base64").toString()) } : {}),
  };
  if (type === "DryRun") return { status: 204, headers };
  if (type === "Event") {
    functions.queue(definition, invocation);
    return { status: 202, headers };
  }
  if (type !== "RequestResponse") {
    const accepted = "[Event, RequestResponse, DryRun]";
    throw new ServiceError(
      "ValidationException",
      `1 validation error detected: Value '${String(type)}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: ${accepted}`,
    );
  }
  const outcome = await functions.runNow(definition, invocation);
  return {
    status: 200,
    headers: {
      ...headers,
      "Content-Type": "application/json",
      "X-Amz-Executed-Version": "$LATEST",
      "X-Amz-Function-Error": outcome.failed ? "Unhandled" : undefined,
      "X-Amz-Log-Result": request.headers["x-amz-log-type"] === "Tail" ? Buffer.from(outcome.logTail).toString("base64") : undefined,
    },
    body: outcome.payload,
  };
}

function list(request: WireRequest, functions: FunctionsPort): WireResponse {
  const all = functions.list();
  const start = Number(request.query.get("Marker") ?? 0);
  const count = Math.min(Number(request.query.get("MaxItems") ?? 50), 50);
  const end = start + count;
  return json({
    Functions: all.slice(start, end).map(configuration),
    ...(end < all.length ? { NextMarker: String(end) } : {}),
  });
}

function configuration(definition: FunctionDefinition) {
  return {
    FunctionName: definition.name,
    FunctionArn: definition.arn,
    Runtime: definition.runtime,
    Role: definition.roleArn,
    Handler: definition.handler,
    CodeSize: definition.codeSizeBytes,
    Description: definition.description,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMegabytes,
    LastModified: definition.lastModified.replace("Z", "+0000"),
    CodeSha256: definition.codeSha256,
    Version: "$LATEST",
    Environment: { Variables: definition.variables },
    TracingConfig: { Mode: "PassThrough" },
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [definition.architecture],
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: "Text", LogGroup: definition.logGroup },
  };
}

function json(value: object): WireResponse {
  return { status: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
