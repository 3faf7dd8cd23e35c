import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * AWS's prebuilt inference images: one repository a framework, one pinned tag for GPU and one for CPU instances.
 * Registry account and region come from the provider.
 * https://github.com/aws/deep-learning-containers/blob/master/available_images.md
 */
export const prebuiltImages = {
  huggingface: {
    repositoryName: "huggingface-pytorch-inference",
    gpuTag: "2.6.0-transformers4.49.0-gpu-py312-cu124-ubuntu22.04",
    cpuTag: "2.6.0-transformers4.49.0-cpu-py312-ubuntu22.04",
  },
  pytorch: {
    repositoryName: "pytorch-inference",
    gpuTag: "2.6.0-gpu-py312-cu124-ubuntu22.04-sagemaker",
    cpuTag: "2.6.0-cpu-py312-ubuntu22.04-sagemaker",
  },
} as const;

/** A framework for which AWS has an image. */
export type Framework = keyof typeof prebuiltImages;

/** Where the program runs: part of every ARN. */
export interface Place {
  partition: pulumi.Output<string>;
  region: pulumi.Output<string>;
  accountId: pulumi.Output<string>;
  /** `amazonaws.com`, or `amazonaws.com.cn`. */
  dnsSuffix: pulumi.Output<string>;
}

/** Where the provider deploys to. */
export function currentPlace(opts: pulumi.InvokeOptions): Place {
  const { partition, dnsSuffix } = aws.getPartitionOutput({}, opts);
  return {
    partition,
    dnsSuffix,
    region: aws.getRegionOutput({}, opts).region,
    accountId: aws.getCallerIdentityOutput({}, opts).accountId,
  };
}

/** Address of AWS's image for a framework. */
export function prebuiltImage(
  framework: Framework,
  forGpu: boolean,
  imageTag: pulumi.Input<string> | undefined,
  opts: pulumi.InvokeOptions,
): pulumi.Output<string> {
  const { repositoryName, gpuTag, cpuTag } = prebuiltImages[framework];
  return aws.sagemaker.getPrebuiltEcrImageOutput({ repositoryName, imageTag: imageTag ?? (forGpu ? gpuTag : cpuTag) }, opts).registryPath;
}

/** Address of `image`: as it is, or in this account's registry when it is only `repository:tag`. */
export function imageAddress(image: pulumi.Input<string>, place: Place): pulumi.Output<string> {
  return pulumi
    .all([image, place.accountId, place.region, place.dnsSuffix])
    .apply(([address, accountId, region, dnsSuffix]) =>
      address.includes(".dkr.ecr") ? address : `${accountId}.dkr.ecr.${region}.${dnsSuffix}/${address}`,
    );
}

/** ARN of the ECR repository of an {@link imageAddress}. */
export function repositoryArn(address: string, partition: string): string {
  const [, registryId, region, repository] = imagePattern.exec(address) as RegExpExecArray;
  return `arn:${partition}:ecr:${region}:${registryId}:repository/${repository}`;
}

const imagePattern = /^(\d{12})\.dkr\.ecr[^.]*\.([a-z0-9-]+)\.[^/]+\/([^:@]+)/;
