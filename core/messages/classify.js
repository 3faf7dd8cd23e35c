import { codedError } from "../records/errors";
import { isToldByBody, serverAnswerIn, serverAnswerOf } from "./serverAnswers";
/** As much of an error's words as a record holds. */
const mostCharacters = 1000;
/** How much of it is from the beginning of what is longer. */
const beginning = 300;
/**
 * Classifies why an invocation failed, from what stands at the failure location: the container's own answer, or a sentence of the
 * service's when there was none. Who wrote it decides first, and what a container says decides nothing about that: only a sentence
 * that begins as the service's do is the service's. The one rule for whoever reads a failure object.
 *
 * @param text the object as it is, or its beginning; undefined when it is empty or can't be read
 */
export function classifyFailureObject(text) {
    const said = text?.trim() ?? "";
    if (said === "")
        return failed("MODEL_ERROR", "The invocation failed; its failure object is empty or can't be read.");
    if (isOfService(said))
        return classifyFailure(said);
    return failedByServer(serverAnswerIn(said), messageOf(said));
}
/** What a container's answer says: the message of an error document, else the answer itself; as much of it as a record holds. */
export function messageOf(answer) {
    const said = messageIn(answer) ?? answer;
    // The last line of a traceback says what went wrong.
    return said.length <= mostCharacters ? said : `${said.slice(0, beginning)} … ${said.slice(beginning + 3 - mostCharacters)}`;
}
/** The beginnings of the service's sentences that are known. */
function isOfService(text) {
    return (/^(Client|Server|Internal)[A-Za-z]*(Error|Exception|Failure)\b/.test(text) ||
        /^(The response from container \S+ did not specify|Your invocation timed out while waiting for a response from container)\b/.test(text));
}
/** The message in an error document, by the names that servers give it. */
function messageIn(text) {
    try {
        const { message, error, errorMessage, detail } = JSON.parse(text);
        const nested = typeof error === "object" && error !== null ? error["message"] : error;
        return [message, nested, errorMessage, detail].find((value) => typeof value === "string" && value !== "");
    }
    catch {
        return undefined;
    }
}
/** Whether the container's answer, which stands at the failure location, makes a difference to what a notification says. */
export function isToldByAnswer(reason) {
    const status = containerStatus(reason);
    return status !== undefined && isToldByBody(status);
}
/** The status with which the container answered; 0 when it gave no answer, undefined when it isn't what the reason is about. */
function containerStatus(reason) {
    const status = /received (?:server|client) error \((\d+)\)/i.exec(withoutNames(reason))?.[1];
    return status === undefined ? undefined : Number(status);
}
/** Names that users choose are in URIs and ARNs: a bucket called "expired" must not decide anything. */
function withoutNames(text) {
    return text.slice(0, mostCharacters).replace(/(?:s3:\/\/|https?:\/\/|arn:)\S+/g, "");
}
/**
 * Classifies why an invocation failed, from the notification's `failureReason`.
 *
 * The service documents no list of reasons: the patterns are those of its messages that are known, and what
 * matches none is in doubt.
 *
 * @param answer what the container answered, where {@link isToldByAnswer} says that it counts and it is known
 */
export function classifyFailure(reason, answer) {
    const message = reason;
    const text = withoutNames(reason);
    const status = containerStatus(reason);
    if (status !== undefined && status > 0) {
        // The service repeats the answer in its sentence, or leaves it to the failure object.
        return failedByServer(serverAnswerOf(status, `${text}\n${answer ?? ""}`), message);
    }
    if (status === 0) {
        if (timedOut(text))
            return failed("TIMEOUT", message);
        if (/connection while the input was being sent/i.test(text))
            return { ...failed("UNAVAILABLE", message, cutOff), notRun: true };
        if (/content-length|response|header/i.test(text))
            return failed("BAD_OUTPUT", message);
        return inDoubt("IN_DOUBT", message);
    }
    if (/\bdownload/i.test(text))
        return noInput(text, message);
    if (/\bupload/i.test(text))
        return failed(accessDenied(text) ? "ACCESS_DENIED" : "BAD_OUTPUT", message);
    if (/\bexpired?\b|\bTTL\b|RequestTTL/i.test(text))
        return { ...inDoubt("EXPIRED", message), state: "EXPIRED" };
    if (timedOut(text))
        return failed("TIMEOUT", message);
    if (/\bcontent-length\b/i.test(text))
        return failed("BAD_OUTPUT", message);
    if (/insufficient\s*(instance\s*)?capacity/i.test(text))
        return inDoubt("CAPACITY", message);
    if (accessDenied(text))
        return failed("ACCESS_DENIED", message);
    if (missing(text))
        return failed("NOT_FOUND", message);
    if (/\bModelError\b/.test(text))
        return failed("MODEL_ERROR", message);
    return inDoubt("IN_DOUBT", message);
}
const cutOff = {
    advice: "The server in the container hung up before it had read the input, so the model did not run. An input that is too large for it is the " +
        "usual cause: raise its limit in `environment` (MMS_MAX_REQUEST_SIZE, TS_MAX_REQUEST_SIZE, SERVING_MAX_REQUEST_SIZE).",
};
function failedByServer(row, message) {
    if (row === undefined)
        return failed("MODEL_ERROR", message);
    const { code, field, advice, notRun = false } = row;
    return { ...failed(code, message, { field, ...(advice === undefined ? {} : { advice }) }), notRun };
}
/** The model never got its input: what is wrong with the input stays wrong, the rest may pass. */
function noInput(text, message) {
    if (accessDenied(text))
        return failed("ACCESS_DENIED", message);
    if (missing(text))
        return failed("NOT_FOUND", message);
    if (/\d bytes|too large|exceed/i.test(text))
        return failed("BAD_INPUT", message, { field: "input" });
    return inDoubt("UNAVAILABLE", message);
}
function timedOut(text) {
    return /\btim(?:ed|e)[ -]?out\b/i.test(text);
}
function accessDenied(text) {
    return /access ?denied|not authorized|forbidden|\b403\b/i.test(text);
}
function missing(text) {
    return /NoSuchKey|NoSuchBucket|NotFound|not found|does not exist|\b404\b/i.test(text);
}
function failed(code, message, details = {}) {
    return { error: codedError(code, message.slice(0, mostCharacters), details), state: "FAILED", inDoubt: false, notRun: false };
}
function inDoubt(code, message) {
    return { ...failed(code, message), inDoubt: true };
}
/**
 * Whether InvokeEndpointAsync, having thrown, has certainly not queued the request (`refused`) or may have (`unknown`).
 *
 * Refused are 4xx, throttling and 503, and what failed before anything was sent.
 */
