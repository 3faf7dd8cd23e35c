import { imageProblems, type ImageUse } from "../components/imageChecks";
import { defaultFramework, frameworks, readImage, type Framework } from "../components/servingImages";
import { partitionOf } from "../core/partition";
import { readS3Uri } from "../core/records/s3Uri";
import type { AwsSettings } from "./aws";
import type { CheckResult } from "./checklist";
import { codedFrom, failure } from "./failure";
import { shellWord } from "./target";

/** Whose credentials these are; without `accountId` they are nobody's. */
export async function checkCredentials(aws: AwsSettings): Promise<{ result: CheckResult; accountId?: string }> {
  const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient(aws);
  try {
    const { Account, Arn } = await client.send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw failure("INTERNAL", "STS did not say whose credentials they are.", "");
    return { result: { status: "passed", detail: `${Arn}, region ${aws.region}` }, accountId: Account };
  } catch (error) {
    const { message, advice } = codedFrom(error);
    return { result: { status: "failed", detail: message, request: advice } };
  } finally {
    client.destroy();
  }
}

/**
 * Whether the account may run so many instances of a type as endpoints.
 *
 * @param inRelease how many a release needs, with the instances that it starts beside those that run
 * https://docs.aws.amazon.com/sagemaker/latest/dg/regions-quotas.html
 */
