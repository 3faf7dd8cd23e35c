import { ServiceError, type WireRequest, type WireResponse } from "../wire";
import type { FunctionDefinition } from "./definition";
import type { Invocation, Outcome } from "./environment";

/** Quotas of Invoke. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const synchronousLimitBytes = 6_291_456;
const asynchronousLimitBytes = 1_048_576;

/** How functions are run. */
export interface Invoker {
  runNow(definition: FunctionDefinition, invocation: Invocation): Promise<Outcome>;
  queue(definition: FunctionDefinition, invocation: Invocation): void;
}

/** Lambda's Invoke. */
export async function invoke(request: WireRequest, definition: FunctionDefinition, functions: Invoker): Promise<WireResponse> {
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

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
