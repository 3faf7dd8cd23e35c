import type { AsyncInferenceConfig } from "./shapes";

/** What InvokeEndpointAsync accepted: one request on its way through an endpoint. */
export interface AcceptedInvocation {
  inferenceId: string;
  endpointName: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  contentType?: string;
  accept?: string;
  customAttributes?: string;
  /** `s3://` or `https://`; undefined when the payload came in the request. */
  inputLocation?: string;
  inlinePayload?: Buffer;
  /** Where result and error go: decided when the request is accepted. */
  outputLocation: string;
  failureLocation?: string;
  requestTtlSeconds: number;
  invocationTimeoutSeconds: number;
  /** Settings of the endpoint when the request came. */
  config: AsyncInferenceConfig;
}

/** What the model answered, as far as a notification carries it. */
export interface ModelResponse {
  contentType?: string;
  body: Buffer;
}

/** Larger results are not sent along (`IncludeInferenceResponseIn`). */
export const largestIncludedResponseBytes = 128 * 1024;

/** Sent to each topic after an endpoint is created or updated. */
export const testNotification = { eventVersion: "1.0", eventSource: "aws:sagemaker", eventName: "TestNotification" };

/** Message of the success topic. */
export function successNotification(invocation: AcceptedInvocation, response: ModelResponse, region: string, now: number): object {
  return {
    awsRegion: region,
    eventTime: new Date(now).toISOString(),
    receivedTime: new Date(invocation.receivedAt).toISOString(),
    invocationStatus: "Completed",
    requestParameters: requestParameters(invocation),
    responseParameters: { contentType: response.contentType, outputLocation: invocation.outputLocation },
    ...responseBody(invocation, "SUCCESS_NOTIFICATION_TOPIC", response),
    ...envelope(invocation),
  };
}

/** Message of the error topic. @param response what the model said, when it was the model that failed */
export function failureNotification(
  invocation: AcceptedInvocation,
  failureReason: string,
  response: ModelResponse | undefined,
  region: string,
  now: number,
): object {
  return {
    awsRegion: region,
    eventTime: new Date(now).toISOString(),
    receivedTime: new Date(invocation.receivedAt).toISOString(),
    invocationStatus: "Failed",
    failureReason,
    requestParameters: requestParameters(invocation),
    ...(response && responseBody(invocation, "ERROR_NOTIFICATION_TOPIC", response)),
    ...envelope(invocation),
  };
}

/** JSON leaves undefined members out: only what was sent is repeated. */
function requestParameters({ accept, contentType, endpointName, inputLocation }: AcceptedInvocation): object {
  return { accept, contentType, endpointName, inputLocation };
}

function envelope({ inferenceId }: AcceptedInvocation): object {
  return { inferenceId, eventVersion: "1.0", eventSource: "aws:sagemaker", eventName: "InferenceResult" };
}

type Topic = "SUCCESS_NOTIFICATION_TOPIC" | "ERROR_NOTIFICATION_TOPIC";

function responseBody(invocation: AcceptedInvocation, topic: Topic, { body }: ModelResponse): object {
  const includedIn = invocation.config.OutputConfig.NotificationConfig?.IncludeInferenceResponseIn ?? [];
  if (!includedIn.includes(topic)) return {};
  if (body.length > largestIncludedResponseBytes) {
    return { responseBody: { message: `The response is larger than ${largestIncludedResponseBytes} bytes and is not included.` } };
  }
  return { responseBody: { content: body.toString("base64"), encoding: "BASE64" } };
}