export async function checkQuota(aws: AwsSettings, instanceType: string, instances: number, inRelease = instances): Promise<CheckResult> {
  const quotas = await import("@aws-sdk/client-service-quotas");
  const client = new quotas.ServiceQuotasClient(aws);
  const wanted = `${instanceType} for endpoint usage`;
  const find = async (pages: AsyncIterable<{ Quotas?: { QuotaName?: string; QuotaCode?: string; Value?: number }[] }>) => {
    for await (const { Quotas = [] } of pages) {
      const found = Quotas.find(({ QuotaName }) => QuotaName === wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  try {
    const query = { ServiceCode: "sagemaker", MaxResults: 100 };
    // What was never raised may be listed among the defaults only.
    const quota =
      (await find(quotas.paginateListServiceQuotas({ client }, query))) ??
      (await find(quotas.paginateListAWSDefaultServiceQuotas({ client }, query)));
    if (quota === undefined) {
      return {
        status: "failed",
        detail: `region ${aws.region} has no quota "${wanted}": SageMaker does not serve endpoints on this type there`,
        request: "Choose another instance type or region.",
      };
    }
    const { Value = 0, QuotaCode = "" } = quota;
    const release = inRelease > instances ? `, and ${inRelease} during a release` : "";
    const detail = `"${wanted}" is ${Value} in ${aws.region}, ${instances} may run at once${release}`;
    if (Value >= inRelease) return { status: "passed", detail };
    return {
      status: "failed",
      detail,
      request: `aws service-quotas request-service-quota-increase --region ${aws.region} --service-code sagemaker --quota-code ${QuotaCode} --desired-value ${inRelease}`,
    };
  } finally {
    client.destroy();
  }
}

/** What decides whether an image can run, from the stack's settings. */
export interface ImageToCheck extends Pick<ImageUse, "image" | "imageTag" | "inferenceAmiVersion"> {
  instanceType: string;
  /** As the stack file has it; unknown words are the deployment's to refuse. */
  framework?: string;
}

/** Whether an image can run where it shall, and exists: asked with the permissions that pull it. */
export async function checkImage(aws: AwsSettings, { framework, ...use }: ImageToCheck, accountId: string): Promise<CheckResult> {
  const known = framework !== undefined && Object.hasOwn(frameworks, framework) ? (framework as Framework) : defaultFramework;
  const problems = imageProblems({
    ...use,
    ...(use.image === undefined && { framework: known }),
    withoutAmiVersion: use.inferenceAmiVersion === undefined,
    region: aws.region,
  });
  if (problems.length > 0) {
    return { status: "failed", detail: problems.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`).join("; ") };
  }
  const { image } = use;
  if (image === undefined) return { status: "skipped", detail: "AWS's own image for the framework" };
  const parts = readImage(image);
  if (parts === undefined) {
    return {
      status: "failed",
      detail: `${image} is not an ECR image with a tag or digest`,
      request: "Write ocr:1 (this account and region) or <account>.dkr.ecr.<region>.amazonaws.com/ocr:1.",
    };
  }
  const { registryId = accountId, region = aws.region, repositoryName, tag: imageTag, digest: imageDigest } = parts;
  const { ECRClient, BatchGetImageCommand } = await import("@aws-sdk/client-ecr");
  const client = new ECRClient({ ...aws, region });
  const version = imageTag ?? imageDigest;
  const login = `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${registryId}.dkr.ecr.${region}.amazonaws.com`;
  const push = `${login} && docker push ${registryId}.dkr.ecr.${region}.amazonaws.com/${repositoryName}:${imageTag ?? "TAG"}`;
  try {
    const imageIds = [imageTag === undefined ? { imageDigest } : { imageTag }];
    const { images = [] } = await client.send(new BatchGetImageCommand({ registryId, repositoryName, imageIds }));
    if (images.length > 0) {
      return { status: "passed", detail: `${repositoryName} has ${version}, in account ${registryId}, region ${region}` };
    }
    return {
      status: "failed",
      detail: `repository ${repositoryName} of account ${registryId}, region ${region}, has no ${version}`,
      request: push,
    };
  } catch (error) {
    if ((error as Error).name !== "RepositoryNotFoundException") throw error;
    const request =
      registryId === accountId
        ? `aws ecr create-repository --region ${region} --repository-name ${repositoryName}`
        : "Correct account, region or name.";
    return { status: "failed", detail: `account ${registryId}, region ${region}, has no repository ${repositoryName}`, request };
  } finally {
    client.destroy();
  }
}

/** Whether the model's artifact can be read, in the endpoint's region. */
export async function checkModel(
  aws: AwsSettings,
  modelUri: string | undefined,
  huggingFaceModelId: string | undefined,
): Promise<CheckResult> {
  if (modelUri === undefined) {
    const detail =
      huggingFaceModelId === undefined
        ? "the image has the model inside"
        : `${huggingFaceModelId} comes from the Hugging Face Hub when the container starts`;
    return { status: "skipped", detail };
  }
  const location = readS3Uri(modelUri);
  if (location === undefined) return { status: "failed", detail: `${modelUri} is not an S3 URI`, request: "Write s3://bucket/key." };
  const { S3Client, HeadObjectCommand, ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ ...aws, forcePathStyle: aws.endpoint !== undefined });
  const { bucket: Bucket, key } = location;
  const bucketArn = `arn:${partitionOf(aws.region)}:s3:::${Bucket}`;
  const isPrefix = key.endsWith("/");
  const copy = isPrefix ? "aws s3 cp --recursive model/" : "aws s3 cp model.tar.gz";
  try {
    if (isPrefix) {
      const { KeyCount = 0 } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: key, MaxKeys: 1 }));
      if (KeyCount > 0) return { status: "passed", detail: `${modelUri} has files` };
      return { status: "failed", detail: `there is nothing below ${modelUri}`, request: `${copy} ${shellWord(modelUri)}` };
    }
    const { ContentLength = 0 } = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
    return { status: "passed", detail: `${modelUri} can be read: ${(ContentLength / 1e6).toFixed(1)} MB` };
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    switch (status) {
      case 301:
        return {
          status: "failed",
          detail: `bucket ${location.bucket} is in another region than ${aws.region}, where SageMaker needs the model`,
          request: `aws s3 cp ${isPrefix ? "--recursive " : ""}${shellWord(modelUri)} s3://BUCKET-IN-${aws.region}/${key}`,
        };
      case 403:
        return {
          status: "failed",
          detail: isPrefix
            ? `what is below ${modelUri} may not be listed`
            : `${modelUri} may not be read, or is not there (S3 says the same without s3:ListBucket)`,
          request: isPrefix
            ? `Allow {"Effect":"Allow","Action":"s3:ListBucket","Resource":"${bucketArn}"} to these credentials.`
            : `Allow {"Effect":"Allow","Action":"s3:GetObject","Resource":"${bucketArn}/${key}"} to these credentials.`,
        };
      case 404:
        return { status: "failed", detail: `${modelUri} does not exist`, request: `${copy} ${shellWord(modelUri)}` };
      default:
        throw error;
    }
  } finally {
    client.destroy();
  }
}
