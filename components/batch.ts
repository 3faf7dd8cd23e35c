import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { batchFolder } from "../core/lifecycle/batch";
import type { Reach } from "./functionPolicies";
import { bucketArns, keyStatements, keyUsePolicy, policyDocument, type Statement } from "./policies";

/**
 * Role that S3 Batch Operations assumes: it reads manifests, lists objects below a prefix into one, invokes the batch function and nothing
 * else, and writes its report.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
 */
export function batchEngineRole(
  name: string,
  { place, settings, storage, inputPrefix }: Reach,
  functionArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): { role: aws.iam.Role; keyPolicies: readonly pulumi.Resource[] } {
  const trust: Statement = {
    sid: "BatchOperationsAssumes",
    actions: ["sts:AssumeRole"],
    principals: [{ type: "Service", identifiers: ["batchoperations.s3.amazonaws.com"] }],
  };
  const role = new aws.iam.Role(name, { assumeRolePolicy: policyDocument(parent, [trust]) }, { parent });
  const allowed = bucketArns(place.partition, settings.inputBuckets);
  const folder = pulumi.interpolate`${storage.bucketArn}/${inputPrefix}${batchFolder}*`;
  const objects = pulumi.all([folder, allowed]).apply(([own, buckets]) => [own, ...buckets.map((each) => `${each}/*`)]);
  const buckets = pulumi.all([storage.bucketArn, allowed]).apply(([own, others]) => [own, ...others]);
  const statements: Statement[] = [
    { sid: "Invoke", actions: ["lambda:InvokeFunction"], resources: [functionArn] },
    { sid: "ReadManifest", actions: ["s3:GetObject"], resources: objects },
    // What a manifest of a prefix is made by.
    { sid: "ListObjects", actions: ["s3:PutInventoryConfiguration"], resources: buckets },
    { sid: "WriteReport", actions: ["s3:PutObject"], resources: [folder] },
  ];
  new aws.iam.RolePolicy(name, { role: role.id, policy: policyDocument(parent, statements) }, { parent });
  const { kmsKeyArn, formerKmsKeyArns, decryptKeyArns } = settings;
  return { role, keyPolicies: keyUsePolicy(name, role, keyStatements({ kmsKeyArn, formerKmsKeyArns, decryptKeyArns }), parent) };
}
