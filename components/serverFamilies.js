/** What the service takes of one request or answer: 1 GiB. https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html */
export const largestPayloadBytes = 1_073_741_824;
/**
 * Seconds after which a server may give up on a request. A request may ask for up to 3600 whatever the stack's default is, and
 * SageMaker's own time-out must come first: it is the one that is reported as TIMEOUT.
 */
export const serverTimeoutSeconds = 3660;
/** Heap, in bytes, that DJL Serving was measured to need for a request of {@link largestPayloadBytes}. */
export const djlHeapBytes = 3_328_599_654;
const bytes = (name, limit, unset, alternatives) => ({
    name,
    limit,
    value: () => String(largestPayloadBytes),
    unset,
    ...(alternatives && { alternatives }),
});
const seconds = (name, unset, alternatives) => ({
    name,
    limit: "requestSeconds",
    value: () => String(serverTimeoutSeconds),
    unset,
    ...(alternatives && { alternatives }),
});
const loading = (name, unset) => ({
    name,
    limit: "loadingSeconds",
    value: ({ containerStartupTimeoutSeconds }) => String(containerStartupTimeoutSeconds),
    unset,
});
const workers = {
    name: "SAGEMAKER_MODEL_SERVER_WORKERS",
    limit: "workers",
    value: ({ maxConcurrentInvocationsPerInstance }) => String(maxConcurrentInvocationsPerInstance),
    unset: "one worker per GPU, or per CPU without GPU; each holds a copy of the model",
    knownServersOnly: true,
};
const payloadInMb = { name: "SAGEMAKER_MAX_PAYLOAD_IN_MB", factor: 1_048_576 };
const timeoutInSeconds = { name: "SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS", factor: 1 };
const timeoutInMinutes = { name: "SAGEMAKER_MODEL_SERVER_TIMEOUT", factor: 60 };
const onePerGpu = { perGpu: 1, maximum: 1000 };
const batching = { perGpu: 16, maximum: 64 };
const deepLearningContainers = "https://github.com/aws/deep-learning-containers";
const cutAtOnce = "It ends at once when it is told to stop: a request that runs is lost.";
/**
 * The servers inside the images that people serve models with, and the variables that let each take what the service takes.
 * Defaults and effects are measured with the versions that `source` names, unless it says that they were read.
 */
