const ownLimit = "This is the limit of the server in the container, not invocationTimeoutSeconds: raise it above invocationTimeoutSeconds in `environment`";
const overload = "The server in the container is full: lower maxConcurrentInvocationsPerInstance to what it works on at once, or let more requests wait in it";
/**
 * What the servers in AWS's images, and those that people put in their own, answer when it is not the model that speaks: the first row
 * that fits holds. Words count in the JSON and plain text that these servers write; their case does not.
 *
 * Measured with multi-model-server 1.1.11, TorchServe 0.12.0, DJL Serving 0.36.0, MLflow 3.17.2 and gunicorn 27.0.1; WhisperX and Ray
 * as their images' source says (https://github.com/aws/deep-learning-containers).
 */
export const serverAnswers = [
    {
        servers: "multi-model-server, TorchServe, DJL Serving, WhisperX, nginx",
        status: 413,
        code: "BAD_INPUT",
        field: "input",
        advice: "The server in the container takes no input of this size. Raise its limit in `environment`: MMS_MAX_REQUEST_SIZE (Hugging Face), " +
            "TS_MAX_REQUEST_SIZE (PyTorch), SERVING_MAX_REQUEST_SIZE (DJL, LMI) or WHISPERX_MAX_UPLOAD_BYTES, each in bytes; " +
            "behind nginx, client_max_body_size. Then submit it as a new job.",
    },
    {
        servers: "multi-model-server, TorchServe",
        status: 500,
        says: "Worker died.",
        code: "MODEL_ERROR",
        advice: "The server ended the worker that computed this job. Either the job took longer than the server's own limit " +
            "(MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS, TS_DEFAULT_RESPONSE_TIMEOUT), or the answer was larger than its limit " +
            "(MMS_MAX_RESPONSE_SIZE, TS_MAX_RESPONSE_SIZE, in bytes), or the worker crashed, often for want of memory, or the model " +
            "could not be loaded. The container's log says which; the variables belong in `environment`.",
    },
    {
        servers: "DJL Serving",
        status: 503,
        says: "TimeoutException",
        code: "TIMEOUT",
        advice: `${ownLimit}: PREDICT_TIMEOUT and SERVING_CHUNKED_READ_TIMEOUT, in seconds. The server then stays unhealthy until its instance is replaced.`,
    },
    {
        servers: "DJL Serving",
        status: 503,
        says: "Message size exceed limit",
        code: "MODEL_ERROR",
        advice: "The model's answer is larger than the server in the container passes on: raise MAX_NETTY_BUFFER_SIZE, in bytes, in `environment`.",
    },
    {
        servers: "DJL Serving",
        status: 503,
        says: "WlmCapacityException",
        code: "THROTTLED",
        notRun: true,
        advice: `${overload} (SERVING_JOB_QUEUE_SIZE).`,
    },
    {
        servers: "DJL Serving",
        status: 503,
        says: "Model is not ready",
        code: "UNAVAILABLE",
        notRun: true,
        advice: "The model failed to load, or failed earlier: read the container's log.",
    },
    {
        servers: "multi-model-server, TorchServe",
        status: 503,
        says: "has no worker to serve",
        code: "UNAVAILABLE",
        notRun: true,
        advice: "The server in the container has no worker that runs, or its queue is full: read the container's log, and lower " +
            "maxConcurrentInvocationsPerInstance to the number of workers (SAGEMAKER_MODEL_SERVER_WORKERS).",
    },
    {
        servers: "WhisperX, MLServer and others that refuse what they have no room for",
        status: 503,
        code: "UNAVAILABLE",
        notRun: true,
        advice: `${overload} (WHISPERX_MAX_QUEUE). If it serves nothing at all, read the container's log.`,
    },
    {
        servers: "any server that limits its rate",
        status: 429,
        code: "THROTTLED",
        notRun: true,
        advice: `${overload}.`,
    },
    {
        servers: "MLflow, nginx",
        status: 504,
        code: "TIMEOUT",
        advice: `${ownLimit}: MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT, in seconds; behind nginx, proxy_read_timeout.`,
    },
    {
        servers: "Ray Serve",
        status: 408,
        code: "TIMEOUT",
        advice: `${ownLimit}: RAYSERVE_BACKEND_TIMEOUT, in seconds.`,
    },
    {
        servers: "multi-model-server, TorchServe",
        status: 507,
        code: "MODEL_ERROR",
        advice: "The model ran out of memory: send smaller inputs, lower maxConcurrentInvocationsPerInstance, or use a larger instance.",
    },
];
/** The row for an answer. @param body undefined when it is not known */
export function serverAnswerOf(status, body) {
    const words = body?.toLowerCase() ?? "";
    return serverAnswers.find((row) => row.status === status && (row.says === undefined || words.includes(row.says.toLowerCase())));
}
/** Whether the body of an answer with this status makes a difference. */
export function isToldByBody(status) {
    return serverAnswers.some((row) => row.status === status && row.says !== undefined);
}
/**
 * The row for a body whose status nobody knows: an error document that names its own status, as multi-model-server, TorchServe and DJL
 * Serving write it (`{"code": 503, "type": …, "message": …}`).
 */
export function serverAnswerIn(body) {
    try {
        const { code, type } = JSON.parse(body);
        return typeof code === "number" && typeof type === "string" ? serverAnswerOf(code, body) : undefined;
    }
    catch {
        return undefined;
    }
}
