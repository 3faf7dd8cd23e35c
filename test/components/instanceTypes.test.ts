import { ProductionVariantInstanceType } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { gpuCount, gpuInstance, gpuInstances, hasGpu, hasLocalDisk, isGraviton, isNeuron } from "../../components/instanceTypes";

describe("the catalogue of GPU instances", () => {
  it("names only types that SageMaker has for endpoints: another would fail minutes into a deployment", () => {
    const offered: string[] = Object.values(ProductionVariantInstanceType);
    expect(Object.keys(gpuInstances).filter((type) => !offered.includes(type))).to.deep.equal([]);
  });

  it("has every size of the families that it knows", () => {
    const families = new Set(Object.keys(gpuInstances).map((type) => type.split(".")[1]));
    const offered = Object.values(ProductionVariantInstanceType).filter((type) => families.has(type.split(".")[1]));
    expect(Object.keys(gpuInstances).sort()).to.deep.equal(offered.sort());
  });

  it("knows the default type", () => {
    expect(gpuInstance("ml.g5.2xlarge")).to.deep.equal({
      accelerator: "A10G",
      acceleratorCount: 1,
      acceleratorMemoryGib: 24,
      localDiskGb: 450,
      inferenceAmiVersions: [
        "al2-ami-sagemaker-inference-gpu-2",
        "al2-ami-sagemaker-inference-gpu-2-1",
        "al2-ami-sagemaker-inference-gpu-3-1",
        "al2023-ami-sagemaker-inference-gpu-4-1",
      ],
    });
    expect(gpuInstance("constructor")).to.equal(undefined);
  });

  const others: [instanceType: string, gpu: boolean, localDisk: boolean][] = [
    ["ml.c5.xlarge", false, false],
    ["ml.m5.large", false, false],
    ["ml.m5d.large", false, true],
    ["ml.r5dn.large", false, true],
    ["ml.m6gd.large", false, true],
    ["ml.inf2.xlarge", false, false],
    ["ml.trn1.2xlarge", false, true],
    ["ml.p3.2xlarge", true, false],
    ["ml.gr6.4xlarge", true, true],
    ["ml.g7e.2xlarge", true, true],
    ["ml.p6-b200.48xlarge", true, true],
    ["ml.g7.2xlarge", true, true],
    ["ml.trn10.2xlarge", false, true],
    ["ml.trn1n.32xlarge", false, true],
    ["ml.m16d.large", false, true],
    ["xml.g5.large", false, false],
    ["ml.xg5.large", false, false],
  ];
  for (const [instanceType, gpu, localDisk] of others) {
    it(`tells by its name that ${instanceType} has ${gpu ? "a" : "no"} GPU and ${localDisk ? "" : "no "}local disks`, () => {
      expect([gpuInstance(instanceType), hasGpu(instanceType), hasLocalDisk(instanceType)]).to.deep.equal([undefined, gpu, localDisk]);
    });
  }

  it("knows of each of its types what it has: a wrong driver or volume fails minutes into a deployment", () => {
    for (const [instanceType, gpu, disk, gpus] of [
      ["ml.g5.2xlarge", true, true, 1],
      ["ml.g5.12xlarge", true, true, 4],
      ["ml.p5.48xlarge", true, true, 8],
      ["ml.p3.2xlarge", true, false, 1],
      ["ml.c5.xlarge", false, false, 0],
    ] as const) {
      expect([hasGpu(instanceType), hasLocalDisk(instanceType), gpuCount(instanceType)]).to.deep.equal([gpu, disk, gpus], instanceType);
    }
    expect(Object.keys(gpuInstances).filter((type) => !hasGpu(type))).to.deep.equal([]);
    const withDisk = Object.entries(gpuInstances).filter(([, { localDiskGb }]) => localDiskGb > 0);
    expect(Object.keys(gpuInstances).filter(hasLocalDisk)).to.deep.equal(withDisk.map(([type]) => type));
  });

  it("tells Graviton and AWS's own accelerators by the name", () => {
    const types = [
      "ml.c7g.large",
      "ml.m6gd.large",
      "ml.g5g.xlarge",
      "ml.hpc7g.large",
      "ml.m16g.large",
      "ml.g5.xlarge",
      "ml.gr6.large",
      "xml.c7g.large",
    ];
    expect(types.filter(isGraviton)).to.deep.equal(types.slice(0, 5));
    const accelerated = ["ml.inf2.xlarge", "ml.trn1.2xlarge", "ml.trn2.48xlarge", "ml.c5.xlarge", "ml.infx.large", "xml.inf2.large"];
    expect(accelerated.filter(isNeuron)).to.deep.equal(accelerated.slice(0, 3));
  });
});
