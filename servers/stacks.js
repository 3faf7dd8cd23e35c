import path from "node:path";
/** The repository: these files run from build/servers. */
export const root = path.resolve(__dirname, "../..");
/** Where this process's servers have their files; removed when it ends. */
export const workFolder = path.join(root, "build/servers", `run-${process.pid}`);
/** uvicorn's supervisor ends a worker that is silent for 5 seconds, as one is that reads a gigabyte of JSON. */
const mlflowVariables = { BEHAVIOUR_WORKERS: "4", UVICORN_TIMEOUT_WORKER_HEALTHCHECK: "3660" };
/** Every stack, in the order of the table. */
export const stacks = [
    {
        name: "mms-hf",
        title: "Multi Model Server, Hugging Face toolkit",
        family: "multi-model-server",
        image: "huggingface-pytorch-inference:servers",
        requirements: "mms-hf.txt",
        needsJava: true,
        environment: {},
        ownLimit: {
            defaultSeconds: 3600,
            // The toolkit imports transformers while it loads.
            scaledSeconds: 60,
            environment: (seconds) => ({ MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS: String(seconds) }),
            told: /MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS/,
        },
        takes: "bytes",
    },
    {
        name: "mms",
        title: "Multi Model Server, inference toolkit",
        family: "multi-model-server",
        image: "huggingface-pytorch-inference:servers",
        requirements: "mms.txt",
        needsJava: true,
        environment: {},
        ownLimit: {
            defaultSeconds: 3600,
            environment: (seconds) => ({ MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS: String(seconds) }),
            told: /MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS/,
        },
        takes: "bytes",
    },
    {
        name: "torchserve",
        title: "TorchServe, PyTorch toolkit",
        family: "torchserve",
        image: "pytorch-inference:servers",
        requirements: "torchserve.txt",
        needsJava: true,
        environment: {},
        ownLimit: {
            defaultSeconds: 120,
            environment: (seconds) => ({ TS_DEFAULT_RESPONSE_TIMEOUT: String(seconds) }),
            told: /TS_DEFAULT_RESPONSE_TIMEOUT/,
        },
        takes: "bytes",
    },
    {
        name: "djl",
        title: "DJL Serving",
        family: "djl",
        image: "djl-inference:servers",
        needsJava: true,
        homeVariable: "DJL_SERVING_HOME",
        environment: {},
        ownLimit: {
            defaultSeconds: 120,
            environment: (seconds) => ({ PREDICT_TIMEOUT: String(seconds) }),
            told: /PREDICT_TIMEOUT/,
        },
        takes: "bytes",
    },
    {
        name: "mlflow",
        title: "MLflow's scoring server",
        family: "mlflow",
        image: "mlflow-pyfunc:servers",
        requirements: "mlflow.txt",
        environment: mlflowVariables,
        ownLimit: {
            defaultSeconds: 60,
            environment: (seconds) => ({ MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT: String(seconds) }),
            told: /MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT/,
        },
        takes: "json",
    },
    {
        name: "gunicorn",
        title: "gunicorn with threads",
        family: "own",
        image: "own:servers",
        requirements: "gunicorn.txt",
        environment: { GUNICORN_CMD_ARGS: "--timeout 3660 --worker-class gthread --threads 5" },
        ownLimit: {
            defaultSeconds: 30,
            // Threads beat for their worker; only the default kind of worker is ended while it computes.
            environment: (seconds) => ({ GUNICORN_CMD_ARGS: `--timeout ${seconds}` }),
        },
        takes: "bytes",
    },
    {
        name: "uvicorn",
        title: "uvicorn",
        family: "own",
        image: "own:servers",
        requirements: "gunicorn.txt",
        environment: {},
        takes: "bytes",
    },
];
/** Command line that starts a stack, for `local:modelCommand`. */
export function commandOf({ name }, python) {
    const quoted = [python, path.join(root, "servers/python/launch.py"), name, workFolder];
    return quoted.map((word) => `"${word}"`).join(" ");
}
/**
 * Why a stack can't run on this machine.
 *
 * @param tools what the machine has
 * @param environment where {@link ServerStack.homeVariable} is looked up
 * @returns undefined when it can
 */
export function skipReason({ requirements, needsJava, homeVariable }, tools, environment) {
    if (requirements !== undefined && !tools.python)
        return "Python 3 is not on the PATH";
    if (needsJava && !tools.java)
        return "Java is not on the PATH";
    if (homeVariable !== undefined && !environment[homeVariable])
        return `${homeVariable} names no build`;
    return undefined;
}
