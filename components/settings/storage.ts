import type { AsyncInferenceArgs } from "../args";
import { bucketPattern, pages, type Setting } from "./setting";

// Not `*`, which S3 allows: in a policy it would stand for every prefix. Not "." and "..", which clients normalize away.
const prefixPattern = /^(?!(.*\/)?\.{1,2}(\/|$))[A-Za-z0-9!_.'()-]+(\/[A-Za-z0-9!_.'()-]+)*\/?$/;
const prefix = {
  type: "string",
  pattern: prefixPattern,
  maximumLength: 256,
  accepts: 'a key prefix such as "input/", without a leading slash',
} as const satisfies Partial<Setting>;
const expiration = {
  type: "integer",
  default: 30,
  minimum: 0,
  maximum: 36500,
  unit: "days",
  source: `${pages.s3}/API/API_LifecycleExpiration.html`,
} as const satisfies Partial<Setting>;

/** Of what a dead letter is about: it must still be there when the letter is put back. */
const expirationAfterDeadLetters = {
  ...expiration,
  minimum: 14,
  orZero: true,
  accepts: "0, or a whole number from 14 to 36500: a dead letter is kept for 14 days, and what it is about must be there",
} as const satisfies Partial<Setting>;

/** Where inputs, results, failures and uploads are, and for how long. */
export const storageSettings = {
  bucketName: {
    type: "string",
    pattern: bucketPattern,
    accepts: "a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens",
    description: "Your own bucket; its policy, lifecycle and notifications stay yours",
    leftOut: "a new bucket",
    source: `${pages.s3}/userguide/bucketnamingrules.html`,
  },
  inputPrefix: { ...prefix, default: "input/", description: "Prefix of the inputs", details: "The four prefixes must not overlap." },
  outputPrefix: { ...prefix, default: "output/", description: "Prefix of the results" },
  failurePrefix: { ...prefix, default: "failure/", description: "Prefix of what the model said when it failed" },
  inboxPrefix: { ...prefix, default: "inbox/", description: "Prefix of uploads that become jobs" },
  formerPrefixes: {
    type: "map",
    default: {},
    pattern: prefixPattern,
    valuePattern: /^(input|output|failure|inbox)$/,
    maximumItems: 20,
    accepts: 'at most 20 key prefixes, each with what it was: input, output, failure or inbox, such as {"scans/": "input"}',
    description: "Prefixes that one of the four was before: what is there stays readable and expires",
    details: "What is under way ends there. Remove one when nothing is left below it.",
    example: 'image: "ocr:1", inputPrefix: "pages/", formerPrefixes: { "scans/": "input" }',
  },
  inputExpirationDays: {
    ...expirationAfterDeadLetters,
    description: "Days after which inputs expire; 0 keeps them",
    details: "Only for a bucket that is made here.",
  },
  outputExpirationDays: {
    ...expiration,
    description: "Days after which results expire; 0 keeps them",
    details: "Only for a bucket that is made here.",
  },
  failureExpirationDays: {
    ...expiration,
    description: "Days after which failures expire; 0 keeps them",
    details: "Only for a bucket that is made here.",
  },
  inboxExpirationDays: {
    ...expirationAfterDeadLetters,
    description: "Days after which uploads expire; 0 keeps them",
    details: "Only for a bucket that is made here.",
  },
} as const satisfies Partial<Record<keyof AsyncInferenceArgs, Setting>>;
