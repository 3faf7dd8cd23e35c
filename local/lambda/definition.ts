import type { Network } from "../network";

/** What can be changed of a function without changing its code. */
export interface FunctionConfiguration {
  description: string;
  /** `<file>.<export>`. */
  handler: string;
  /** Such as `nodejs24.x`. The Node that runs the embedded cloud runs the function, whatever it says. */
  runtime: string;
  roleArn: string;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** The author's own environment variables. */
  variables: Readonly<Record<string, string>>;
  logGroup: string;
  /** Of the customer's key that encrypts the variables. */
  kmsKeyArn: string | undefined;
  network: Network | undefined;
}

/** What the embedded cloud knows of one Lambda function. */
export interface FunctionDefinition extends FunctionConfiguration {
  name: string;
  /** Without qualifier. */
  arn: string;
  architecture: string;
  /** Undefined: as many as there are. */
  reservedConcurrency: number | undefined;
  tags: Readonly<Record<string, string>>;
  /** Folder of the archive's files, its real path. */
  taskRoot: string;
  /** Folder of the program that has it; undefined for one that was made by the API. */
  programDirectory: string | undefined;
  codeSha256: string;
  codeSizeBytes: number;
  /** ISO time. */
  lastModified: string;
  /** Another one after each change. */
  revisionId: string;
}

/** Who may invoke a function: one statement of its resource policy. */
export interface InvokePermission {
  statementId: string;
  functionArn: string;
  /** Such as `lambda:InvokeFunction`. */
  action: string;
  /** Service principal, such as `sns.amazonaws.com`, an account or `*`. */
  principal: string;
  sourceArn: string | undefined;
  sourceAccount: string | undefined;
}

/** How a function's asynchronous invocations are tried, and where they end. */
export interface EventInvokeSettings {
  /** 0 to 2. */
  maximumRetryAttempts: number;
  /** 60 to 21600. */
  maximumEventAgeSeconds: number;
  /** ARN of a queue, topic or function. */
  onSuccess: string | undefined;
  onFailure: string | undefined;
}

/** A FunctionEventInvokeConfig: what of the settings was given. */
export interface EventInvokeConfig {
  maximumRetryAttempts?: number | undefined;
  maximumEventAgeSeconds?: number | undefined;
  onSuccess?: string | undefined;
  onFailure?: string | undefined;
  /** Milliseconds since the epoch. */
  lastModified: number;
}

/** What Lambda does without a FunctionEventInvokeConfig. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const defaultEventInvokeSettings = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 } as const;
