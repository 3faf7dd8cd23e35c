import * as z from "zod";

/** What EventBridge takes, member by member: resource types and API name the members each in their own way. */
export const ruleName = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
export const description = z.string().max(512);
export const scheduleExpression = z.string().min(1).max(256);
export const targetId = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
export const targetArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:(lambda|sqs|sns):/, "the embedded cloud takes the ARN of a function, a queue or a topic");
export const json = z.string().refine((text) => readJson(text) !== undefined, "must be JSON");
export const input = json.max(8192);
export const busName = z.string().regex(/^[.\-_A-Za-z0-9]{1,256}$/);
export const busNameOrArn = z.string().regex(/^(arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/)?[/.\-_A-Za-z0-9]{1,256}$/);
export const eventPattern = z.string().max(4096);
export const state = z.enum(["ENABLED", "DISABLED"]);

/** The value of a JSON text; undefined for what is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
