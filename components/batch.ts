import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { batchFolder } from "../core/lifecycle/batch";
import type { Reach } from "./functionPolicies";
import { bucketArns, keyStatements, keyUsePolicy, policyDocument, type Statement } from "./policies";

/** Role that S3 Batch Operations assumes. */
export function batchEngineRole(name: string, parent: pulumi.Resource): aws.iam.Role {
  const trust: Statement = {
    sid: "BatchOperationsAssumes",
    actions: ["sts:AssumeRole"],
    principals: [{ type: "Service", identifiers: ["batchoperations.s3.amazonaws.com"] }],
  };
  return new aws.iam.Role(name, { assumeRolePolicy: policyDocument(parent, [trust]) }, { parent });
}

/**
 * Lets the engine read manifests, list objects below a prefix into one, invoke the batch function and nothing else, and write its report.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
 *
 * @returns the policy with its use of keys; none without keys
 */
export function letEngine(
  name: string,
  role: aws.iam.Role,
  { place, settings, storage, inputPrefix }: Reach,
  functionArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): readonly pulumi.Resource[] {
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
  return keyUsePolicy(name, role, keyStatements({ kmsKeyArn, formerKmsKeyArns, decryptKeyArns }), parent);
}
