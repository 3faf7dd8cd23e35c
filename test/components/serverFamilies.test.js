import { expect } from "chai";
import { defaultConcurrency, serverEnvironment, serverFamilies, serverFamilyOf, variablesFor, } from "../../components/serverFamilies";
const allowance = { maxConcurrentInvocationsPerInstance: 3, containerStartupTimeoutSeconds: 900 };
const multiModelServer = {
    MMS_MAX_REQUEST_SIZE: "1073741824",
    MMS_MAX_RESPONSE_SIZE: "1073741824",
    MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS: "3660",
};
const torchServe = {
    TS_MAX_REQUEST_SIZE: "1073741824",
    TS_MAX_RESPONSE_SIZE: "1073741824",
    TS_DEFAULT_RESPONSE_TIMEOUT: "3660",
    TS_DEFAULT_STARTUP_TIMEOUT: "900",
};
const djl = {
    SERVING_MAX_REQUEST_SIZE: "1073741824",
    MAX_NETTY_BUFFER_SIZE: "1073741824",
    PREDICT_TIMEOUT: "3660",
    SERVING_CHUNKED_READ_TIMEOUT: "3660",
    MODEL_LOADING_TIMEOUT: "900",
};
const whisperx = { WHISPERX_MAX_UPLOAD_BYTES: "1073741824" };
const ray = { RAYSERVE_BACKEND_TIMEOUT: "3660" };
const mlflow = { MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT: "3660" };
describe("serverEnvironment", () => {
    const expected = {
        "multi-model-server": { ...multiModelServer, SAGEMAKER_MODEL_SERVER_WORKERS: "3" },
        torchserve: { ...torchServe, SAGEMAKER_MODEL_SERVER_WORKERS: "3" },
        djl: { ...djl, JAVA_OPTS: "-Xmx4g -XX:+ExitOnOutOfMemoryError -Dai.djl.util.cuda.fork=true" },
        vllm: {},
        sglang: {},
        whisperx,
        ray,
        tei: { PAYLOAD_LIMIT: "1073741824" },
        "llama.cpp": {},
        mlflow,
        own: { ...multiModelServer, ...torchServe, ...djl, ...whisperx, ...ray, ...mlflow },
    };
    for (const family of Object.keys(serverFamilies)) {
        it(`lets ${family} take 1 GiB and an hour, or 7 MB end as MODEL_ERROR and long jobs are cut`, () => {
            expect(serverEnvironment(family, allowance)).to.deep.equal(expected[family]);
        });
    }
    it("gives an image of unknown make no workers, which would cost memory, and no name that others read", () => {
        const names = Object.keys(serverEnvironment("own", allowance));
        expect(names).to.not.include.members(["SAGEMAKER_MODEL_SERVER_WORKERS"]);
        expect(names).to.not.include.members(["JAVA_OPTS"]);
        expect(names).to.not.include.members(["PAYLOAD_LIMIT"]);
    });
});
describe("a server family", () => {
    const images = [
        ["763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-inference:2.6.0-transformers5.5.3-cpu-py312", "multi-model-server"],
        ["mirror/aws/pytorch-inference:2.6", "torchserve"],
        [`pytorch-inference-graviton@sha256:${"a".repeat(64)}`, "torchserve"],
        ["djl-inference:0.36.0-lmi28.0.0-cu130", "djl"],
        ["vllm:server-sagemaker-cuda-v2.3", "vllm"],
        ["vllm:omni-sagemaker-cuda-v1.5", "vllm"],
        ["huggingface-vllm-omni:0.20.0", "vllm"],
        ["huggingface-sglang:0.5.8", "sglang"],
        ["whisperx:3.8.6-cu128-amzn2023-sagemaker", "whisperx"],
        ["ray:serve-ml-sagemaker-cpu-v1", "ray"],
        ["tei-cpu:2.0.1", "tei"],
        ["llama-cpp-arm64:server-sagemaker-cpu-v1", "llama.cpp"],
        ["huggingface-llamacpp:b9522-cpu-ubuntu24.04", "llama.cpp"],
        ["mlflow-pyfunc:3.17.2", "mlflow"],
        ["ocr:1", "own"],
        ["my-vllm:1", "own"],
        ["pytorch-training:2.6", "own"],
    ];
    for (const [image, family] of images) {
        it(`is ${family} for ${image}: with another's variables the limits would stay`, () => {
            expect(serverFamilyOf(image)).to.equal(family);
        });
    }
    it("says by which variables a limit moves, for whoever has to advise", () => {
        const names = (family) => variablesFor(family, "requestBytes").map(({ name }) => name);
        expect([names("multi-model-server"), names("djl"), names("vllm")]).to.deep.equal([
            ["MMS_MAX_REQUEST_SIZE"],
            ["SERVING_MAX_REQUEST_SIZE"],
            [],
        ]);
    });
    it("is sent no more requests than it computes at once: those that wait inside it end as TIMEOUT", () => {
        const counts = (family) => [0, 1, 4, 8].map((gpus) => defaultConcurrency(family, gpus));
        expect(counts("multi-model-server")).to.deep.equal([1, 1, 4, 8]);
        expect(counts("torchserve")).to.deep.equal([1, 1, 4, 8]);
        expect(counts("own")).to.deep.equal([1, 1, 4, 8]);
        expect(counts("vllm")).to.deep.equal([16, 16, 64, 64]);
        expect(counts("llama.cpp")).to.deep.equal([4, 4, 4, 4]);
        expect(counts("whisperx")).to.deep.equal([1, 1, 1, 1]);
    });
});
