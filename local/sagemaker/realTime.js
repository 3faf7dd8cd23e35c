import { notSupported, ServiceError } from "../wire";
import { endpointNameOf, HeaderReader, invalid } from "./invoke";
import { isClientError, modelErrorSentence, withoutAnswer } from "./modelError";
/** Bounds of InvokeEndpoint. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const largestPayloadBytes = 6 * 1024 * 1024;
const longestInvocationSeconds = 60;
const longestHeader = 1024;
/** Headers that address what the embedded cloud doesn't have. */
const refusedHeaders = [
    "target-model",
    "target-container-hostname",
    "enable-explanations",
    "inference-component",
    "session-id",
    "prefix-aware-id",
];
/** The model refused, or gave no answer: 424 with what it said. */
class ModelError extends Error {
    status;
    said;
    logStream;
    constructor(message, status, said, logStream) {
        super(message);
        this.status = status;
        this.said = said;
        this.logStream = logStream;
    }
}
/** True for the path of real-time inference. */
export function isRealTimeCall({ method, path }) {
    return method === "POST" && /^\/endpoints\/[^/]+\/invocations$/.test(path);
}
/**
 * The SageMaker runtime: `POST /endpoints/{EndpointName}/invocations`.
 *
 * @param find the endpoint, when it exists and takes requests
 * @throws ServiceError ValidationError for what the service refuses, also on an asynchronous endpoint (in our words: no document has the service's)
 */
export async function invokeEndpoint(request, cloud) {
    const { headers, body } = request;
    const endpointName = endpointNameOf(request.path);
    for (const name of refusedHeaders) {
        if (headers[`x-amzn-sagemaker-${name}`] !== undefined)
            throw notSupported(`InvokeEndpoint's header "X-Amzn-SageMaker-${name}"`);
    }
    if (body.length > largestPayloadBytes) {
        throw invalid("body", `${body.length} bytes`, `Member must have length less than or equal to ${largestPayloadBytes}`);
    }
    const read = new HeaderReader(headers);
    const customAttributes = read.text("customAttributes", "custom-attributes", longestHeader, /^\p{ASCII}*$/u);
    const inferenceId = read.text("inferenceId", "inference-id", 64, /^[\x21-\x7e][\x20-\x7e]*$/);
    const targetVariant = read.text("targetVariant", "target-variant", 63, /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/);
    const endpoint = cloud.find(endpointName);
    if (!endpoint)
        throw new ServiceError("ValidationError", `Endpoint ${endpointName} of account ${cloud.accountId} not found.`);
    if (endpoint.isAsynchronous) {
        throw new ServiceError("ValidationError", `Endpoint ${endpointName} is asynchronous and can't be invoked in real time: use InvokeEndpointAsync.`);
    }
    if (targetVariant !== undefined && targetVariant !== endpoint.variantName) {
        throw new ServiceError("ValidationError", `Variant ${targetVariant} not found for Request.`);
    }
    try {
        const answer = await endpoint.invoke({
            headers: {
                "Content-Type": headers["content-type"] ?? "application/octet-stream",
                ...(headers.accept !== undefined && { Accept: headers.accept }),
                ...(customAttributes !== undefined && { "X-Amzn-SageMaker-Custom-Attributes": customAttributes }),
                ...(inferenceId !== undefined && { "X-Amzn-SageMaker-Inference-Id": inferenceId }),
            },
            body,
        });
        return {
            status: 200,
            headers: { "content-type": answer.contentType, "x-Amzn-Invoked-Production-Variant": endpoint.variantName },
            body: answer.body,
        };
    }
    catch (error) {
        if (!(error instanceof ModelError))
            throw error;
        return {
            status: 424,
            headers: { "content-type": "application/json", "x-amzn-errortype": "ModelError" },
            body: JSON.stringify({
                Message: error.message,
                OriginalStatusCode: error.status,
                OriginalMessage: error.said,
                LogStreamArn: error.logStream,
            }),
        };
    }
}
/** Runs one request on a container, for at most the service's 60 s. @throws ModelError unless the model answers 2xx */
export async function invokeRealTime(request, container, site) {
    const { context, variantName, metrics } = site;
    const { clock } = context;
    const timeout = new AbortController();
    const timer = clock.setTimeout(() => timeout.abort(), longestInvocationSeconds * 1000);
    const from = clock.now();
    const fail = (status, message) => {
        metrics.variant(variantName, [{ name: isClientError(status) ? "Invocation4XXErrors" : "Invocation5XXErrors", value: 1 }]);
        const { region, accountId } = context;
        const logStream = `arn:aws:logs:${region}:${accountId}:log-group:/aws/sagemaker/Endpoints/${site.endpointName}:log-stream:${site.logStream}`;
        const sentence = modelErrorSentence(context, { endpointName: site.endpointName, container: "primary", status, message });
        return new ModelError(sentence, status, message, logStream);
    };
    try {
        const answer = await container.invoke(request, timeout.signal).catch((error) => {
            throw fail(0, withoutAnswer(error, timeout.signal, "primary"));
        });
        if (answer.status < 200 || answer.status >= 300)
            throw fail(answer.status, answer.body.toString());
        return answer;
    }
    finally {
        clock.clearTimeout(timer);
        metrics.variant(variantName, [
            { name: "Invocations", value: 1 },
            { name: "ModelLatency", value: (clock.now() - from) * 1000 },
        ]);
    }
}
