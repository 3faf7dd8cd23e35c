/**
 * What the client requires, as imports: the ES-module build has these in the place of `require`, which bundles of ES modules don't
 * have. Bundlers alone take that build (the condition `module`); Node takes the other, which loads each library when it is needed.
 */
import * as http from "node:http";
import * as https from "node:https";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as runtime from "@aws-sdk/client-sagemaker-runtime";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as storage from "@aws-sdk/lib-storage";
import * as values from "@aws-sdk/util-dynamodb";

const libraries: Readonly<Record<string, object>> = {
  "node:http": http,
  "node:https": https,
  "@aws-sdk/client-dynamodb": dynamodb,
  "@aws-sdk/client-lambda": lambda,
  "@aws-sdk/client-s3": s3,
  "@aws-sdk/client-sagemaker-runtime": runtime,
  "@aws-sdk/client-sns": sns,
  "@aws-sdk/client-sqs": sqs,
  "@aws-sdk/lib-storage": storage,
  "@aws-sdk/util-dynamodb": values,
};

/** `require` of the ES-module build. */
export function requireBundled(name: string): object {
  const library = libraries[name];
  if (library === undefined) throw new Error(`${name} is missing in the ES-module build of the client: add it to client/bundled.ts`);
  return library;
}