export function classifyInvokeError(thrown) {
    const { name, message, code, $metadata } = thrown;
    const text = `${String(name)}: ${String(message)}`.slice(0, mostCharacters);
    const status = $metadata?.httpStatusCode;
    const refused = (as, advice) => ({ kind: "refused", error: codedError(as, text, { advice }) });
    if (/throttl|TooManyRequests|LimitExceeded/i.test(String(name)) || status === 429)
        return refused("THROTTLED");
    if (status === 503)
        return refused("UNAVAILABLE");
    // The SDK has heard the service's time, and signs the next try by it.
    if (isClockRefusal(thrown))
        return refused("UNAVAILABLE", "Set this machine's clock, or send the same request again.");
    if (isDenied(name, status))
        return refused("ACCESS_DENIED");
    if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
        // Such an endpoint is being created or brought back: the job is kept, and can be sent again.
        const comesBack = /endpoint/i.test(text) && /not found|could not find|not in ?service|creating|updating|does not exist/i.test(text);
        return comesBack ? refused("UNAVAILABLE", "Wait until the endpoint is InService; the job is kept.") : refused("BAD_INPUT");
    }
    if (status === undefined && ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(String(code)))
        return refused("UNAVAILABLE");
    if (name === "CredentialsProviderError")
        return refused("ACCESS_DENIED");
    return { kind: "unknown", error: codedError("IN_DOUBT", text) };
}
/** The coded error of an S3, DynamoDB or SNS call that threw; undefined for what nobody but us can mend. */
export function classifyServiceError(thrown) {
    const { name, message, code, $metadata } = (thrown ?? {});
    const status = $metadata?.httpStatusCode;
    const text = `${String(name)}: ${String(message)}`.slice(0, mostCharacters);
    if (/throttl|TooManyRequests|ProvisionedThroughput|SlowDown|RequestLimit/i.test(String(name)) || status === 429) {
        return codedError("THROTTLED", text);
    }
    if (isDenied(name, status))
        return codedError("ACCESS_DENIED", text);
    if (status !== undefined && status >= 500)
        return codedError("UNAVAILABLE", text);
    // No answer at all: a name that doesn't resolve, a connection refused or reset, a time-out.
    const unanswered = status === undefined && (/^E(?!RR_)[A-Z_]+$/.test(String(code)) || /timeout/i.test(String(name)));
    return unanswered ? codedError("UNAVAILABLE", text) : undefined;
}
/**
 * The region of a bucket, when S3 refused a call because it is another than the call's; empty when S3 doesn't say which. HEAD is
 * answered without a body, so that only status and header tell.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 */
export function otherRegionOf(thrown) {
    const { name, $metadata, $response } = thrown;
    const region = $response?.headers?.["x-amz-bucket-region"] ?? "";
    const status = $metadata?.httpStatusCode;
    const isRedirect = status === 301 || /^(PermanentRedirect|AuthorizationHeaderMalformed)$/.test(String(name));
    const isWordless = status === 400 && region !== "" && !/Token|Signature|Credential/.test(String(name));
    return isRedirect || isWordless ? region : undefined;
}
/**
 * Whether a service refused a call because its signature is of another time than the service's.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
 */
export function isClockRefusal(thrown) {
    const { name, message } = thrown;
    if (/^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture)$/.test(String(name)))
        return true;
    return /^(InvalidSignature|SignatureDoesNotMatch)/.test(String(name)) && /expired|not yet current/i.test(String(message));
}
/** Services that speak JSON, DynamoDB among them, refuse a caller with 400. */
function isDenied(name, status) {
    return status === 403 || (status === 400 && /^AccessDenied/.test(String(name)));
}
