import { ProductionVariantInstanceType } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { gpuInstance, gpuInstances, hasGpu, hasLocalDisk } from "../../components/instanceTypes";
describe("the catalogue of GPU instances", () => {
    it("names only types that SageMaker has for endpoints: another would fail minutes into a deployment", () => {
        const offered = Object.values(ProductionVariantInstanceType);
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
    const others = [
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
    ];
    for (const [instanceType, gpu, localDisk] of others) {
        it(`tells by its name that ${instanceType} has ${gpu ? "a" : "no"} GPU and ${localDisk ? "" : "no "}local disks`, () => {
            expect([gpuInstance(instanceType), hasGpu(instanceType), hasLocalDisk(instanceType)]).to.deep.equal([undefined, gpu, localDisk]);
        });
    }
});
