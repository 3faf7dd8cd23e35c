/**
 * AMI versions of GPU instances, with the CUDA version of their driver.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
 */
export const inferenceAmiVersions = {
    "al2-ami-sagemaker-inference-gpu-2": { cuda: "12.2" },
    "al2-ami-sagemaker-inference-gpu-2-1": { cuda: "12.2" },
    "al2-ami-sagemaker-inference-gpu-3-1": { cuda: "12.4" },
    "al2023-ami-sagemaker-inference-gpu-4-1": { cuda: "13.0" },
};
const fromCuda122 = Object.keys(inferenceAmiVersions);
// These families start with a driver for CUDA 12.4, older ones don't know the GPU.
const fromCuda124 = ["al2-ami-sagemaker-inference-gpu-3-1", "al2023-ami-sagemaker-inference-gpu-4-1"];
const gpu = (accelerator, acceleratorMemoryGib, inferenceAmiVersions) => (acceleratorCount, localDiskGb) => ({
    accelerator,
    acceleratorCount,
    acceleratorMemoryGib,
    localDiskGb,
    inferenceAmiVersions,
});
const t4 = gpu("T4", 16, fromCuda122);
const a10g = gpu("A10G", 24, fromCuda122);
const l4 = gpu("L4", 24, fromCuda122);
const l40s = gpu("L40S", 48, fromCuda124);
const a100 = gpu("A100", 40, fromCuda122);
const a100Large = gpu("A100", 80, fromCuda122);
const h100 = gpu("H100", 80, fromCuda122);
const h200 = gpu("H200", 141, fromCuda124);
/**
 * GPU instance types that are known here; any other `ml.*` is accepted with a warning.
 * https://aws.amazon.com/ec2/instance-types/#Accelerated_Computing
 */
export const gpuInstances = {
    "ml.g4dn.xlarge": t4(1, 125),
    "ml.g4dn.2xlarge": t4(1, 225),
    "ml.g4dn.4xlarge": t4(1, 225),
    "ml.g4dn.8xlarge": t4(1, 900),
    "ml.g4dn.12xlarge": t4(4, 900),
    "ml.g4dn.16xlarge": t4(1, 900),
    "ml.g5.xlarge": a10g(1, 250),
    "ml.g5.2xlarge": a10g(1, 450),
    "ml.g5.4xlarge": a10g(1, 600),
    "ml.g5.8xlarge": a10g(1, 900),
    "ml.g5.12xlarge": a10g(4, 3800),
    "ml.g5.16xlarge": a10g(1, 1900),
    "ml.g5.24xlarge": a10g(4, 3800),
    "ml.g5.48xlarge": a10g(8, 7600),
    "ml.g6.xlarge": l4(1, 250),
    "ml.g6.2xlarge": l4(1, 450),
    "ml.g6.4xlarge": l4(1, 600),
    "ml.g6.8xlarge": l4(1, 900),
    "ml.g6.12xlarge": l4(4, 3760),
    "ml.g6.16xlarge": l4(1, 1880),
    "ml.g6.24xlarge": l4(4, 3760),
    "ml.g6.48xlarge": l4(8, 7520),
    "ml.g6e.xlarge": l40s(1, 250),
    "ml.g6e.2xlarge": l40s(1, 450),
    "ml.g6e.4xlarge": l40s(1, 600),
    "ml.g6e.8xlarge": l40s(1, 900),
    "ml.g6e.12xlarge": l40s(4, 3800),
    "ml.g6e.16xlarge": l40s(1, 1900),
    "ml.g6e.24xlarge": l40s(4, 3800),
    "ml.g6e.48xlarge": l40s(8, 7600),
    "ml.p4d.24xlarge": a100(8, 8000),
    "ml.p4de.24xlarge": a100Large(8, 8000),
    "ml.p5.4xlarge": h100(1, 3800),
    "ml.p5.48xlarge": h100(8, 30400),
    "ml.p5e.48xlarge": h200(8, 30400),
    "ml.p5en.48xlarge": h200(8, 30720),
};
/** What the catalogue knows of an instance type; undefined when it is not a GPU type of the catalogue. */
export function gpuInstance(instanceType) {
    return Object.hasOwn(gpuInstances, instanceType) ? gpuInstances[instanceType] : undefined;
}
/** GPUs of one instance; one where the type is a GPU's that the catalogue doesn't know, 0 without GPU. */
export function gpuCount(instanceType) {
    return gpuInstance(instanceType)?.acceleratorCount ?? (hasGpu(instanceType) ? 1 : 0);
}
/** Whether an instance type has an NVIDIA GPU: known, or by the letter of its family. */
export function hasGpu(instanceType) {
    return gpuInstance(instanceType) !== undefined || /^ml\.(g|p)r?\d/.test(instanceType);
}
/**
 * Whether an instance type brings its own disks: known, or by the name of its family (`d` after the generation, such as
 * `m5d` and `r5dn`, and the accelerated families that always do).
 */
export function hasLocalDisk(instanceType) {
    const known = gpuInstance(instanceType);
    if (known)
        return known.localDiskGb > 0;
    return /^ml\.([a-z]+\d+[a-z]*d[a-z]*|g5|g6e?|gr6|g7e?|p[4-9][a-z0-9-]*|trn\d+[a-z]*)\./.test(instanceType);
}
/** Whether an instance type has AWS's Graviton processors: `g` after the generation, such as `c7g`, `m6gd` and `g5g`. */
export function isGraviton(instanceType) {
    return /^ml\.[a-z]+\d+g[a-z]*\./.test(instanceType);
}
/** Whether an instance type has AWS's own accelerators. */
export function isNeuron(instanceType) {
    return /^ml\.(inf|trn)\d/.test(instanceType);
}
