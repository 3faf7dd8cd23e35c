import type { AsyncInferenceArgs } from "../args";
import { requestPatterns } from "../../core/messages/request";
import { bucketPattern, pages, type Setting } from "./setting";

const metadataName = new RegExp(requestPatterns.metadataName);

/** What happens to a job. */
export const jobsSettings = {
  invocationTimeoutSeconds: {
    type: "integer",
    default: 3600,
    minimum: 1,
    maximum: 3600,
    unit: "seconds",
    description: "How long one invocation may run, unless the request says otherwise",
    source: pages.invokeApi,
  },
  requestTtlSeconds: {
    type: "integer",
    default: 21600,
    minimum: 60,
    maximum: 21600,
    unit: "seconds",
    description: "How long a request may wait in the endpoint's queue, unless it says otherwise",
    source: pages.invokeApi,
  },
  maxAttempts: {
    type: "integer",
    default: 3,
    minimum: 1,
    maximum: 999,
    unit: "attempts",
    description: "Attempts at a job whose outcome is in doubt; model errors are never tried again",
  },
  onDoubt: {
    type: "string",
    default: "rerun",
    values: ["rerun", "wait"],
    description: "What happens when it can't be known whether an attempt ran; wait is for models that must not run twice",
  },
  maxOpenJobs: {
    type: "integer",
    default: 100_000,
    minimum: 0,
    maximum: 10_000_000,
    unit: "jobs",
    description: "Open jobs from which on further ones are refused with LIMIT, best below what expires in the queue; 0 refuses none",
    source: "npm run bench:sweep: what one sweep a minute looks after with ease",
  },
  priorityEnabled: {
    type: "boolean",
    default: false,
    description: "Whether a request may say priority low: it then waits, not invoked, while many others are",
  },
  lowPriorityBacklog: {
    type: "integer",
    minimum: 1,
    maximum: 100_000,
    unit: "jobs",
    description: "Jobs that are invoked and have not ended from which on low ones wait",
    leftOut: "maxCapacity × (maxConcurrentInvocationsPerInstance + targetBacklogPerInstance): the least that scales out to maxCapacity",
    details: "With `priorityEnabled`.",
  },
  lowPriorityFairBy: {
    type: "string",
    pattern: metadataName,
    accepts: 'the name of an entry of metadata, such as "tenant": 1 to 64 letters, digits, ".", "_" and "-", a letter or digit first',
    description: "Entry of a job's metadata that says who it is for: those of each wait in turn with those of others",
    leftOut: "low jobs go in the order in which they came",
    details: "With `priorityEnabled`.",
    example: 'image: "ocr:1", priorityEnabled: true, lowPriorityFairBy: "tenant"',
  },
  jobRetentionDays: {
    type: "integer",
    default: 30,
    minimum: 1,
    maximum: 3650,
    unit: "days",
    description: "How long a job's record is kept after the job ended",
  },
  inboxEnabled: {
    type: "boolean",
    default: false,
    description: "Whether an object uploaded below inboxPrefix becomes a job",
  },
  batchEnabled: {
    type: "boolean",
    default: false,
    description: "Whether S3 Batch Operations may make the objects of a manifest jobs, which adds a function and a role",
  },
  inputBuckets: {
    type: "strings",
    default: [],
    pattern: bucketPattern,
    maximumItems: 20,
    accepts: "a list of at most 20 bucket names",
    description: "Further buckets from which a request's inputLocation may come",
    example: 'image: "ocr:1", inputBuckets: ["acme-scans"]',
  },
} as const satisfies Partial<Record<keyof AsyncInferenceArgs, Setting>>;
