import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { servingImage } from "./imageChecks";
import { registryAccount } from "./registries";
import { frameworkFacts } from "./servingImages";
/** Where the provider deploys to. */
export function currentPlace(opts) {
    const { partition, dnsSuffix } = aws.getPartitionOutput({}, opts);
    return {
        partition,
        dnsSuffix,
        region: aws.getRegionOutput({}, opts).region,
        accountId: aws.getCallerIdentityOutput({}, opts).accountId,
    };
}
/** Address of AWS's image for a framework and an instance type, in the region's own registry. Both were checked: see `imageProblems`. */
export function prebuiltImage(framework, instanceType, imageTag, { region, dnsSuffix }) {
    const { repositoryName, tag } = servingImage(framework, instanceType);
    const { registry } = frameworkFacts(framework);
    return pulumi
        .all([region, dnsSuffix, imageTag ?? tag])
        .apply(([where, suffix, version]) => `${registryAccount(registry, where)}.dkr.ecr.${where}.${suffix}/${repositoryName}:${version}`);
}
/** Address of `image`: as it is, or in this account's registry when it is only `repository:tag`. */
export function imageAddress(image, place) {
    return pulumi
        .all([image, place.accountId, place.region, place.dnsSuffix])
        .apply(([address, accountId, region, dnsSuffix]) => address.includes(".dkr.ecr") ? address : `${accountId}.dkr.ecr.${region}.${dnsSuffix}/${address}`);
}
/** ARN of the ECR repository of an {@link imageAddress}, whatever its account and region are called: mocks of unit tests have none. */
export function repositoryArn(address, partition) {
    const [, registryId, region, repositoryName] = /^([^.]+)\.dkr\.ecr[^.]*\.([^.]+)\.[^/]+\/([^:@]+)/.exec(address) ?? [];
    return `arn:${partition}:ecr:${region}:${registryId}:repository/${repositoryName}`;
}
