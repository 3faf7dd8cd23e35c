import { ConnectionError, ContractError } from "./exchange";
/** In the service's words, as far as they are known: `Received server error (500) from model. See …`; status 0 when there was no answer. */
export function modelErrorSentence({ region, accountId }, { endpointName, container, status, message, }) {
    const logGroup = `/aws/sagemaker/Endpoints/${endpointName}`;
    const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=${logGroup}`;
    return (`Received ${isClientError(status) ? "client" : "server"} error (${status}) from ${container}${message ? ` with message "${message}"` : ""}. ` +
        `See ${console} in account ${accountId} for more information.`);
}
/** Why there was no answer. @throws the error itself when it is our own mistake */
export function withoutAnswer(error, timeout, container) {
    if (timeout.aborted) {
        return (`Your invocation timed out while waiting for a response from container ${container}. ` +
            "Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.");
    }
    if (error instanceof ContractError)
        return error.message;
    if (error instanceof ConnectionError && !error.wasSent)
        return "The container closed the connection while the input was being sent.";
    if (error instanceof ConnectionError)
        return "An error occurred while handling request as the model process exited.";
    throw error;
}
/** Decides between the metrics Invocation4XXErrors and Invocation5XXErrors too. */
export function isClientError(status) {
    return status >= 400 && status < 500;
}
