import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { servingImage } from "./imageChecks";
import { registryAccount } from "./registries";
import { frameworkFacts, type Framework, type ServingImage } from "./servingImages";

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

/** Address of AWS's image for a framework and an instance type, in the region's own registry. Both were checked: see `imageProblems`. */
export function prebuiltImage(
  framework: Framework,
  instanceType: string,
  imageTag: pulumi.Input<string> | undefined,
  { region, dnsSuffix }: Place,
): pulumi.Output<string> {
  const { repositoryName, tag } = servingImage(framework, instanceType) as ServingImage;
  const { registry } = frameworkFacts(framework);
  return pulumi
    .all([region, dnsSuffix, imageTag ?? tag])
    .apply(([where, suffix, version]) => `${registryAccount(registry, where)}.dkr.ecr.${where}.${suffix}/${repositoryName}:${version}`);
}

/** Address of `image`: as it is, or in this account's registry when it is only `repository:tag`. */
export function imageAddress(image: pulumi.Input<string>, place: Place): pulumi.Output<string> {
  return pulumi
    .all([image, place.accountId, place.region, place.dnsSuffix])
    .apply(([address, accountId, region, dnsSuffix]) =>
      address.includes(".dkr.ecr") ? address : `${accountId}.dkr.ecr.${region}.${dnsSuffix}/${address}`,
    );
}

/** ARN of the ECR repository of an {@link imageAddress}, whatever its account and region are called: mocks of unit tests have none. */
export function repositoryArn(address: string, partition: string): string {
  const [, registryId, region, repositoryName] = /^([^.]+)\.dkr\.ecr[^.]*\.([^.]+)\.[^/]+\/([^:@]+)/.exec(address) ?? [];
  return `arn:${partition}:ecr:${region}:${registryId}:repository/${repositoryName}`;
}
