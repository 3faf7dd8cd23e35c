import { pageOf } from "../../pages";
import { ServiceError, type WireResponse } from "../../wire";
import { element, xml } from "../settingsXml";
import type { BatchJob } from "./job";

const namespace = ` xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"`;

/** A document of elements with text. */
export function xmlOf(root: string, fields: readonly (readonly [name: string, text: string | undefined])[]): WireResponse {
  return answered(root, fields.map(([name, text]) => element(name, text)).join(""));
}

/** DescribeJob's answer. */
export function describedJob(job: BatchJob): WireResponse {
  const { report, failure, source, userArguments } = job;
  const entries = Object.entries(userArguments).map(([key, value]) => wrap("entry", element("key", key) + element("value", value)));
  const invoke = element("FunctionArn", job.functionArn) + element("InvocationSchemaVersion", job.schemaVersion);
  const content = [
    common(job),
    element("JobArn", job.arn),
    element("ConfirmationRequired", String(job.confirmationRequired)),
    element("RoleArn", job.roleArn),
    wrap("Operation", wrap("LambdaInvoke", invoke + (entries.length > 0 ? wrap("UserArguments", entries.join("")) : ""))),
    source.kind === "generator" ? generator(source) : manifest(source),
    failure && wrap("FailureReasons", wrap("member", element("FailureCode", failure.code) + element("FailureReason", failure.reason))),
    wrap(
      "Report",
      report === undefined
        ? element("Enabled", "false")
        : element("Enabled", "true") +
            element("Bucket", `arn:aws:s3:::${report.bucket}`) +
            element("Format", "Report_CSV_20180820") +
            element("Prefix", report.prefix) +
            element("ReportScope", report.scope),
    ),
  ];
  return answered("DescribeJobResult", wrap("Job", content.filter(Boolean).join("")));
}

/** ListJobs's answer: the newest first. */
export function listedJobs(jobs: readonly BatchJob[], query: URLSearchParams): WireResponse {
  const statuses = query.getAll("jobStatuses");
  const found = [...jobs].reverse().filter(({ status }) => statuses.length === 0 || statuses.includes(status));
  const { page, next } = pageOf(found, {
    list: "ListJobs",
    idOf: ({ id }) => id,
    limit: Number(query.get("maxResults") ?? 1000),
    token: query.get("nextToken") ?? undefined,
    invalid: () => new ServiceError("InvalidNextTokenException", "The specified token is not valid.", 400),
  });
  const members = page.map((job) => wrap("member", common(job) + element("Operation", "LambdaInvoke")));
  return answered("ListJobsResult", wrap("Jobs", members.join("")) + element("NextToken", next));
}

function common(job: BatchJob): string {
  const progress =
    element("TotalNumberOfTasks", String(job.total)) +
    element("NumberOfTasksSucceeded", String(job.succeeded)) +
    element("NumberOfTasksFailed", String(job.failed)) +
    wrap("Timers", element("ElapsedTimeInActiveSeconds", String(Math.round(job.activeMilliseconds / 1000))));
  return [
    element("JobId", job.id),
    element("Description", job.description),
    element("Priority", String(job.priority)),
    element("Status", job.status),
    element("CreationTime", new Date(job.createdAt).toISOString()),
    element("TerminationDate", job.endedAt === undefined ? undefined : new Date(job.endedAt).toISOString()),
    wrap("ProgressSummary", progress),
  ].join("");
}

function manifest({ format, fields, objectArn, eTag }: Extract<BatchJob["source"], { kind: "manifest" }>): string {
  const members = fields.map((field) => element("member", field)).join("");
  const spec = element("Format", format) + (members && wrap("Fields", members));
  return wrap("Manifest", wrap("Spec", spec) + wrap("Location", element("ObjectArn", objectArn) + element("ETag", eTag)));
}

function generator({ sourceBucketArn, prefixes }: Extract<BatchJob["source"], { kind: "generator" }>): string {
  const members = prefixes.map((prefix) => element("member", prefix)).join("");
  const filter = wrap("Filter", wrap("KeyNameConstraint", wrap("MatchAnyPrefix", members)));
  const content = element("SourceBucket", sourceBucketArn) + filter + element("EnableManifestOutput", "false");
  return wrap("ManifestGenerator", wrap("S3JobManifestGenerator", content));
}

function wrap(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

function answered(root: string, content: string): WireResponse {
  const { contentType, body } = xml(root, content, namespace);
  return { status: 200, headers: { "content-type": contentType }, body };
}