export const serverFamilies = {
    "multi-model-server": {
        title: "Multi Model Server",
        repositories: /^(huggingface-(pytorch|tensorflow)-inference(-neuronx?)?|mxnet-inference)$/,
        variables: [
            bytes("MMS_MAX_REQUEST_SIZE", "requestBytes", "6,553,500 bytes, then 413", [payloadInMb]),
            bytes("MMS_MAX_RESPONSE_SIZE", "answerBytes", '6,553,500 bytes, then 500 "Worker died."'),
            // Also bounds the loading of the model.
            seconds("MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS", '3600 seconds, then 500 "Worker died."', [timeoutInSeconds, timeoutInMinutes]),
            workers,
        ],
        tokenVariables: ["HF_TOKEN", "HF_API_TOKEN"],
        batches: false,
        concurrency: onePerGpu,
        notPromised: [
            "It copies a request with the square of its size: 1 GiB takes one to two minutes before the handler sees it, and 4 GB of memory.",
            "/ping is healthy although the model failed to load: run smoke after a deployment.",
            cutAtOnce,
        ],
        source: "multi-model-server 1.1.11, sagemaker-huggingface-inference-toolkit 2.6.0, sagemaker-inference 1.10.1",
    },
    torchserve: {
        title: "TorchServe",
        repositories: /^pytorch-inference(-arm64|-graviton|-neuronx?)?$/,
        variables: [
            bytes("TS_MAX_REQUEST_SIZE", "requestBytes", "6,553,500 bytes, then 413"),
            bytes("TS_MAX_RESPONSE_SIZE", "answerBytes", '6,553,500 bytes, then 500 "Worker died."'),
            seconds("TS_DEFAULT_RESPONSE_TIMEOUT", '120 seconds, then 500 "Worker died."', [
                { name: "SAGEMAKER_TS_RESPONSE_TIMEOUT", factor: 1 },
            ]),
            loading("TS_DEFAULT_STARTUP_TIMEOUT", "120 seconds, then the worker is started again, for ever"),
            workers,
        ],
        voidVariables: { SAGEMAKER_MODEL_SERVER_TIMEOUT: "TS_DEFAULT_RESPONSE_TIMEOUT, in seconds" },
        tokenVariables: [],
        batches: false,
        concurrency: onePerGpu,
        notPromised: [
            "It copies a request with the square of its size: 1 GiB takes more than two minutes before the handler sees it.",
            "/ping is healthy although the model failed to load: run smoke after a deployment.",
            "Ports 8082, 7070 and 7071 are fixed: a second one on the same machine does not start.",
            cutAtOnce,
        ],
        source: "torchserve 0.12.0, sagemaker-pytorch-inference 2.0.25",
    },
    djl: {
        title: "DJL Serving (LMI)",
        repositories: /^djl-inference$/,
        variables: [
            bytes("SERVING_MAX_REQUEST_SIZE", "requestBytes", "67,108,864 bytes, then 413", [payloadInMb]),
            bytes("MAX_NETTY_BUFFER_SIZE", "answerBytes", "20 MiB, then 503, and the model fails for good"),
            seconds("PREDICT_TIMEOUT", "120 seconds, 240 in the LMI image, then 503, and the model fails for good", [timeoutInSeconds]),
            seconds("SERVING_CHUNKED_READ_TIMEOUT", "120 seconds in asynchronous mode, then the connection is reset"),
            loading("MODEL_LOADING_TIMEOUT", "240 seconds, 1200 in the LMI image"),
            {
                // The image's own, but for the heap.
                name: "JAVA_OPTS",
                limit: "memory",
                value: () => "-Xmx4g -XX:+ExitOnOutOfMemoryError -Dai.djl.util.cuda.fork=true",
                unset: "-Xmx1g in AWS's images: requests of up to about 200 MB",
                knownServersOnly: true,
            },
        ],
        voidVariables: { SAGEMAKER_MODEL_SERVER_TIMEOUT: "PREDICT_TIMEOUT, in seconds" },
        tokenVariables: ["HF_TOKEN"],
        batches: true,
        concurrency: batching,
        notPromised: [
            "Results of more than 100 MB are too slow: it copies them with the square of their size.",
            "After one time-out the model has failed, and the instance must be replaced.",
            'The header X-Amzn-SageMaker-Custom-Attributes is split at ";": the handler gets properties, not the header.',
            cutAtOnce,
        ],
        source: "djl-serving 0.36.0",
    },
    vllm: {
        title: "vLLM",
        repositories: /^(huggingface-)?vllm(-omni)?(-neuronx)?$/,
        variables: [],
        tokenVariables: ["HF_TOKEN"],
        batches: true,
        concurrency: batching,
        notPromised: ['A request with "stream": true is answered in chunks, which an asynchronous endpoint does not take: BAD_OUTPUT.'],
        source: `${deepLearningContainers} of 2026-08-21 (read)`,
    },
    sglang: {
        title: "SGLang",
        repositories: /^(huggingface-)?sglang$/,
        variables: [],
        tokenVariables: ["HF_TOKEN"],
        batches: true,
        concurrency: batching,
        notPromised: ['A request with "stream": true is answered in chunks, which an asynchronous endpoint does not take: BAD_OUTPUT.'],
        source: `${deepLearningContainers} of 2026-08-21 (read)`,
    },
    whisperx: {
        title: "WhisperX",
        repositories: /^whisperx$/,
        variables: [bytes("WHISPERX_MAX_UPLOAD_BYTES", "requestBytes", "100 MiB, then 413")],
        tokenVariables: ["HF_TOKEN"],
        batches: false,
        concurrency: { perGpu: 1, maximum: 1 },
        notPromised: ["One request runs and two wait; the fourth is answered with 503 (WHISPERX_MAX_QUEUE)."],
        source: `${deepLearningContainers} of 2026-08-21 (read)`,
    },
    ray: {
        title: "Ray Serve",
        repositories: /^ray$/,
        variables: [seconds("RAYSERVE_BACKEND_TIMEOUT", "300 seconds, then 504")],
        tokenVariables: ["HF_TOKEN"],
        batches: false,
        concurrency: onePerGpu,
        notPromised: [
            "How many requests run together is said in the Serve application (num_replicas, max_ongoing_requests), not by a variable.",
        ],
        source: `${deepLearningContainers} of 2026-08-21 (read)`,
    },
    tei: {
        title: "Text Embeddings Inference",
        repositories: /^(huggingface-)?tei(-cpu)?$/,
        variables: [{ ...bytes("PAYLOAD_LIMIT", "requestBytes", "2,000,000 bytes, then 413"), knownServersOnly: true }],
        tokenVariables: ["HF_TOKEN"],
        batches: true,
        concurrency: batching,
        notPromised: ["A request holds at most 32 texts unless MAX_CLIENT_BATCH_SIZE says more."],
        source: `${deepLearningContainers} of 2026-08-21, text-embeddings-inference's options (read)`,
    },
    "llama.cpp": {
        title: "llama.cpp",
        repositories: /^(huggingface-)?llama[._-]?cpp(-arm64)?$/,
        variables: [],
        tokenVariables: ["HF_TOKEN"],
        batches: true,
        concurrency: { perGpu: 4, maximum: 4 },
        notPromised: ["It computes 4 requests together unless SM_LLAMA_CPP_PARALLEL says otherwise, which divides the context among them."],
        source: `${deepLearningContainers} of 2026-08-21 (read)`,
    },
    mlflow: {
        title: "MLflow's own SageMaker image",
        repositories: /^mlflow(-pyfunc)?$/,
        variables: [seconds("MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT", "60 seconds, then 504")],
        tokenVariables: [],
        batches: false,
        concurrency: onePerGpu,
        notPromised: ["The nginx in front of it ends a request after 60 seconds and takes 100 MiB: both are fixed in the image."],
        source: "mlflow 3.17.2",
    },
    own: {
        title: "an image of one's own",
        repositories: /^$/,
        variables: [],
        tokenVariables: ["HF_TOKEN"],
        batches: false,
        concurrency: onePerGpu,
        notPromised: ["What the server in the image takes is not known here: check-container finds it out."],
        source: "",
    },
};
/** What is known of a family. */
export function serverFacts(family) {
    return serverFamilies[family];
}
/** The variables that move one of a family's limits; none when it has no such limit, or none that can be moved. */
export function variablesFor(family, limit) {
    return variablesGiven(family).filter((variable) => variable.limit === limit);
}
/**
 * The server that an image starts, by the last part of its repository's name; `own` when that says nothing.
 *
 * @param image an address, or `repository:tag`
 */
