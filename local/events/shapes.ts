import * as z from "zod";

/** What EventBridge takes, member by member: resource types and API name the members each in their own way. */
export const ruleName = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
export const description = z.string().max(512);
export const scheduleExpression = z.string().min(1).max(256);
export const targetId = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);
export const functionArn = z.string().regex(/^arn:aws[a-z-]*:lambda:/, "the embedded cloud takes the ARN of a function");
export const input = z.string().max(8192).refine(isJson, "must be JSON");
/** Rules are on the bus that every account has. */
export const busName = z.literal("default", "the embedded cloud has the default bus alone");
export const state = z.enum(["ENABLED", "DISABLED"]);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
