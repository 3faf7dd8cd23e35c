import type * as z from "zod";
import { validated } from "./validation";
import { notSupported, ServiceError, type Service } from "./wire";

/** One operation of an AWS JSON service: what it takes, and what it answers; nothing for an empty body. */
export interface JsonOperation {
  schema: z.ZodType;
  answer(input: unknown): object | void | Promise<object | void>;
}

/** Ties an operation's answer to what it takes. */
export function jsonOperation<Schema extends z.ZodType>(
  schema: Schema,
  answer: (input: z.infer<Schema>) => object | void | Promise<object | void>,
): JsonOperation {
  return { schema, answer: (input) => answer(input as z.infer<Schema>) };
}

/**
 * A service of AWS JSON 1.1, with the operation in `X-Amz-Target`.
 *
 * @param whose as people say it of its operations, such as `EventBridge's`
 * @param prefix of the target, such as `AWSEvents`
 * @param refusal code of the error for a bad request, as the service spells it
 */
export function jsonService(
  whose: string,
  prefix: string,
  operations: Readonly<Record<string, JsonOperation>>,
  refusal = "ValidationException",
): Service {
  return async ({ headers, body }) => {
    const operation = String(headers["x-amz-target"] ?? "").replace(`${prefix}.`, "");
    const known = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (!known) throw notSupported(`${whose} ${operation}`);
    const answer = await known.answer(validated(known.schema, parsed(body), `${whose} ${operation}`, refusal));
    return {
      status: 200,
      headers: { "content-type": "application/x-amz-json-1.1" },
      body: answer === undefined ? "" : JSON.stringify(answer),
    };
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString() || "{}");
  } catch (error) {
    throw new ServiceError("SerializationException", `The request's body is not JSON: ${(error as Error).message}`);
  }
}
