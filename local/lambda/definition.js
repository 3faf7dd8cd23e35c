/** What Lambda does without a FunctionEventInvokeConfig. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const defaultEventInvokeSettings = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };
