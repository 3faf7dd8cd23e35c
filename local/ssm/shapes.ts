import * as z from "zod";

/** What Parameter Store takes, member by member. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
export const name = z
  .string()
  .max(1011)
  .regex(
    /^(?!\/?(aws|ssm))([a-zA-Z0-9_.-]+|(\/[a-zA-Z0-9_.-]+){1,15})$/i,
    "expected letters, digits and _.- alone, or with a / before each of at most 15 levels; neither aws nor ssm at the beginning",
  );
export const value = z.string().min(1);
export const type = z.enum(["String", "SecureString"], "the embedded cloud takes String and SecureString");
export const description = z.string().max(1024);
export const tier = z.literal("Standard", "the embedded cloud has the standard tier alone");
export const dataType = z.literal("text");
export const keyId = z
  .string()
  .regex(/^(alias\/aws\/ssm|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+)$/, "the embedded cloud takes the ARN of a key");
