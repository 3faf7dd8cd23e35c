var __addDisposableResource = (this && this.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (this && this.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";
import { endState } from "../../cli/states";
import { codedFrom } from "../../cli/failure";
import { SageMakerAsyncClient } from "../../client";
import { readContent } from "../../core/messages/content";
import { newJobId, readInferenceId } from "../../core/records/job";
/** For a trial, a model that takes longer for one file is broken. */
const invocationTimeoutSeconds = 600;
/** How long a job may wait behind all others: as long as the service keeps it. */
const timeoutSeconds = 86_400;
/** The cloud is in this process. */
const pollIntervalSeconds = 0.2;
/** Runs files through a deployed service by the product's own client. A report for each, in their order. */
export async function runJobs(cloud, outputs, inputs, { onChange, signal }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const reports = [];
        const jobs = inputs.map((input) => ({ input, jobId: newJobId(Date.now(), randomBytes(16)) }));
        const inputOf = new Map(jobs.map(({ jobId, input }) => [jobId, input]));
        // What the model has begun the embedded cloud tells; on AWS nobody would.
        const hear = (event) => {
            if (event.kind !== "invocation" || (event.change !== "queued" && event.change !== "started"))
                return;
            const jobId = readInferenceId(event.inferenceId)?.jobId ?? "";
            const input = inputOf.get(jobId);
            if (input !== undefined)
                onChange(jobId, input, event.change === "queued" ? "queued" : "running");
        };
        const credentials = { accessKeyId: "test", secretAccessKey: "test" };
        const at = { endpointUrl: cloud.endpointUrl, outputs };
        const client = __addDisposableResource(env_1, SageMakerAsyncClient.fromStackOutputs(at, { credentials, pollIntervalSeconds }), true);
        cloud.events.on("event", hear);
        try {
            const options = { as: "bytes", invocationTimeoutSeconds, timeoutSeconds, signal };
            const results = client.submitMany(jobs.map(({ input }) => pathToFileURL(input.file)), { ...options, each: (_, index) => ({ jobId: jobs[index]?.jobId }) });
            for await (const result of results) {
                const { input, jobId } = jobs[result.index];
                const report = reportOf(result, jobId, input);
                onChange(jobId, input, report.state.toLowerCase());
                reports[result.index] = report;
            }
            return reports;
        }
        finally {
            cloud.events.off("event", hear);
        }
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = __disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
function reportOf(result, jobId, { name }) {
    const { timings, outputLocation, failureLocation } = result;
    const job = { jobId, input: name };
    if (!result.success) {
        const error = codedFrom(result.error);
        return { ...job, state: endState(error), error, ...(failureLocation !== undefined && { failureLocation }), timings };
    }
    return {
        ...job,
        state: "COMPLETED",
        ...shown(result.data, result.contentType),
        ...(outputLocation !== undefined && { outputLocation }),
        timings,
    };
}
/** An answer for a reader: of JSON its field `text` or `error`, else all of it; of what is no text, what it is. */
function shown(data, contentType) {
    const content = readContent(data, contentType);
    if (content.kind === "bytes")
        return { bytes: data.byteLength, ...(contentType !== undefined && { contentType }) };
    const { text, error } = (content.value ?? {});
    const own = content.kind === "json" ? [text, error].find((value) => typeof value === "string") : undefined;
    return { text: typeof own === "string" ? own : Buffer.from(data).toString() };
}
