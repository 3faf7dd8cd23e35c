import { expect } from "chai";
import { architectureOf, cudaOf, readImage, type ImageParts } from "../../components/servingImages";

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const digest = `sha256:${"0a".repeat(32)}`;

describe("an image's address", () => {
  const read: [address: string, parts: ImageParts | undefined][] = [
    [`${ecr}/team/ocr:1.0-gpu`, { registryId: "123456789012", region: "eu-west-1", repositoryName: "team/ocr", tag: "1.0-gpu" }],
    [`${ecr}/ocr@${digest}`, { registryId: "123456789012", region: "eu-west-1", repositoryName: "ocr", digest }],
    [
      "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/ocr:1",
      { registryId: "123456789012", region: "us-gov-west-1", repositoryName: "ocr", tag: "1" },
    ],
    [
      "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/ocr:1",
      { registryId: "123456789012", region: "cn-north-1", repositoryName: "ocr", tag: "1" },
    ],
    ["ocr:latest", { repositoryName: "ocr", tag: "latest" }],
    [`team/ocr_2.x-y@${digest}`, { repositoryName: "team/ocr_2.x-y", digest }],
    ["ocr", undefined],
    ["ocr:", undefined],
    ["ocr:-1", undefined],
    ["Ocr:1", undefined],
    [`ocr@${digest}0`, undefined],
    ["ocr@sha256:0a", undefined],
    [` ${ecr}/ocr:1`, undefined],
    [`${ecr}/ocr:1 `, undefined],
    ["public.ecr.aws:443/ocr:1", undefined],
  ];
  for (const [address, parts] of read) {
    it(`is taken apart as SageMaker takes it, or refused: "${address}"`, () => {
      expect(readImage(address)).to.deep.equal(parts);
    });
  }
});

describe("the CUDA version of an image, by which a driver that is too old is found before the deployment", () => {
  for (const [repositoryName, tag, cuda] of [
    ["ocr", "cu130", "13.0"],
    ["ocr", "2.6-cu124-ubuntu22.04", "12.4"],
    ["ocr", "2.6_cu118.1", "11.8"],
    ["ocr", "2.6-cu1300", undefined],
    ["ocr", "2.6-icu124", undefined],
    ["ocr", "cu12", undefined],
    ["ocr", undefined, undefined],
    ["vllm", "server-sagemaker-cuda-v2.3", "13.0"],
    ["mirror/aws/vllm", "server-sagemaker-cuda-v3", "13.0"],
    ["vllm", "server-sagemaker-cuda", "13.0"],
    ["ray", "serve-ml-sagemaker-cuda-v2", "12.9"],
    ["vllm", "server-sagemaker-cuda-vx", undefined],
    ["vllm", "server-sagemaker-cuda-v2.3-mine", undefined],
    ["vllm/mine", "server-sagemaker-cuda-v2.3", undefined],
    ["ray", "server-sagemaker-cuda-v2.3", undefined],
    // AWS's images whose tags say it themselves give no other version to an image of that name.
    ["djl-inference", "0.36.0-lmi28.0.0", undefined],
  ] as const) {
    it(`is ${cuda} of ${repositoryName}:${tag}`, () => {
      expect(cudaOf({ repositoryName, ...(tag !== undefined && { tag }) })).to.equal(cuda);
    });
  }
});

describe("the processors that an image is for, by which a container that can't start is found before the deployment", () => {
  for (const [repositoryName, tag, architecture] of [
    ["pytorch-inference-arm64", "2.6", "arm64"],
    ["pytorch-inference-graviton", "2.6", "arm64"],
    ["ocr", "1-aarch64", "arm64"],
    ["arm64", undefined, "arm64"],
    ["arm64/ocr", "1", undefined],
    ["arm64-images/ocr", "1", undefined],
    ["my-neuron/amd64-x/ocr", "1", undefined],
    ["neuron", undefined, "neuron"],
    ["amd64", "1", "x86"],
    ["ocr", "charm64", undefined],
    ["ocr", "arm64x", undefined],
    ["huggingface-pytorch-inference-neuronx", "2.1", "neuron"],
    ["ocr", "neuron", "neuron"],
    ["neurons", "1", undefined],
    ["ocr", "aneuron", undefined],
    ["ocr", "1-cu124", "x86"],
    ["vllm", "server-sagemaker-cuda-v2.3", "x86"],
    ["ocr", "1_amd64", "x86"],
    ["ocr", "x86_64-1", "x86"],
    ["ocr", "amd64s", undefined],
    ["ocr", "xamd64", undefined],
    ["ocr", "1", undefined],
  ] as const) {
    it(`are ${architecture} for ${repositoryName}:${tag}`, () => {
      expect(architectureOf({ repositoryName, ...(tag !== undefined && { tag }) })).to.equal(architecture);
    });
  }
});
