/**
 * Accounts of AWS's deep learning containers where it is not 763104351884.
 * Source: the tables of the AWS provider (aws_sagemaker_prebuilt_ecr_image), after sagemaker-python-sdk's image_uri_config.
 */
const otherAccounts: Readonly<Record<string, string>> = {
  "af-south-1": "626614931356",
  "ap-east-1": "871362719292",
  "ap-northeast-3": "364406365360",
  "ap-south-2": "772153158452",
  "ap-southeast-3": "907027046896",
  "ap-southeast-4": "457447274322",
  "ca-west-1": "204538143572",
  "cn-north-1": "727897471807",
  "cn-northwest-1": "727897471807",
  "eu-central-2": "380420809688",
  "eu-south-1": "692866216735",
  "eu-south-2": "503227376785",
  "il-central-1": "780543022126",
  "me-central-1": "914824155844",
  "me-south-1": "217643126080",
  "us-gov-east-1": "446045086412",
  "us-gov-west-1": "442386744353",
};
const usualAccount = "763104351884";

/** Repositories of the deep learning containers. */
const deepLearning =
  /^(autogluon|djl|huggingface-(pytorch|tensorflow)(-trcomp|-tgi)?|mxnet|pytorch(-trcomp)?|stabilityai-pytorch|tensorflow)-(inference|training)(-(eia|graviton|neuron|neuronx))?$|^sagemaker-tritonserver$/;

/** What `aws.sagemaker.getPrebuiltEcrImage` answers, for the deep learning containers. @throws Error naming what it does not know */
export function prebuiltImage(
  inputs: { repositoryName: string; imageTag?: string; dnsSuffix?: string; region?: string },
  cloudRegion: string,
): Record<string, unknown> {
  const { repositoryName, imageTag = "1", region = cloudRegion } = inputs;
  if (!deepLearning.test(repositoryName)) {
    throw new Error(
      `getPrebuiltEcrImage: repositoryName: got "${repositoryName}"; the embedded cloud knows AWS's deep learning containers, ` +
        'such as "huggingface-pytorch-inference" or "pytorch-inference". Set the image itself instead.',
    );
  }
  const dnsSuffix = inputs.dnsSuffix ?? (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");
  const registryId = otherAccounts[region] ?? usualAccount;
  return {
    ...inputs,
    id: registryId,
    imageTag,
    region,
    registryId,
    registryPath: `${registryId}.dkr.ecr.${region}.${dnsSuffix}/${repositoryName}:${imageTag}`,
  };
}
