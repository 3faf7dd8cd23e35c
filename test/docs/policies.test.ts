import { expect } from "chai";
import { readFileSync } from "node:fs";
import { AsyncInference } from "../../components/asyncInference";
import { auditedRows, policiesPath, policyRows, policyText, withPolicies, type PolicyRow } from "../../docs/policies";
import { deploy } from "../../doubles/deploy";

/** A service with everything that adds a permission. */
const everything = () =>
  new AsyncInference("all", {
    modelDataUrl: "s3://models/ocr/model.tar.gz",
    instanceType: "ml.c6i.xlarge",
    inputBuckets: ["scans"],
    inboxEnabled: true,
    batchEnabled: true,
    kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1",
    vpcSubnetIds: ["subnet-1"],
    vpcSecurityGroupIds: ["sg-1"],
  }).outputs;

describe("the page of policies", () => {
  it("has the policies that the program registers: npm run docs", async () => {
    const page = readFileSync(policiesPath, "utf8");

    expect(page).to.equal(await withPolicies(page));
  });

  it("is what npm run audit:policies prints, a block a statement", async () => {
    const text = policyText(await auditedRows("prod"));

    expect(text).to.contain("\nrole inference-sweep may dynamodb:Query\n    on dynamodb:table/inference-jobs/index/due\n");
    expect(text).to.contain(
      "\nservice s3.amazonaws.com may lambda:InvokeFunction\n    on lambda:function:inference-inbox\n" +
        "    if ArnLike aws:SourceArn s3:inference-bucket\n    if StringEquals aws:SourceAccount 123456789012\n",
    );
  });
});

describe("the policies", () => {
  const everywhere = ({ resources }: PolicyRow) => resources.some((resource) => resource === "*");

  it("name a resource but where AWS has none for the action, which is these statements alone", async () => {
    const { resources } = await deploy(everything);
    const found = policyRows(resources).filter(everywhere);

    expect(found.map(({ effect, actions, conditions }) => [effect, ...actions, ...conditions])).to.deep.equal([
      ["Allow", "ecr:GetAuthorizationToken"],
      ["Allow", "cloudwatch:PutMetricData", "StringLike cloudwatch:namespace AWS/SageMaker or /aws/sagemaker/*"],
      [
        "Allow",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ],
      ["Allow", "application-autoscaling:DescribeScalableTargets"],
      ["Allow", "cloudwatch:GetMetricStatistics"],
    ]);
  });

  it("allow no action by a wildcard", async () => {
    const { resources } = await deploy(everything);
    const wide = policyRows(resources).filter(
      ({ effect, actions }) => effect === "Allow" && actions.some((action) => action.includes("*")),
    );

    expect(wide).to.deep.equal([]);
  });
});
