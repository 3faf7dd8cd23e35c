import { notSupported, ServiceError } from "../../wire";
import { booleanOf, child, children, numberOf, requiredText, requireOnly, textOf, type Element } from "../readXml";
import type { BatchJob, ManifestSource } from "./job";
import { bucketOf } from "./manifest";

const invalid = (message: string) => new ServiceError("InvalidRequest", message, 400);

/** Reads CreateJob's document. @throws ServiceError for what S3 refuses, and for what would do nothing here */
export function readJob(document: Element): Omit<BatchJob, "id" | "arn" | "createdAt"> {
  const honoured = [
    "Operation",
    "Report",
    "Priority",
    "RoleArn",
    "ConfirmationRequired",
    "ClientRequestToken",
    "Manifest",
    "Description",
    "ManifestGenerator",
    "Tags",
  ];
  requireOnly(document, honoured, "CreateJob");
  const roleArn = requiredText(document, "RoleArn");
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+/.test(roleArn)) throw invalid("Invalid role ARN");
  const priority = numberOf(document, "Priority");
  if (priority === undefined || !(priority >= 0)) throw invalid("Priority must be 0 or more");
  return {
    status: "New",
    confirmationRequired: booleanOf(document, "ConfirmationRequired") ?? true,
    description: textOf(document, "Description"),
    ...readOperation(child(document, "Operation")),
    source: readSource(document),
    report: readReport(child(document, "Report")),
    priority,
    roleArn,
    clientRequestToken: requiredText(document, "ClientRequestToken"),
    endedAt: undefined,
    activeMilliseconds: 0,
    total: 0,
    succeeded: 0,
    failed: 0,
    failure: undefined,
  };
}

function readOperation(operation: Element | undefined): Pick<BatchJob, "functionArn" | "schemaVersion" | "userArguments"> {
  const invoke = operation && child(operation, "LambdaInvoke");
  if (invoke === undefined) throw notSupported("an operation of S3 Batch Operations other than LambdaInvoke");
  requireOnly(invoke, ["FunctionArn", "InvocationSchemaVersion", "UserArguments"], "LambdaInvoke");
  const schemaVersion = textOf(invoke, "InvocationSchemaVersion") ?? "1.0";
  if (schemaVersion !== "1.0" && schemaVersion !== "2.0") throw invalid(`Invalid InvocationSchemaVersion: ${schemaVersion}`);
  const given = child(invoke, "UserArguments");
  const entries =
    given === undefined ? [] : children(given, "entry").map((entry) => [requiredText(entry, "key"), requiredText(entry, "value")]);
  if (entries.length > 10) throw invalid("UserArguments has at most 10 entries");
  if (entries.length > 0 && schemaVersion === "1.0") throw invalid("UserArguments needs InvocationSchemaVersion 2.0");
  return {
    functionArn: requiredText(invoke, "FunctionArn"),
    schemaVersion,
    userArguments: Object.fromEntries(entries) as Record<string, string>,
  };
}

function readSource(document: Element): ManifestSource {
  const [manifest, generator] = [child(document, "Manifest"), child(document, "ManifestGenerator")];
  if ((manifest === undefined) === (generator === undefined)) throw invalid("Exactly one of Manifest and ManifestGenerator is required");
  if (generator !== undefined) return readGenerator(child(generator, "S3JobManifestGenerator") ?? generator);
  const [spec, location] = [child(manifest!, "Spec") ?? "", child(manifest!, "Location") ?? ""];
  const format = requiredText(spec, "Format", ["S3BatchOperations_CSV_20180820", "S3InventoryReport_CSV_20161130"] as const);
  const named = child(spec, "Fields");
  const fields = named === undefined ? [] : children(named, "member").map(String);
  if (format === "S3BatchOperations_CSV_20180820" && !(fields.includes("Bucket") && fields.includes("Key"))) {
    throw invalid("The manifest's fields must have Bucket and Key");
  }
  requireOnly(location, ["ObjectArn", "ETag"], "the manifest's location");
  return { kind: "manifest", format, fields, objectArn: requiredText(location, "ObjectArn"), eTag: requiredText(location, "ETag") };
}

function readGenerator(generator: Element): ManifestSource {
  requireOnly(generator, ["SourceBucket", "EnableManifestOutput", "Filter", "ExpectedBucketOwner"], "ManifestGenerator");
  if (booleanOf(generator, "EnableManifestOutput")) throw notSupported("the output of a generated manifest");
  const filter = child(generator, "Filter");
  if (filter !== undefined) requireOnly(filter, ["KeyNameConstraint"], "the filter of a generated manifest");
  const keys = filter && child(filter, "KeyNameConstraint");
  if (keys !== undefined) requireOnly(keys, ["MatchAnyPrefix"], "KeyNameConstraint");
  const prefixes = keys && child(keys, "MatchAnyPrefix");
  return {
    kind: "generator",
    sourceBucketArn: requiredText(generator, "SourceBucket"),
    prefixes: prefixes === undefined ? [""] : children(prefixes, "member").map(String),
  };
}

function readReport(report: Element | undefined): BatchJob["report"] {
  if (report === undefined || booleanOf(report, "Enabled") !== true) return undefined;
  requiredText(report, "Format", ["Report_CSV_20180820"]);
  return {
    bucket: bucketOf(requiredText(report, "Bucket")),
    prefix: (textOf(report, "Prefix") ?? "").replace(/\/$/, ""),
    scope: requiredText(report, "ReportScope", ["AllTasks", "FailedTasksOnly"] as const),
  };
}