export function serverFamilyOf(image) {
    const repository = image.replace(/[:@][^/]*$/, "").replace(/^.*\//, "");
    const families = Object.keys(serverFamilies);
    return families.find((family) => serverFamilies[family].repositories.test(repository)) ?? "own";
}
/**
 * What a container of a family is given, so that its server takes what the service takes. A container of unknown make is given
 * the sizes and times of every family: nobody else reads these names, and an image made from one of AWS's keeps the promise.
 * It is given no workers: these cost memory.
 */
export function serverEnvironment(family, allowance) {
    return Object.fromEntries(variablesGiven(family).map(({ name, value }) => [name, value(allowance)]));
}
/** The variables behind {@link serverEnvironment}. */
export function variablesGiven(family) {
    if (family !== "own")
        return serverFamilies[family].variables;
    const all = Object.keys(serverFamilies).flatMap((other) => serverFamilies[other].variables);
    return all.filter(({ knownServersOnly }) => !knownServersOnly);
}
/**
 * Requests that SageMaker should send to one instance at a time when the user doesn't say: as many as are computed at once,
 * since those that wait inside the container have their time running.
 *
 * @param gpuCount GPUs of one instance; 0 without
 * @returns one per GPU where each worker computes one request; 16 per GPU, at most 64, where they are computed together
 */
export function defaultConcurrency(family, gpuCount) {
    const { perGpu, maximum } = serverFamilies[family].concurrency;
    return Math.min(maximum, perGpu * Math.max(1, gpuCount));
}
