/** What the embedded cloud knows of one Lambda function. */
export interface FunctionDefinition {
  name: string;
  /** Without qualifier. */
  arn: string;
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
  architecture: string;
  logGroup: string;
  /** Undefined: as many as there are. */
  reservedConcurrency: number | undefined;
  tags: Readonly<Record<string, string>>;
  /** Folder of the archive's files, its real path. */
  taskRoot: string;
  /** Folder of the program that has it. */
  programDirectory: string;
  codeSha256: string;
  codeSizeBytes: number;
  /** ISO time. */
  lastModified: string;
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

/** What Lambda does without a FunctionEventInvokeConfig. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const defaultEventInvokeSettings: EventInvokeSettings = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 21_600,
  onSuccess: undefined,
  onFailure: undefined,
};
