import { randomUUID } from "node:crypto";
import { notSupported, ServiceError } from "../wire";
/** Bounds of InvokeEndpointAsync, from the service's API model. */
const bounds = {
    headerCharacters: 1024,
    endpointNameCharacters: 63,
    inferenceIdCharacters: 64,
    outputPathExtensionCharacters: 512,
    filenameCharacters: 32,
    inlinePayloadBytes: 128_000,
    requestTtlSeconds: { least: 60, most: 21_600, default: 21_600 },
    invocationTimeoutSeconds: { least: 1, most: 3_600, default: 900 },
};
/** True for the path of a call to the SageMaker runtime, which shares its signing name with the control plane. */
export function isRuntimeCall(path) {
    return path.startsWith("/endpoints/");
}
/**
 * The SageMaker runtime: `POST /endpoints/{EndpointName}/async-invocations`.
 *
 * @param find the endpoint, when it exists and takes requests
 * @throws ServiceError ValidationError for what the service refuses
 */
export function invokeEndpointAsync(request, cloud) {
    const [, , , operation, ...rest] = request.path.split("/");
    if (request.method !== "POST" || operation !== "async-invocations" || rest.length > 0) {
        throw notSupported(`${request.method} ${request.path} of the SageMaker runtime`);
    }
    const read = new HeaderReader(request.headers);
    const endpointName = endpointNameOf(request.path);
    const contentType = read.text("contentType", "content-type", bounds.headerCharacters, /^\p{ASCII}*$/u);
    const accept = read.text("accept", "accept", bounds.headerCharacters, /^\p{ASCII}*$/u);
    const customAttributes = read.text("customAttributes", "custom-attributes", bounds.headerCharacters, /^\p{ASCII}*$/u);
    const inferenceId = read.text("inferenceId", "inference-id", bounds.inferenceIdCharacters, /^[\x21-\x7e][\x20-\x7e]*$/) ?? randomUUID();
    const inputLocation = read.text("inputLocation", "inputlocation", bounds.headerCharacters, /^(https|s3):\/\/([^/]+)\/?([\x20-\x7e]*)$/);
    const extension = read.text("s3OutputPathExtension", "s3outputpathextension", bounds.outputPathExtensionCharacters, /^\p{ASCII}*$/u);
    const filename = read.text("filename", "filename", bounds.filenameCharacters, /^[^.]*\.?[^.]*$/);
    const requestTtlSeconds = read.seconds("requestTTLSeconds", "requestttlseconds", bounds.requestTtlSeconds);
    const invocationTimeoutSeconds = read.seconds("invocationTimeoutSeconds", "invocationtimeoutseconds", bounds.invocationTimeoutSeconds);
    const { body } = request;
    if (body.length > bounds.inlinePayloadBytes) {
        throw invalid("body", `${body.length} bytes`, `Member must have length less than or equal to ${bounds.inlinePayloadBytes}`);
    }
    if ((inputLocation === undefined) === (body.length === 0)) {
        throw new ServiceError("ValidationError", "Body and InputLocation are mutually exclusive. Provide exactly one of them.");
    }
    const endpoint = cloud.find(endpointName);
    if (!endpoint)
        throw new ServiceError("ValidationError", `Endpoint ${endpointName} of account ${cloud.accountId} not found.`);
    const { config } = endpoint;
    if (!config) {
        // In our words: no document has the service's.
        throw new ServiceError("ValidationError", `Endpoint ${endpointName} is not asynchronous: use InvokeEndpoint.`);
    }
    const { S3OutputPath, S3FailurePath } = config.OutputConfig;
    // Not derived from the inference id: clients that count on that break on the service too.
    const id = randomUUID();
    const outputLocation = join(S3OutputPath, extension, filename ?? `${id}.out`);
    // The documents don't say that the failure follows the two parameters of the output.
    const failureLocation = S3FailurePath === undefined ? undefined : join(S3FailurePath, undefined, `${id}-error.out`);
    endpoint.enqueue({
        inferenceId,
        endpointName,
        receivedAt: cloud.now,
        ...(contentType !== undefined && { contentType }),
        ...(accept !== undefined && { accept }),
        ...(customAttributes !== undefined && { customAttributes }),
        ...(inputLocation === undefined ? { inlinePayload: body } : { inputLocation }),
        outputLocation,
        ...(failureLocation !== undefined && { failureLocation }),
        requestTtlSeconds,
        invocationTimeoutSeconds,
        config,
    });
    return {
        status: 202,
        headers: {
            "content-type": "application/json",
            "X-Amzn-SageMaker-OutputLocation": outputLocation,
            "X-Amzn-SageMaker-FailureLocation": failureLocation,
        },
        body: JSON.stringify({ InferenceId: inferenceId }),
    };
}
/** The endpoint that a path of the runtime names. A valid name has nothing that is percent-encoded. @throws ServiceError */
export function endpointNameOf(path) {
    const endpointName = path.split("/")[2] ?? "";
    checkLength("endpointName", endpointName, bounds.endpointNameCharacters);
    checkPattern("endpointName", endpointName, /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/);
    return endpointName;
}
/** Reads and bounds the headers `X-Amzn-SageMaker-…`. */
export class HeaderReader {
    headers;
    constructor(headers) {
        this.headers = headers;
    }
    text(member, header, characters, pattern) {
        const value = this.headers[`x-amzn-sagemaker-${header}`];
        if (typeof value !== "string" || value === "")
            return undefined;
        checkLength(member, value, characters);
        checkPattern(member, value, pattern);
        return value;
    }
    seconds(member, header, bound) {
        const text = this.text(member, header, bounds.headerCharacters, /^-?\d+$/);
        if (text === undefined)
            return bound.default;
        const value = Number(text);
        if (value < bound.least)
            throw invalid(member, text, `Member must have value greater than or equal to ${bound.least}`);
        if (value > bound.most)
            throw invalid(member, text, `Member must have value less than or equal to ${bound.most}`);
        return value;
    }
}
function checkLength(member, value, most) {
    if (value.length > most)
        throw invalid(member, value, `Member must have length less than or equal to ${most}`);
}
function checkPattern(member, value, pattern) {
    if (!pattern.test(value))
        throw invalid(member, value, `Member must satisfy regular expression pattern: ${pattern.source}`);
}
/** As the service words it. */
export function invalid(member, value, constraint) {
    return new ServiceError("ValidationError", `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`);
}
/** One location of parts, whether or not they begin or end with a slash. */
function join(path, extension, name) {
    return [path, extension, name]
        .filter((part) => part !== undefined && part !== "")
        .map((part, index) => part.replace(index === 0 ? /\/+$/ : /^\/+|\/+$/g, ""))
        .join("/");
}
