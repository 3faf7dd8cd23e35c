import { expect } from "chai";
import { classifyFailure, classifyFailureObject } from "../../../core/messages/classify";
import { serverAnswers } from "../../../core/messages/serverAnswers";
const document = (code, type, message) => JSON.stringify({ code, type, message });
const reasonOf = (status) => `ClientError: Received ${status < 500 ? "client" : "server"} error (${status}) from model. See the log.`;
/** What each server was measured to answer, and what it is: code, whether the job is tried again, and a word that its advice must have. */
const answers = [
    ["multi-model-server: an input over its limit", 413, "", "BAD_INPUT", "ends", "MMS_MAX_REQUEST_SIZE"],
    ["TorchServe: an input over its limit", 413, "", "BAD_INPUT", "ends", "TS_MAX_REQUEST_SIZE"],
    ["DJL Serving: an input over its limit", 413, "", "BAD_INPUT", "ends", "SERVING_MAX_REQUEST_SIZE"],
    ["WhisperX: an input over its limit", 413, '{"detail":"Upload too large"}', "BAD_INPUT", "ends", "WHISPERX_MAX_UPLOAD_BYTES"],
    ["nginx: an input over its limit", 413, "<h1>413 Request Entity Too Large</h1>", "BAD_INPUT", "ends", "client_max_body_size"],
    [
        "multi-model-server: time, answer or crash",
        500,
        document(500, "InternalServerException", "Worker died."),
        "MODEL_ERROR",
        "ends",
        "MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS",
    ],
    [
        "TorchServe: time, answer or crash",
        500,
        document(500, "InternalServerException", "Worker died."),
        "MODEL_ERROR",
        "ends",
        "TS_MAX_RESPONSE_SIZE",
    ],
    [
        "TorchServe: a model that is not loaded",
        500,
        document(500, "InternalServerException", "Worker died."),
        "MODEL_ERROR",
        "ends",
        "loaded",
    ],
    ["a model's own exception", 500, "ValueError: no page", "MODEL_ERROR", "ends", "failure object"],
    [
        "DJL Serving: its own time limit",
        503,
        document(503, "TranslateException", "java.util.concurrent.TimeoutException"),
        "TIMEOUT",
        "ends",
        "PREDICT_TIMEOUT",
    ],
    [
        "DJL Serving: an answer over its limit",
        503,
        document(503, "TranslateException", "Message size exceed limit: 30000000"),
        "MODEL_ERROR",
        "ends",
        "MAX_NETTY_BUFFER_SIZE",
    ],
    [
        "DJL Serving: full",
        503,
        document(503, "WlmCapacityException", "Worker queue capacity exceeded for model: m"),
        "THROTTLED",
        "tried again",
        "SERVING_JOB_QUEUE_SIZE",
    ],
    ["DJL Serving: failed", 503, document(503, "WlmException", "Model is not ready: FAILED"), "UNAVAILABLE", "tried again", "log"],
    [
        "TorchServe: no worker",
        503,
        document(503, "ServiceUnavailableException", 'Model "m" has no worker to serve inference request.'),
        "UNAVAILABLE",
        "tried again",
        "SAGEMAKER_MODEL_SERVER_WORKERS",
    ],
    ["WhisperX: full", 503, '{"detail":"Server busy"}', "UNAVAILABLE", "tried again", "WHISPERX_MAX_QUEUE"],
    ["a server that limits its rate", 429, "slow down", "THROTTLED", "tried again", "maxConcurrentInvocationsPerInstance"],
    ["MLflow: its own time limit", 504, "Request timed out", "TIMEOUT", "ends", "MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT"],
    ["nginx: its own time limit", 504, "<h1>504 Gateway Time-out</h1>", "TIMEOUT", "ends", "proxy_read_timeout"],
    ["Ray Serve: its own time limit", 408, "", "TIMEOUT", "ends", "RAYSERVE_BACKEND_TIMEOUT"],
    ["multi-model-server: no memory", 507, "", "MODEL_ERROR", "ends", "memory"],
];
describe("what servers answer when it is not the model that speaks", () => {
    for (const [what, status, body, code, next, advice] of answers) {
        it(`ends as ${code}, or is tried again, with the variable to set: ${what}`, () => {
            const { error, inDoubt, notRun } = classifyFailure(reasonOf(status), body);
            expect([error.code, inDoubt, notRun ? "tried again" : "ends"]).to.deep.equal([code, false, next]);
            expect(error.advice).to.contain(advice);
        });
        it(`is the same when the sentence repeats the answer: ${what}`, () => {
            const sentence = `ClientError: Received server error (${status}) from primary with message "${body}". See the log.`;
            expect(classifyFailure(sentence).error.code).to.equal(code);
        });
    }
    it("has a test for each row", () => {
        const tested = (row) => answers.some(([, status, body]) => status === row.status && body.includes(row.says ?? ""));
        expect(serverAnswers.filter((row) => !tested(row)).map(({ status, says }) => [status, says])).to.deep.equal([]);
    });
    it("names whose limit a time-out was: the server's, or the job's own", () => {
        const own = 'ClientError: Received server error (0) from model with message "Your invocation timed out while waiting for a response".';
        expect(classifyFailure(reasonOf(504)).error.advice).to.contain("not invocationTimeoutSeconds");
        expect(classifyFailure(own).error.advice).to.match(/^Raise invocationTimeoutSeconds .* maxConcurrentInvocationsPerInstance/);
    });
    it("points at the input when that is too large, and at nothing else", () => {
        expect(classifyFailure(reasonOf(413)).error.field).to.equal("input");
        expect(classifyFailure(reasonOf(503)).error.field).to.equal(undefined);
    });
    it("is known from an error document although its status was not told, and from nothing less", () => {
        const of = (text) => {
            const { error, notRun } = classifyFailureObject(text);
            return [error.code, error.message, notRun];
        };
        expect(of(document(503, "WlmCapacityException", "queue full"))).to.deep.equal(["THROTTLED", "queue full", true]);
        expect(of("503 WlmCapacityException")).to.deep.equal(["MODEL_ERROR", "503 WlmCapacityException", false]);
        for (const text of ["null", "[]", "5"])
            expect(of(text)).to.deep.equal(["MODEL_ERROR", text, false]);
        expect(of('{"code":503,"message":"busy"}')).to.deep.equal(["MODEL_ERROR", "busy", false]);
        expect(of('{"code":"503","type":"x","message":"busy"}')).to.deep.equal(["MODEL_ERROR", "busy", false]);
    });
});
