import { registryAccount } from "../../components/registries";
/** Repositories of the deep learning containers. */
const deepLearning = /^(autogluon|djl|huggingface-(pytorch|tensorflow)(-trcomp|-tgi)?|mxnet|pytorch(-trcomp)?|stabilityai-pytorch|tensorflow)-(inference|training)(-(eia|graviton|neuron|neuronx))?$|^sagemaker-tritonserver$/;
/** Repositories that the provider knows in the registries of SageMaker's algorithms, as far as they serve models here. */
const algorithms = /^tei(-cpu)?$/;
/** What `aws.sagemaker.getPrebuiltEcrImage` answers, for the deep learning containers. @throws Error naming what it does not know */
export function prebuiltImage(inputs, cloudRegion) {
    const { repositoryName, imageTag = "1", region = cloudRegion } = inputs;
    const registry = deepLearning.test(repositoryName)
        ? "deep-learning-containers"
        : algorithms.test(repositoryName)
            ? "sagemaker-algorithms"
            : undefined;
    if (registry === undefined) {
        throw new Error(`getPrebuiltEcrImage: repositoryName: got "${repositoryName}"; the embedded cloud knows AWS's deep learning containers, ` +
            'such as "huggingface-pytorch-inference" or "pytorch-inference". Set the image itself instead.');
    }
    const registryId = registryAccount(registry, region);
    if (registryId === undefined)
        throw new Error(`getPrebuiltEcrImage: region: got "${region}", where AWS publishes no ${repositoryName}.`);
    const dnsSuffix = inputs.dnsSuffix ?? (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");
    return {
        ...inputs,
        id: registryId,
        imageTag,
        region,
        registryId,
        registryPath: `${registryId}.dkr.ecr.${region}.${dnsSuffix}/${repositoryName}:${imageTag}`,
    };
}
