import { gpuInstance, hasGpu, inferenceAmiVersions, isGraviton, isNeuron } from "./instanceTypes";
import { registryAccount } from "./registries";
import { architectureOf, cudaOf, frameworkFacts, frameworks, readImage, } from "./servingImages";
/** AWS's image of a framework for an instance type; undefined where AWS has none. */
export function servingImage(framework, instanceType) {
    const { gpu, cpu, arm64 } = frameworkFacts(framework);
    if (isGraviton(instanceType))
        return arm64;
    return hasGpu(instanceType) ? gpu : cpu;
}
/** Why an image can't run where it shall: other region, other processor, a driver that is too old. */
export function imageProblems(use) {
    const { framework, image } = use;
    if (image !== undefined) {
        const parts = readImage(image);
        return parts === undefined ? [] : [...regionProblems(parts, use), ...processorProblems(parts, use), ...driverProblems(parts, use)];
    }
    if (framework === undefined)
        return [];
    const { registry, inferenceAmiVersion } = frameworkFacts(framework);
    const missing = [];
    if (use.region !== undefined && registryAccount(registry, use.region) === undefined) {
        missing.push({
            propertyPath: "framework",
            reason: `got ${JSON.stringify(framework)}, but AWS's registry of its image in ${use.region} is not known here: set image, whose address AWS's documentation says, or choose another region`,
        });
    }
    if (use.instanceType === undefined)
        return missing;
    const own = servingImage(framework, use.instanceType);
    if (own === undefined)
        return [...missing, processorMissing(framework, use.instanceType)];
    const parts = { repositoryName: own.repositoryName, tag: use.imageTag ?? own.tag };
    return [...missing, ...driverProblems(parts, use, inferenceAmiVersion)];
}
function regionProblems({ region }, use) {
    if (region === undefined || use.region === undefined || region === use.region)
        return [];
    return [
        {
            propertyPath: "image",
            reason: `got an image of ${region}, expected one of ${use.region}, where the endpoint is and from where SageMaker pulls: push it there, or deploy to ${region}`,
        },
    ];
}
function processorProblems(parts, { instanceType }) {
    const architecture = architectureOf(parts);
    if (architecture === undefined || instanceType === undefined)
        return [];
    const has = isGraviton(instanceType) ? "arm64" : isNeuron(instanceType) ? "neuron" : "x86";
    if (architecture === has)
        return [];
    const names = { arm64: "Graviton (arm64)", neuron: "Neuron accelerators", x86: "x86 processors" };
    return [
        {
            propertyPath: "image",
            reason: `got ${nameOf(parts)}, which is for ${names[architecture]}, but ${instanceType} has ${names[has]}: choose another image or instanceType`,
        },
    ];
}
function processorMissing(framework, instanceType) {
    const others = Object.keys(frameworks).filter((other) => servingImage(other, instanceType) !== undefined);
    const why = isGraviton(instanceType)
        ? "has Graviton (arm64), for which AWS has no such image: choose an x86 type"
        : "has no NVIDIA GPU, which AWS's image needs: choose a type with one, such as ml.g5.2xlarge";
    return {
        propertyPath: "framework",
        reason: `got ${JSON.stringify(framework)}, but ${instanceType} ${why}, or one of ${others.join(", ")}`,
    };
}
/** From this CUDA version on the driver of SageMaker's own choice is too old, says AWS of each of its images. */
const firstWithAmiVersion = 12.8;
/** The oldest driver that AWS names for them. */
const oldestDriver = 12.4;
function driverProblems(parts, use, named) {
    const { instanceType, inferenceAmiVersion } = use;
    const cuda = cudaOf(parts);
    if (cuda === undefined || Number(cuda) < firstWithAmiVersion || instanceType === undefined || !hasGpu(instanceType))
        return [];
    const all = Object.keys(inferenceAmiVersions);
    const fitting = (gpuInstance(instanceType)?.inferenceAmiVersions ?? all).filter((version) => Number(inferenceAmiVersions[version].cuda) >= oldestDriver);
    if (inferenceAmiVersion === undefined ? !use.withoutAmiVersion : fitting.some((version) => version === inferenceAmiVersion))
        return [];
    // One that is newer than this list is AWS's to judge.
    if (inferenceAmiVersion !== undefined && !all.some((version) => version === inferenceAmiVersion))
        return [];
    const advised = named ?? (cuda.startsWith("12.") ? fitting[0] : fitting[fitting.length - 1]);
    const got = inferenceAmiVersion === undefined ? "got nothing" : `got ${JSON.stringify(inferenceAmiVersion)}`;
    return [
        {
            propertyPath: "inferenceAmiVersion",
            reason: `${got}, but ${nameOf(parts)} is made for CUDA ${cuda}, for which ${inferenceAmiVersion === undefined ? "SageMaker's default" : "its"} driver is too old: ${inferenceAmiVersion === undefined ? "add" : "write"} inferenceAmiVersion: ${advised}`,
        },
    ];
}
function nameOf({ repositoryName, tag, digest }) {
    return tag === undefined ? `${repositoryName}@${digest}` : `${repositoryName}:${tag}`;
}
