import { expect } from "chai";
import { judgeModel } from "../../components/modelChecks";
import { serverFamilies } from "../../components/serverFamilies";
const fallbacks = {
    instanceType: "ml.g5.2xlarge",
    containerStartupTimeoutSeconds: 1800,
    maxConcurrentInvocationsPerInstance: 1,
};
const artifact = { modelDataUrl: "s3://models/ocr.tar.gz", framework: "huggingface" };
const hub = { huggingFaceModelId: "org/model" };
function judged(args, region) {
    const given = new Set(Object.keys(args));
    const value = (name) => (args[name] ?? fallbacks[name]);
    const { problems, warnings } = judgeModel({ args, given, value, ...(region !== undefined && { region }) });
    const line = ({ propertyPath, reason }) => `${propertyPath}: ${reason}`;
    return { problems: problems.map(line), warnings: warnings.map(line) };
}
describe("the settings of a model, before the first resource", () => {
    const fine = [
        ["an artifact", artifact],
        ["a model of the hub", hub],
        ["a model of the hub with a task that transformers 5 has", { ...hub, huggingFaceTask: "text-classification" }],
        ["an image of one's own", { image: "ocr:1" }],
        ["an image of one's own with a model", { image: "ocr:1", ...hub }],
        ["a token for a server that reads one", { ...hub, huggingFaceToken: "…" }],
        ["a token beside other variables", { ...hub, huggingFaceToken: "…", environment: { HF_HOME: "/tmp" } }],
        ["a token for an image of unknown make", { image: "ocr:1", ...hub, huggingFaceToken: "…" }],
        ["an image with a model inside", { framework: "whisperx", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" }],
        ["an ended task on an image that has it", { ...hub, huggingFaceTask: "summarization", imageTag: "2.6.0-transformers4.49.0-gpu-py312" }],
        ["as many workers as the server starts by itself", { ...artifact, environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "1" } }],
    ];
    for (const [title, args] of fine) {
        it(`pass: ${title}`, () => {
            expect(judged(args)).to.deep.equal({ problems: [], warnings: [] });
        });
    }
    const wrong = [
        ["no model", {}, "modelDataUrl: got nothing, expected a model: set modelDataUrl, image or huggingFaceModelId"],
        [
            "no model for a framework",
            { framework: "huggingface" },
            "modelDataUrl: got nothing, expected a model: set modelDataUrl, image or huggingFaceModelId",
        ],
        [
            "two models",
            { ...artifact, ...hub },
            "huggingFaceModelId: got one together with modelDataUrl, expected only one of them: remove the other",
        ],
        [
            "a task without a model of the hub",
            { ...artifact, huggingFaceTask: "text-classification" },
            "huggingFaceTask: needs huggingFaceModelId: set it too, or remove huggingFaceTask",
        ],
        [
            "a task for a server that reads none",
            { ...hub, framework: "djl", huggingFaceTask: "text-generation", inferenceAmiVersion: "al2023-ami-sagemaker-inference-gpu-4-1" },
            'huggingFaceTask: got one together with framework "djl", which reads none: remove it',
        ],
        [
            "a task that transformers 5 has no more",
            { ...hub, huggingFaceTask: "summarization" },
            'huggingFaceTask: got "summarization", which transformers 5 of AWS\'s image has no pipeline for: write another, or imageTag: 2.6.0-transformers4.49.0-gpu-py312-cu124-ubuntu22.04 (on a GPU) to stay on transformers 4',
        ],
        [
            "AWS's image and one's own",
            { image: "ocr:1", framework: "huggingface", imageTag: "2.6" },
            "framework: got one together with image, which replaces AWS's image: remove one of them",
            "imageTag: got one together with image, which replaces AWS's image: remove one of them",
        ],
        [
            "a model of the hub for a server that takes none from there",
            { ...hub, framework: "ray", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" },
            'framework: got "ray" together with huggingFaceModelId, which its image does not read: write one of huggingface, vllm, vllm-omni, sglang, djl, whisperx, tei, llama.cpp, or give modelDataUrl instead',
        ],
        [
            "a token for a server that reads none",
            { modelDataUrl: "s3://models/ocr.tar.gz", image: "pytorch-inference:2.6", huggingFaceToken: "…" },
            "huggingFaceToken: got one, but TorchServe reads none: remove it",
        ],
        [
            "a token that stands in the environment too",
            { ...hub, huggingFaceToken: "…", environment: { HF_TOKEN: "…", HF_HOME: "/tmp" } },
            "environment.HF_TOKEN: got one together with huggingFaceToken, which sets it: remove one of them",
        ],
        [
            "an old driver",
            { ...hub, framework: "vllm" },
            "inferenceAmiVersion: got nothing, but vllm:server-sagemaker-cuda-v2.3 is made for CUDA 13.0, for which SageMaker's default driver is too old: add inferenceAmiVersion: al2-ami-sagemaker-inference-gpu-3-1",
        ],
        [
            "fewer workers than the GPUs that get requests",
            { ...artifact, instanceType: "ml.g5.12xlarge", environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "3" } },
            "environment.SAGEMAKER_MODEL_SERVER_WORKERS: gives the server fewer workers than maxConcurrentInvocationsPerInstance, which is 4: requests that wait in the container have their time running; remove it, and as many workers start",
        ],
        [
            "fewer workers than requests that were asked for",
            { ...artifact, maxConcurrentInvocationsPerInstance: 2, environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "1" } },
            "environment.SAGEMAKER_MODEL_SERVER_WORKERS: gives the server fewer workers than maxConcurrentInvocationsPerInstance, which is 2: requests that wait in the container have their time running; remove it, and as many workers start",
        ],
    ];
    for (const [title, args, ...problems] of wrong) {
        it(`are refused, with what to write instead: ${title}`, () => {
            expect(judged(args).problems).to.deep.equal(problems);
        });
    }
    it("are refused where the endpoint's region has no image of the framework, or another's than the image's", () => {
        const tei = { ...hub, framework: "tei", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" };
        const own = { image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ocr:1" };
        const fields = (args, region) => judged(args, region).problems.map((line) => line.split(":")[0]);
        expect([fields(tei, "mx-central-1"), fields(tei, "eu-west-1"), fields(own, "us-east-1"), fields(own, "eu-west-1")]).to.deep.equal([
            ["framework"],
            [],
            ["image"],
            [],
        ]);
    });
    it("come with a word about what works and will surprise", () => {
        const warnings = (args) => judged(args).warnings;
        expect(warnings({ ...artifact, framework: "pytorch" })).to.deep.equal([
            "framework: AWS has mended nothing in pytorch-inference since 2026-06-30: huggingface serves the same code/inference.py, ray any PyTorch code",
        ]);
        expect(warnings({ modelDataUrl: "s3://models/ocr.tar.gz" })).to.deep.equal([
            "framework: got nothing for modelDataUrl, which huggingface then serves; it was pytorch before, whose image ended on 2026-06-30: write framework: huggingface or framework: pytorch to say which",
        ]);
        expect(warnings({ ...artifact, environment: { MMS_MAX_REQUEST_SIZE: "6553500" } })).to.deep.equal([
            "environment.MMS_MAX_REQUEST_SIZE: lets the server take smaller inputs than the service's 1 GiB: larger ones end as MODEL_ERROR",
        ]);
        expect(warnings({ image: "pytorch-inference:2.6", containerStartupTimeoutSeconds: 900, environment: { TS_DEFAULT_STARTUP_TIMEOUT: "899" } })).to.deep.equal([
            "environment.TS_DEFAULT_STARTUP_TIMEOUT: gives the model less time to load than containerStartupTimeoutSeconds: one that takes longer is never served",
        ]);
        expect(warnings({ image: "mlflow-pyfunc:3.17.2" })).to.have.lengthOf(serverFamilies.mlflow.notPromised.length).and.not.be.empty;
    });
    it("take a value that is known later for right", () => {
        const args = {
            ...artifact,
            environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "1", TS_DEFAULT_STARTUP_TIMEOUT: "1" },
            image: "pytorch-inference:1",
        };
        const given = new Set(["modelDataUrl", "image", "environment", "maxConcurrentInvocationsPerInstance"]);
        expect(judgeModel({ args, given, value: () => undefined })).to.deep.equal({ problems: [], warnings: [] });
    });
});
