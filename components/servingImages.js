/**
 * What `framework` may be. Tags, days and AMI versions are those of https://github.com/aws/deep-learning-containers (docs/src/data
 * and the pages on deployment to SageMaker) as of 2026-08-21.
 */
export const frameworks = {
    huggingface: {
        family: "multi-model-server",
        serves: "any transformers pipeline, or an artifact with its own code/inference.py",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "huggingface-pytorch-inference", tag: "2.6.0-transformers5.5.3-gpu-py312-cu124-ubuntu22.04" },
        cpu: { repositoryName: "huggingface-pytorch-inference", tag: "2.6.0-transformers5.5.3-cpu-py312-ubuntu22.04" },
        publishedOn: "2026-04-30",
        modelIdVariable: "HF_MODEL_ID",
        taskVariable: "HF_TASK",
        // https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md
        endedTasks: {
            names: [
                "image-to-image",
                "image-to-text",
                "question-answering",
                "summarization",
                "text2text-generation",
                "translation",
                "visual-question-answering",
            ],
            lastTag: "2.6.0-transformers4.49.0-gpu-py312-cu124-ubuntu22.04",
        },
    },
    pytorch: {
        family: "torchserve",
        serves: "an artifact made for AWS's PyTorch image; for what exists already",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "pytorch-inference", tag: "2.6.0-gpu-py312-cu124-ubuntu22.04-sagemaker" },
        cpu: { repositoryName: "pytorch-inference", tag: "2.6.0-cpu-py312-ubuntu22.04-sagemaker" },
        publishedOn: "2025-01-29",
        endedOn: "2026-06-30",
    },
    vllm: {
        family: "vllm",
        serves: "language and vision-language models",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "vllm", tag: "server-sagemaker-cuda-v2.3", cuda: "13.0" },
        publishedOn: "2026-08-18",
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1",
        modelIdVariable: "SM_VLLM_MODEL",
    },
    "vllm-omni": {
        family: "vllm",
        serves: "images, video and speech made by a model",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "vllm", tag: "omni-sagemaker-cuda-v1.5", cuda: "13.0" },
        publishedOn: "2026-08-17",
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1",
        modelIdVariable: "SM_VLLM_MODEL",
    },
    sglang: {
        family: "sglang",
        serves: "language and vision-language models",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "sglang", tag: "server-sagemaker-cuda-v1.3", cuda: "13.0" },
        publishedOn: "2026-08-18",
        inferenceAmiVersion: "al2023-ami-sagemaker-inference-gpu-4-1",
        modelIdVariable: "SM_SGLANG_MODEL_PATH",
    },
    djl: {
        family: "djl",
        serves: "language models by vLLM behind DJL Serving (LMI), with its own request format and adapters",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "djl-inference", tag: "0.36.0-lmi28.0.0-cu130" },
        publishedOn: "2026-08-11",
        inferenceAmiVersion: "al2023-ami-sagemaker-inference-gpu-4-1",
        modelIdVariable: "HF_MODEL_ID",
    },
    whisperx: {
        family: "whisperx",
        serves: "speech to text, with words' times and speakers",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "whisperx", tag: "3.8.6-cu128-amzn2023-sagemaker" },
        publishedOn: "2026-08-17",
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1",
        modelIdVariable: "WHISPERX_DEFAULT_MODEL",
        hasModel: true,
    },
    tei: {
        family: "tei",
        serves: "embeddings, rerankers and text classifiers",
        registry: "sagemaker-algorithms",
        gpu: { repositoryName: "tei", tag: "2.0.1-tei1.9.3-gpu-py310-cu129-ubuntu24.04" },
        cpu: { repositoryName: "tei-cpu", tag: "2.0.1-tei1.9.3-cpu-py310-ubuntu24.04" },
        publishedOn: "2026-08-10",
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1",
        modelIdVariable: "HF_MODEL_ID",
        artifactVariables: { HF_MODEL_ID: "/opt/ml/model" },
    },
    ray: {
        family: "ray",
        serves: "any PyTorch code, as a Ray Serve application in the artifact (config.yaml)",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "ray", tag: "serve-ml-sagemaker-cuda-v1", cuda: "12.9" },
        cpu: { repositoryName: "ray", tag: "serve-ml-sagemaker-cpu-v1" },
        publishedOn: "2026-08-12",
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1",
    },
    "llama.cpp": {
        family: "llama.cpp",
        serves: "quantized language models (GGUF), also without GPU",
        registry: "deep-learning-containers",
        gpu: { repositoryName: "llama-cpp", tag: "server-sagemaker-cuda-v1", cuda: "13.0" },
        cpu: { repositoryName: "llama-cpp", tag: "server-sagemaker-cpu-v1" },
        arm64: { repositoryName: "llama-cpp-arm64", tag: "server-sagemaker-cpu-v1" },
        publishedOn: "2026-08-21",
        inferenceAmiVersion: "al2023-ami-sagemaker-inference-gpu-4-1",
        modelIdVariable: "SM_LLAMA_CPP_HF_REPO",
    },
};
/** What is known of a framework's images. */
export function frameworkFacts(framework) {
    return frameworks[framework];
}
/** The framework when neither it nor an image is given: its image takes a model of the hub, and the PyTorch image's artifacts. */
export const defaultFramework = "huggingface";
/** `<account>.dkr.ecr.<region>.<suffix>/<repository>`, or the repository alone, then tag or digest. */
const addressPattern = /^(?:(\d{12})\.dkr\.ecr[^.]*\.([a-z0-9-]+)\.[^/]+\/)?([a-z0-9][a-z0-9._/-]*)(?::([\w][\w.-]*)|@(sha256:[0-9a-f]{64}))$/;
/** Reads an image's address; undefined when it isn't one of ECR with a tag or digest. */
export function readImage(address) {
    const [, registryId, region, repositoryName, tag, digest] = addressPattern.exec(address) ?? [];
    if (repositoryName === undefined)
        return undefined;
    return {
        repositoryName,
        ...(registryId !== undefined && { registryId }),
        ...(region !== undefined && { region }),
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
    };
}
/** CUDA version of an image: what its tag says (`cu130`), or what is known of the image of AWS's; undefined when neither does. */
export function cudaOf({ repositoryName, tag = "" }) {
    const [, major, minor] = /(?:^|[-_.])cu(\d\d)(\d)(?=$|[-_.])/.exec(tag) ?? [];
    if (major !== undefined)
        return `${major}.${minor}`;
    const repository = repositoryName.replace(/^.*\//, "");
    // Later tags of the same kind: `server-sagemaker-cuda-v2.4`, `server-sagemaker-cuda`.
    const kind = (text) => text.replace(/-v\d[\d.]*$/, "");
    const images = Object.values(frameworks).map((facts) => facts.gpu);
    return images.find((image) => image?.cuda !== undefined && image.repositoryName === repository && kind(image.tag) === kind(tag))?.cuda;
}
/** The processors that an image was built for, as far as its name says. */
export function architectureOf({ repositoryName, tag = "" }) {
    const name = `${repositoryName.replace(/^.*\//, "")}:${tag}`;
    if (/(^|[-_.:])(arm64|aarch64|graviton)($|[-_.:])/.test(name))
        return "arm64";
    if (/(^|[-_.:])neuronx?($|[-_.:])/.test(name))
        return "neuron";
    return cudaOf({ repositoryName, tag }) !== undefined || /(^|[-_.:])(amd64|x86_64)($|[-_.:])/.test(name) ? "x86" : undefined;
}
