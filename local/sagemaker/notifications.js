/** Larger results are not sent along (`IncludeInferenceResponseIn`). */
export const largestIncludedResponseBytes = 128 * 1024;
/** Sent to each topic after an endpoint is created or updated. */
export const testNotification = { eventVersion: "1.0", eventSource: "aws:sagemaker", eventName: "TestNotification" };
/** Message of the success topic. */
export function successNotification(invocation, response, region, now) {
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
export function failureNotification(invocation, failureReason, response, region, now) {
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
function requestParameters({ accept, contentType, endpointName, inputLocation }) {
    return { accept, contentType, endpointName, inputLocation };
}
function envelope({ inferenceId }) {
    return { inferenceId, eventVersion: "1.0", eventSource: "aws:sagemaker", eventName: "InferenceResult" };
}
function responseBody(invocation, topic, { body }) {
    const includedIn = invocation.config.OutputConfig.NotificationConfig?.IncludeInferenceResponseIn ?? [];
    if (!includedIn.includes(topic))
        return {};
    if (body.length > largestIncludedResponseBytes) {
        return { responseBody: { message: `The response is larger than ${largestIncludedResponseBytes} bytes and is not included.` } };
    }
    return { responseBody: { content: body.toString("base64"), encoding: "BASE64" } };
}
