import { expect } from "chai";
import * as fc from "fast-check";
import { codedError } from "../../../core/records/errors";
import { classifyFailure, classifyFailureObject, classifyInvokeError, classifyServiceError, isToldByAnswer, messageOf, otherRegionOf, } from "../../../core/messages/classify";
const see = "See https://eu-west-1.console.aws.amazon.com/cloudwatch/home#group=/aws/sagemaker/Endpoints/expired-upload in account 123456789012 for more information.";
describe("classifyFailure", () => {
    for (const [reason, code, state, inDoubt] of [
        [`ClientError: Received server error (500) from model. ${see}`, "MODEL_ERROR", "FAILED", false],
        [
            `ClientError: Received client error (400) from primary with message "token expired, request timed out". ${see}`,
            "MODEL_ERROR",
            "FAILED",
            false,
        ],
        [
            `ClientError: Received server error (0) from model with message "Your invocation timed out while waiting for a response from container model." ${see}`,
            "TIMEOUT",
            "FAILED",
            false,
        ],
        [
            `ClientError: Received server error (0) from model with message "the answer has no Content-Length". ${see}`,
            "BAD_OUTPUT",
            "FAILED",
            false,
        ],
        [
            `ClientError: Received server error (0) from model with message "An error occurred while handling request as the model process exited." ${see}`,
            "IN_DOUBT",
            "FAILED",
            true,
        ],
        [
            "ClientError: Failed to download the input from s3://expired/forbidden.png: NoSuchKey: The specified key does not exist.",
            "NOT_FOUND",
            "FAILED",
            false,
        ],
        [
            "ClientError: Failed to download the input from s3://b/404: AccessDenied: Access Denied. Make sure arn:aws:iam::1:role/not-found may read it.",
            "ACCESS_DENIED",
            "FAILED",
            false,
        ],
        [
            "ClientError: Failed to download the input from s3://b/k: it has 2000000000 bytes, at most 1073741824 are accepted",
            "BAD_INPUT",
            "FAILED",
            false,
        ],
        [
            "ClientError: Failed to download the input from s3://b/k: InternalError: We encountered an internal error",
            "UNAVAILABLE",
            "FAILED",
            true,
        ],
        ["ClientError: Failed to upload the response to s3://b/k: AccessDenied: Access Denied", "ACCESS_DENIED", "FAILED", false],
        ["ClientError: Failed to upload the response to s3://b/k: EntityTooLarge", "BAD_OUTPUT", "FAILED", false],
        ["The request expired after 21600 seconds in the queue", "EXPIRED", "EXPIRED", true],
        ["Request exceeded its RequestTTLSeconds", "EXPIRED", "EXPIRED", true],
        ["Model invocation timed out", "TIMEOUT", "FAILED", false],
        ["InsufficientInstanceCapacity", "CAPACITY", "FAILED", true],
        ["User is not authorized to perform sts:AssumeRole", "ACCESS_DENIED", "FAILED", false],
        ["NoSuchBucket: The specified bucket does not exist", "NOT_FOUND", "FAILED", false],
        ["ModelError: the model said no", "MODEL_ERROR", "FAILED", false],
        [
            `ClientError: Received server error (0) from model with message "The container closed the connection while the input was being sent." ${see}`,
            "UNAVAILABLE",
            "FAILED",
            false,
        ],
        ["The response from container primary did not specify the required Content-Length header", "BAD_OUTPUT", "FAILED", false],
        ["InternalServerException", "IN_DOUBT", "FAILED", true],
        ["Requests expire in the queue", "EXPIRED", "EXPIRED", true],
        ["The invocation hit a time-out", "TIMEOUT", "FAILED", false],
        ["Insufficient instance capacity", "CAPACITY", "FAILED", true],
        ["Insufficient capacity", "CAPACITY", "FAILED", true],
        ["InsufficientInstance Capacity", "CAPACITY", "FAILED", true],
        ["AccessDenied", "ACCESS_DENIED", "FAILED", false],
        ["See http://host/expired-404", "IN_DOUBT", "FAILED", true],
        ["s3://timed/out of order", "IN_DOUBT", "FAILED", true],
        [`${"x".repeat(1001)} NoSuchKey`, "IN_DOUBT", "FAILED", true],
        ["", "IN_DOUBT", "FAILED", true],
    ]) {
        it(`takes "${reason.length > 1000 ? "what is said at length" : reason.slice(0, 90)}" for ${code}${inDoubt ? ", which another attempt may mend" : ""}`, () => {
            const failure = classifyFailure(reason);
            expect([failure.error.code, failure.state, failure.inDoubt]).to.deep.equal([code, state, inDoubt]);
            expect(failure.error.message).to.equal(reason.slice(0, 1000));
        });
    }
    it("says something to do about every failure there can be, in a record that fits the table", () => {
        fc.assert(fc.property(fc.string({ maxLength: 3000 }), (reason) => {
            const { error } = classifyFailure(reason);
            expect([error.advice === "", Math.max(0, error.message.length - 1000)]).to.deep.equal([false, 0]);
        }));
    });
    it("keeps as much of the service's words as fits, and names the input as the field at fault", () => {
        const words = `Failed to download the input: too large ${"x".repeat(2000)}`;
        expect(classifyFailure(words).error).to.deep.equal(codedError("BAD_INPUT", words.slice(0, 1000), { field: "input" }));
    });
});
describe("classifyFailureObject", () => {
    for (const [what, text, code] of [
        ["the service's own sentence", "ClientError: Failed to upload the response to s3://b/k: EntityTooLarge", "BAD_OUTPUT"],
        ["an exception of the service's", "InternalServerException", "IN_DOUBT"],
        ["the model's words", "upload expired", "MODEL_ERROR"],
        ["the model's words about such an exception", "500: InternalServerException", "MODEL_ERROR"],
        ["a container that repeats such a sentence", "upstream said: received server error (0) from gpu-pool, timed out", "MODEL_ERROR"],
        ["a container that speaks of its own queue", "RequestTTL of my own queue exceeded", "MODEL_ERROR"],
        ["a fault of the service's own", "InternalFailure: x timed out", "TIMEOUT"],
        ["what the service says of its instances", "ClientException: Insufficient capacity", "CAPACITY"],
        ["a missing page of the model's", "ValueError: page access denied by publisher", "MODEL_ERROR"],
        ["the model's words that quote the service's", "got: The response from container primary did not specify a length", "MODEL_ERROR"],
        ["an answer without a length", "The response from container primary did not specify the required Content-Length header", "BAD_OUTPUT"],
    ]) {
        it(`takes ${what} for ${code}`, () => {
            expect(classifyFailureObject(text).error).to.deep.equal(codedError(code, text));
        });
    }
    it("takes the container's words for its own in whichever document it sends them", () => {
        const said = "user 42 not found in the model's vocabulary";
        for (const document of [{ error: said }, { message: said }, { error: { message: said } }, { detail: said }]) {
            expect(classifyFailureObject(JSON.stringify(document)).error).to.deep.equal(codedError("MODEL_ERROR", said));
        }
        const disguised = JSON.stringify({ message: "ClientError: Failed to download the input: NoSuchKey" });
        expect(classifyFailureObject(disguised).error.code).to.equal("MODEL_ERROR");
    });
    it("says that nothing can be read of an empty object", () => {
        for (const text of [undefined, "", " \n"]) {
            expect(classifyFailureObject(text).error).to.deep.equal(codedError("MODEL_ERROR", "The invocation failed; its failure object is empty or can't be read."));
        }
    });
    it("keeps as much of the model's words as fits a record", () => {
        const words = `Traceback${" in a line".repeat(200)} ValueError: no page`;
        expect(classifyFailureObject(words)).to.deep.equal({
            error: codedError("MODEL_ERROR", `${words.slice(0, 300)} … ${words.slice(-697)}`),
            state: "FAILED",
            inDoubt: false,
            notRun: false,
        });
    });
});
describe("messageOf", () => {
    for (const [answer, message] of [
        ['{"message":"","error":{"message":"inner"},"detail":"outer"}', "inner"],
        ['{"error":null,"errorMessage":"late"}', "late"],
        ['{"error":{"message":""},"detail":"d"}', "d"],
        ['{"error":5}', '{"error":5}'],
        ["null", "null"],
        ["<h1>502</h1>", "<h1>502</h1>"],
        ["x".repeat(1000), "x".repeat(1000)],
        ["x".repeat(1001), `${"x".repeat(300)} … ${"x".repeat(697)}`],
    ]) {
        it(`shows the words that say something in ${answer.slice(0, 60)} (${answer.length} characters)`, () => {
            expect(messageOf(answer)).to.equal(message);
        });
    }
});
describe("isToldByAnswer", () => {
    for (const [reason, told] of [
        ["ClientError: Received server error (503) from model.", true],
        ["ClientError: Received server error (500) from model.", true],
        // Every 413 means the same.
        ["ClientError: Received client error (413) from model.", false],
        ["ClientError: Received client error (418) from model.", false],
        ["ClientError: Received server error (0) from model.", false],
        ["The request expired", false],
    ]) {
        it(`${told ? "has the failure object read" : "saves the read of the failure object"} for "${reason}"`, () => {
            expect(isToldByAnswer(reason)).to.equal(told);
        });
    }
});
describe("otherRegionOf", () => {
    const header = { headers: { "x-amz-bucket-region": "us-east-2" } };
    const answered = (httpStatusCode, name, $response) => ({ name, $metadata: { httpStatusCode }, $response });
    for (const [what, error, region] of [
        ["a redirection of HEAD, which has no words", answered(301, "301", header), "us-east-2"],
        ["a redirection that says no region", answered(301, "PermanentRedirect", {}), ""],
        ["a redirection by name", answered(307, "PermanentRedirect", header), "us-east-2"],
        ["a signature for another region", answered(400, "AuthorizationHeaderMalformed", header), "us-east-2"],
        ["a refusal without words", answered(400, "400", header), "us-east-2"],
        ["a refusal without words or region", answered(400, "400", { headers: {} }), undefined],
        ["a token that has expired", answered(400, "ExpiredToken", header), undefined],
        ["a wrong signature", answered(400, "SignatureDoesNotMatch", header), undefined],
        ["a missing permission", answered(403, "403", header), undefined],
        ["what only sounds so", answered(404, "NoPermanentRedirect", header), undefined],
        ["what only begins so", answered(404, "PermanentRedirectGone", header), undefined],
        ["no answer", { name: "TimeoutError" }, undefined],
    ]) {
        it(`finds the bucket's region for the advice where S3 gives it, and blames no region otherwise: ${what}`, () => {
            expect(otherRegionOf(error)).to.equal(region);
        });
    }
});
describe("classifyInvokeError", () => {
    const answered = (status, name, message = "") => Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
    const broken = (code) => Object.assign(new Error(code), { code, $metadata: {} });
    for (const [what, error, kind, code, retryable] of [
        ["throttling", answered(400, "ThrottlingException"), "refused", "THROTTLED", true],
        ["throttling by status", answered(429, "Whatever"), "refused", "THROTTLED", true],
        ["503", answered(503, "ServiceUnavailable"), "refused", "UNAVAILABLE", true],
        ["a bad request", answered(400, "ValidationError", "1 validation error detected"), "refused", "BAD_INPUT", false],
        [
            "an endpoint that is being made",
            answered(400, "ValidationError", "Endpoint ocr of account 1 not found."),
            "refused",
            "UNAVAILABLE",
            true,
        ],
        [
            "what is about an endpoint that is there",
            answered(400, "ValidationError", "The endpoint is real-time"),
            "refused",
            "BAD_INPUT",
            false,
        ],
        ["what is not there and no endpoint", answered(400, "ValidationError", "Variant not found"), "refused", "BAD_INPUT", false],
        [
            "an endpoint that is not in service",
            answered(400, "ValidationError", "Endpoint ocr is not in service"),
            "refused",
            "UNAVAILABLE",
            true,
        ],
        ["an endpoint that is not InService", answered(400, "ValidationError", "Endpoint ocr not InService"), "refused", "UNAVAILABLE", true],
        ["a code beside an answer", Object.assign(answered(500, "Whatever"), { code: "ECONNREFUSED" }), "unknown", "IN_DOUBT", false],
        ["the last status of a refusal", answered(499, "Whatever"), "refused", "BAD_INPUT", false],
        ["a redirection", answered(399, "Whatever"), "unknown", "IN_DOUBT", false],
        ["a missing permission", answered(403, "AccessDeniedException"), "refused", "ACCESS_DENIED", false],
        ["a missing permission by name", answered(400, "AccessDeniedException"), "refused", "ACCESS_DENIED", false],
        ["500", answered(500, "InternalFailure"), "unknown", "IN_DOUBT", false],
        ["502 of something between", answered(502, "UnknownError"), "unknown", "IN_DOUBT", false],
        ["a request that took too long to arrive", answered(408, "RequestTimeout"), "unknown", "IN_DOUBT", false],
        ["a refused connection", broken("ECONNREFUSED"), "refused", "UNAVAILABLE", true],
        ["a name that does not resolve", broken("ENOTFOUND"), "refused", "UNAVAILABLE", true],
        ["a name server that does not answer", broken("EAI_AGAIN"), "refused", "UNAVAILABLE", true],
        ["a reset connection", broken("ECONNRESET"), "unknown", "IN_DOUBT", false],
        ["an abort", Object.assign(new Error("aborted"), { name: "AbortError" }), "unknown", "IN_DOUBT", false],
        ["no credentials", Object.assign(new Error("none"), { name: "CredentialsProviderError" }), "refused", "ACCESS_DENIED", false],
    ]) {
        it(`knows whether the service may have taken the request: ${what} is ${kind}`, () => {
            const outcome = classifyInvokeError(error);
            expect([outcome.kind, outcome.error.code, outcome.error.retryable]).to.deep.equal([kind, code, retryable]);
        });
    }
});
describe("what InvokeEndpointAsync says", () => {
    it("is kept as far as it fits, with what to do about an endpoint that comes back", () => {
        const message = `Endpoint ocr is updating. ${"x".repeat(2000)}`;
        const error = Object.assign(new Error(message), { name: "ValidationError", $metadata: { httpStatusCode: 400 } });
        expect(classifyInvokeError(error).error).to.deep.equal(codedError("UNAVAILABLE", `ValidationError: ${message}`.slice(0, 1000), {
            advice: "Wait until the endpoint is InService; the job is kept.",
        }));
    });
});
describe("classifyServiceError", () => {
    const answered = (status, name) => Object.assign(new Error("m"), { name, $metadata: { httpStatusCode: status } });
    for (const [error, code] of [
        [answered(400, "ProvisionedThroughputExceededException"), "THROTTLED"],
        [answered(503, "SlowDown"), "THROTTLED"],
        [answered(500, "InternalError"), "UNAVAILABLE"],
        [answered(500, "Whatever"), "UNAVAILABLE"],
        [answered(429, "Whatever"), "THROTTLED"],
        [answered(499, "Whatever"), undefined],
        [answered(404, "AccessDenied"), undefined],
        [answered(403, "AccessDenied"), "ACCESS_DENIED"],
        // DynamoDB and every other service that speaks JSON.
        [answered(400, "AccessDeniedException"), "ACCESS_DENIED"],
        [answered(400, "ValidationException"), undefined],
        [answered(400, "NoAccessDenied"), undefined],
        [Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), "UNAVAILABLE"],
        [Object.assign(answered(404, "NoSuchKey"), { code: "ECONNRESET" }), undefined],
        [Object.assign(new Error("no such"), { code: "MY_ECONN" }), undefined],
        [Object.assign(new Error("no such"), { code: "ENOENT-2" }), undefined],
        [Object.assign(new Error("no address"), { code: "ENOTFOUND" }), "UNAVAILABLE"],
        [Object.assign(new Error("late"), { name: "TimeoutError" }), "UNAVAILABLE"],
        [Object.assign(new TypeError("our own mistake"), { code: "ERR_INVALID_ARG_TYPE" }), undefined],
        [new TypeError("our own mistake"), undefined],
    ]) {
        it(`answers ${error.name}${"code" in error ? ` ${error.code}` : ""} with ${code ?? "nothing: it must not look like the caller's"}`, () => {
            expect(classifyServiceError(error)?.code).to.equal(code);
        });
    }
    it("takes nothing, which code may reject with, for no service's: a TypeError would hide where it came from", () => {
        expect([classifyServiceError(undefined), classifyServiceError(null)]).to.deep.equal([undefined, undefined]);
    });
    it("keeps as much of the service's words as fits an answer", () => {
        const error = Object.assign(new Error("x".repeat(2000)), { name: "SlowDown", $metadata: { httpStatusCode: 503 } });
        expect(classifyServiceError(error)).to.deep.equal(codedError("THROTTLED", `SlowDown: ${"x".repeat(990)}`));
    });
});
