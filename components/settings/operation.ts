import type { AsyncInferenceArgs } from "../args";
import { pages, type Setting } from "./setting";
import { webhookFields } from "./webhooks";

const topicArn = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;
const topicAccepts = "the ARN of a standard SNS topic";
const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const emailAccepts = 'a list of email addresses such as ["ml-team@example.com"]';
const keyArn = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
const keyArns = {
  type: "strings",
  pattern: keyArn,
  minimumItems: 1,
  maximumItems: 10,
  accepts: "a list of 1 to 10 ARNs of KMS keys (not of aliases)",
} as const satisfies Partial<Setting>;

/** Who hears what, what is encrypted with which key, and what is protected. */
export const operationSettings = {
  notificationsEnabled: {
    type: "boolean",
    default: true,
    description: "Whether SageMaker tells the end of each invocation on SNS; without, jobs end by reconciliation only",
  },
  successTopicArn: {
    type: "string",
    pattern: topicArn,
    accepts: topicAccepts,
    description: "Your own topic for completed invocations; may be the same as errorTopicArn",
    leftOut: "a new topic",
  },
  errorTopicArn: {
    type: "string",
    pattern: topicArn,
    accepts: topicAccepts,
    description: "Your own topic for failed invocations; may be the same as successTopicArn",
    leftOut: "a new topic",
  },
  includeInferenceResponse: {
    type: "boolean",
    default: false,
    description: "Whether notifications carry results of up to 128 KB",
    source: `${pages.sageMakerApi}/API_AsyncInferenceNotificationConfig.html`,
  },
  successEmails: {
    type: "strings",
    default: [],
    pattern: email,
    accepts: emailAccepts,
    description: "Email addresses that get every completed invocation; each owner confirms once",
  },
  failureEmails: {
    type: "strings",
    default: [],
    pattern: email,
    accepts: emailAccepts,
    description: "Email addresses that get every failed invocation; each owner confirms once",
  },
  eventBusName: {
    type: "string",
    pattern: /^(arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/)?[/.\-_A-Za-z0-9]{1,256}$/,
    accepts: "name or ARN of an event bus, such as default",
    description: "EventBridge bus that gets one event per job that ends; docs/workflows.md has the event",
    leftOut: "no bus",
    details: "A bus of another account must let this account put events.",
    source: "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html",
  },
  workflowsEnabled: {
    type: "boolean",
    default: false,
    description: "Whether jobs can be steps of Step Functions workflows, whose tasks their ends answer; see docs/workflows.md",
  },
  traceEndpoint: {
    type: "string",
    // X-Ray takes signed requests only, and answers others with 403: the spans would be dropped.
    pattern: /^(?!https?:\/\/xray\.[a-z0-9-]+\.amazonaws\.com)https?:\/\/[^\s@#]+$/i,
    maximumLength: 512,
    accepts:
      "an http or https URL such as https://collector.example.com:4318/v1/traces, without a user, and not X-Ray's, which a collector signs for (docs/tracing.md)",
    description: "Where each job's spans go, by OTLP over HTTP in JSON; see docs/tracing.md",
    leftOut: "no spans",
    details: "A URL without a path gets /v1/traces. The functions must reach it.",
    source: "https://opentelemetry.io/docs/specs/otlp/",
  },
  traceHeaders: {
    type: "map",
    pattern: /^[A-Za-z0-9-]{1,64}$/,
    valuePattern: /^[!-~]([ -~]*[!-~])?$/,
    maximumItems: 4,
    maximumLength: 512,
    accepts: "at most 4 headers whose names are letters, digits and -, with values of at most 512 printable ASCII characters",
    description: "Headers of each export, such as a token; set with pulumi config set --secret --path",
    details: "With `traceEndpoint`. They are always a secret of the stack, and stand in the environment of one function.",
    secret: "always",
  },
  traceSamplePercent: {
    type: "integer",
    default: 100,
    minimum: 0,
    maximum: 100,
    unit: "percent",
    description: "Share of the jobs without a trace of their caller's whose spans are exported",
    details: "With `traceEndpoint`. A caller's own decision is kept.",
  },
  webhooks: {
    type: "records",
    fields: webhookFields,
    pattern: /^[a-z](-?[a-z0-9]){0,15}$/,
    maximumItems: 10,
    accepts: "at most 10 webhooks by name (1 to 16 small letters, digits and single hyphens, a letter first), each with url and secret",
    description: "Receivers that get each job's end as a signed POST, tried again for a day; docs/webhooks.md has the request",
    leftOut: "none",
    details:
      "Each has `url`, `secret`, and optionally `formerSecret`, `states` and `privateAllowed`. The secrets are always secrets of the stack.",
    secret: "always",
    source: "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
  },
  alarmsEnabled: {
    type: "boolean",
    default: false,
    description: "Whether alarms on what needs a person go to an alarm topic: for production",
  },
  alarmTopicArn: {
    type: "string",
    pattern: topicArn,
    accepts: topicAccepts,
    description: "Your own topic for alarms",
    leftOut: "a new topic",
    details: "With `alarmsEnabled`.",
  },
  alarmEmails: {
    type: "strings",
    default: [],
    pattern: email,
    accepts: emailAccepts,
    description: "Email addresses that get every alarm; each owner confirms once",
    details: "With `alarmsEnabled`.",
    example: 'image: "ocr:1", alarmsEnabled: true, alarmEmails: ["ml-team@example.com"]',
  },
  idleSpendAlarmUsdPerDay: {
    type: "integer",
    minimum: 1,
    maximum: 1_000_000,
    unit: "US dollars",
    description: "What instances without work may cost in a UTC day before an alarm says so",
    leftOut: "no such alarm",
    details: "With `alarmsEnabled`, and an instance type whose price is known (components/prices.ts), at that price.",
    example: 'image: "ocr:1", alarmsEnabled: true, idleSpendAlarmUsdPerDay: 20',
  },
  dashboardEnabled: {
    type: "boolean",
    default: false,
    description: "Whether CloudWatch shows a dashboard of the service: for production",
  },
  logRetentionDays: {
    type: "integer",
    default: 30,
    values: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    unit: "days",
    description: "How long the functions' logs are kept",
    source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
  },
  kmsKeyArn: {
    type: "string",
    pattern: keyArn,
    accepts: "the ARN of a KMS key (not of an alias)",
    description: "Your own key for bucket, topics, job table, logs and results",
    leftOut: "AWS's keys",
    details:
      "Its policy must let this account's roles, CloudWatch Logs and SNS use it: a preview prints what it needs, and `keyPolicy()` is that policy for a key of your program.",
  },
  formerKmsKeyArns: {
    ...keyArns,
    description: "Keys that were kmsKeyArn before: what is stored under them stays readable",
    details: "Remove one when nothing is left that it encrypts.",
    example: 'image: "ocr:1", kmsKeyArn: newKey.arn, formerKmsKeyArns: [oldKey.arn]',
  },
  decryptKeyArns: {
    ...keyArns,
    description: "Keys of others under which model artifacts, inputs or uploads are encrypted",
    details: "The endpoint, and the inbox, may decrypt with them. Their key policies must let this account's roles do so.",
  },
  forceDestroy: {
    type: "boolean",
    default: false,
    description: "Whether pulumi destroy deletes bucket and job table with all that is in them; else both are retained",
  },
  protect: {
    type: "boolean",
    default: false,
    description: "Whether Pulumi refuses to delete bucket and job table: for production",
  },
  tags: {
    type: "map",
    default: {},
    pattern: /^(?![aA][wW][sS]:)[\p{L}\p{N}\s_.:/=+\-@]{1,128}$/u,
    valuePattern: /^[\p{L}\p{N}\s_.:/=+\-@]*$/u,
    // AWS takes 50; two are the project's own.
    maximumItems: 48,
    maximumLength: 256,
    accepts:
      "at most 48 tags of letters, digits, blanks and _.:/=+-@, with names of at most 128 characters that do not start with aws: and values of at most 256",
    description: "Tags of every resource that takes some, besides project and stack",
    example: 'image: "ocr:1", tags: { team: "documents", "cost-center": "4711" }',
    source: "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
  },
} as const satisfies Partial<Record<keyof AsyncInferenceArgs, Setting>>;
