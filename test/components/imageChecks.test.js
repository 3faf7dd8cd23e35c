import { expect } from "chai";
import { imageProblems, servingImage } from "../../components/imageChecks";
import { registryAccount } from "../../components/registries";
import { frameworks } from "../../components/servingImages";
const told = (use) => imageProblems(use).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
const gpu = { instanceType: "ml.g5.2xlarge", withoutAmiVersion: true };
describe("an image", () => {
    const cases = [
        [
            "of another region, which SageMaker can't pull",
            { image: "123456789012.dkr.ecr.ap-south-1.amazonaws.com/ocr:1", region: "us-east-1" },
            [
                "image: got an image of ap-south-1, expected one of us-east-1, where the endpoint is and from where SageMaker pulls: push it there, or deploy to ap-south-1",
            ],
        ],
        [
            "for Graviton on an x86 instance",
            { ...gpu, image: "pytorch-inference-arm64:2.6" },
            [
                "image: got pytorch-inference-arm64:2.6, which is for Graviton (arm64), but ml.g5.2xlarge has x86 processors: choose another image or instanceType",
            ],
        ],
        [
            "for x86 on Graviton",
            { image: "ocr:1-amd64", instanceType: "ml.c7g.xlarge" },
            ["image: got ocr:1-amd64, which is for x86 processors, but ml.c7g.xlarge has Graviton (arm64): choose another image or instanceType"],
        ],
        [
            "for Neuron on a GPU",
            { ...gpu, image: "huggingface-pytorch-inference-neuronx:2.1" },
            [
                "image: got huggingface-pytorch-inference-neuronx:2.1, which is for Neuron accelerators, but ml.g5.2xlarge has x86 processors: choose another image or instanceType",
            ],
        ],
        [
            "of CUDA 13 without an AMI version: it starts without a log",
            { ...gpu, image: "mine:1.0-cu130" },
            [
                "inferenceAmiVersion: got nothing, but mine:1.0-cu130 is made for CUDA 13.0, for which SageMaker's default driver is too old: add inferenceAmiVersion: al2023-ami-sagemaker-inference-gpu-4-1",
            ],
        ],
        [
            "of AWS's whose tag does not say its CUDA",
            { ...gpu, image: "763104351884.dkr.ecr.eu-west-1.amazonaws.com/vllm:server-sagemaker-cuda-v2.4" },
            [
                "inferenceAmiVersion: got nothing, but vllm:server-sagemaker-cuda-v2.4 is made for CUDA 13.0, for which SageMaker's default driver is too old: add inferenceAmiVersion: al2023-ami-sagemaker-inference-gpu-4-1",
            ],
        ],
        [
            "of CUDA 13 with too old an AMI",
            { ...gpu, withoutAmiVersion: false, image: "mine:1.0-cu130", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-2-1" },
            [
                'inferenceAmiVersion: got "al2-ami-sagemaker-inference-gpu-2-1", but mine:1.0-cu130 is made for CUDA 13.0, for which its driver is too old: write inferenceAmiVersion: al2023-ami-sagemaker-inference-gpu-4-1',
            ],
        ],
        ["nothing: with a fitting AMI", { ...gpu, image: "mine:1.0-cu130", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" }, []],
        [
            "nothing: an AMI that is newer than this list",
            { ...gpu, image: "mine:1-cu130", inferenceAmiVersion: "al2023-ami-sagemaker-inference-gpu-5" },
            [],
        ],
        ["nothing: CUDA 12.4 runs on what SageMaker chooses", { ...gpu, image: "mine:1.0-cu124" }, []],
        ["nothing: no GPU, no driver", { image: "mine:1.0-cu130", instanceType: "ml.c5.xlarge", withoutAmiVersion: true }, []],
        ["nothing: a name that says nothing", { image: "ocr:1", instanceType: "ml.c7g.xlarge", region: "us-east-1" }, []],
        ["nothing: what is known later", { image: "123456789012.dkr.ecr.ap-south-1.amazonaws.com/ocr:1-arm64" }, []],
        [
            "of a framework that needs a GPU, on a CPU",
            { framework: "vllm", instanceType: "ml.c7i.2xlarge", withoutAmiVersion: true },
            [
                'framework: got "vllm", but ml.c7i.2xlarge has no NVIDIA GPU, which AWS\'s image needs: choose a type with one, such as ml.g5.2xlarge, or one of huggingface, pytorch, tei, ray, llama.cpp',
            ],
        ],
        [
            "of a framework on Graviton, for which AWS has none",
            { framework: "tei", instanceType: "ml.c7g.2xlarge" },
            [
                'framework: got "tei", but ml.c7g.2xlarge has Graviton (arm64), for which AWS has no such image: choose an x86 type, or one of llama.cpp',
            ],
        ],
        [
            "of a framework in a region where AWS has no registry of it",
            { framework: "tei", instanceType: "ml.c7i.2xlarge", region: "mx-central-1" },
            [
                "framework: got \"tei\", but AWS's registry of its image in mx-central-1 is not known here: set image, whose address AWS's documentation says, or choose another region",
            ],
        ],
    ];
    for (const [title, use, expected] of cases) {
        it(`is refused before the first resource ${title}`, () => {
            expect(told(use)).to.deep.equal(expected);
        });
    }
});
describe("AWS's images", () => {
    const names = Object.keys(frameworks);
    const facts = names.map((name) => [name, frameworks[name]]);
    it("are none that AWS published more than a year ago, unless AWS ended them and the user is told so: pin newer ones", () => {
        const yearAgo = new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 10);
        expect(facts.filter(([, { publishedOn, endedOn }]) => endedOn === undefined && publishedOn < yearAgo)).to.deep.equal([]);
    });
    it("are told with the AMI version that AWS says they need, and run with it", () => {
        const needed = names.map((framework) => [framework, ...told({ framework, ...gpu })]);
        const line = (what, cuda, ami) => `inferenceAmiVersion: got nothing, but ${what} is made for CUDA ${cuda}, for which SageMaker's default driver is too old: add inferenceAmiVersion: ${ami}`;
        const older = "al2-ami-sagemaker-inference-gpu-3-1";
        const newer = "al2023-ami-sagemaker-inference-gpu-4-1";
        expect(needed).to.deep.equal([
            ["huggingface"],
            ["pytorch"],
            ["vllm", line("vllm:server-sagemaker-cuda-v2.3", "13.0", older)],
            ["vllm-omni", line("vllm:omni-sagemaker-cuda-v1.5", "13.0", older)],
            ["sglang", line("sglang:server-sagemaker-cuda-v1.3", "13.0", newer)],
            ["djl", line("djl-inference:0.36.0-lmi28.0.0-cu130", "13.0", newer)],
            ["whisperx", line("whisperx:3.8.6-cu128-amzn2023-sagemaker", "12.8", older)],
            ["tei", line("tei:2.0.1-tei1.9.3-gpu-py310-cu129-ubuntu24.04", "12.9", older)],
            ["ray", line("ray:serve-ml-sagemaker-cuda-v1", "12.9", older)],
            ["llama.cpp", line("llama-cpp:server-sagemaker-cuda-v1", "13.0", newer)],
        ]);
        const advised = facts.filter(([, { inferenceAmiVersion }]) => inferenceAmiVersion !== undefined);
        const remaining = advised.flatMap(([framework, { inferenceAmiVersion }]) => told({ framework, ...gpu, inferenceAmiVersion: inferenceAmiVersion }));
        expect(remaining).to.deep.equal([]);
    });
    it("follow the processors of the instance", () => {
        expect([
            servingImage("llama.cpp", "ml.g5.2xlarge")?.tag,
            servingImage("llama.cpp", "ml.c7i.2xlarge")?.tag,
            servingImage("llama.cpp", "ml.c7g.2xlarge")?.repositoryName,
            servingImage("tei", "ml.c7i.2xlarge")?.repositoryName,
        ]).to.deep.equal(["server-sagemaker-cuda-v1", "server-sagemaker-cpu-v1", "llama-cpp-arm64", "tei-cpu"]);
    });
    it("come from the account of their registry in each region", () => {
        expect([
            registryAccount("deep-learning-containers", "eu-west-1"),
            registryAccount("deep-learning-containers", "ap-southeast-7"),
            registryAccount("sagemaker-algorithms", "us-east-1"),
            registryAccount("deep-learning-containers", "toString"),
        ]).to.deep.equal(["763104351884", "590183813437", "683313688378", undefined]);
    });
});
