import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { batchEngineRole, letEngine } from "../../components/batch";
import type { Reach } from "../../components/functionPolicies";
import { policyRows } from "../../docs/policies";
import { deploy } from "../../doubles/deploy";
import { inputsOf, parentOf, statementsOf } from "../support/readable";

const service = (more: object) => () => new AsyncInference("ocr", { image: "ocr:1", inputBuckets: ["scans"], ...more }).outputs;
const named = ({ type, name }: { type: string; name: string }) => `${type} ${name}`;

describe("batches", () => {
  it("add a function and the engine's role, and change nothing else of a service that has none", async () => {
    const without = (await deploy(service({}))).resources;
    const off = (await deploy(service({ batchEnabled: false }))).resources;
    const on = (await deploy(service({ batchEnabled: true }))).resources;

    expect(off.map(named)).to.deep.equal(without.map(named));
    const added = on.map(named).filter((each) => !without.map(named).includes(each));
    expect(added.sort()).to.deep.equal([
      "aws:cloudwatch/logGroup:LogGroup ocr-batch",
      "aws:iam/role:Role ocr-batch",
      "aws:iam/role:Role ocr-batch-engine",
      "aws:iam/rolePolicy:RolePolicy ocr-batch",
      "aws:iam/rolePolicy:RolePolicy ocr-batch-engine",
      "aws:lambda/function:Function ocr-batch",
    ]);
  });

  it("let the engine invoke the batch function alone, and write its reports alone", async () => {
    const { resources } = await deploy(service({ batchEnabled: true }));
    const rows = policyRows(resources).filter(({ principal }) => principal.startsWith("role ocr-batch-engine"));

    expect(rows.map(({ actions, resources: on }) => [actions.join(), on.length])).to.deep.equal([
      ["lambda:InvokeFunction", 1],
      ["s3:GetObject", 2],
      ["s3:PutInventoryConfiguration", 2],
      ["s3:PutObject", 1],
    ]);
  });

  describe("and their engine", () => {
    const key = (id: string) => `arn:aws-cn:kms:cn-north-1:123456789012:key/${id}`;
    const functionArn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:ocr-batch";
    const type = "aws:iam/rolePolicy:RolePolicy";
    /** The engine's role of a service that is not there itself. */
    const engine = (settings: object) =>
      deploy(() => {
        const parent = new pulumi.ComponentResource("acme:index:Service", "ocr");
        const reach = {
          place: { partition: pulumi.output("aws-cn") },
          settings: { inputBuckets: ["scans"], ...settings },
          storage: { bucketArn: pulumi.output("arn:aws-cn:s3:::ocr-bucket") },
          inputPrefix: "in/",
        } as unknown as Reach;
        const role = batchEngineRole("engine", parent);
        return { policies: letEngine("engine", role, reach, pulumi.output(functionArn), parent).length };
      });

    it("is S3 Batch Operations alone, and may read manifests, write reports and invoke that function, each in its place", async () => {
      const deployment = await engine({});

      const { assumeRolePolicy } = await inputsOf(deployment, "aws:iam/role:Role", "engine");
      expect(assumeRolePolicy).to.deep.equal({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "BatchOperationsAssumes",
            Effect: "Allow",
            Principal: { Service: "batchoperations.s3.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      });
      const allow = (Sid: string, Action: string, Resource: string | string[]) => ({ Sid, Effect: "Allow", Action, Resource });
      expect(await inputsOf(deployment, type, "engine")).to.deep.equal({
        role: "engine-0a1b2c3",
        policy: {
          Version: "2012-10-17",
          Statement: [
            allow("Invoke", "lambda:InvokeFunction", functionArn),
            allow("ReadManifest", "s3:GetObject", ["arn:aws-cn:s3:::ocr-bucket/in/_batch/*", "arn:aws-cn:s3:::scans/*"]),
            allow("ListObjects", "s3:PutInventoryConfiguration", ["arn:aws-cn:s3:::ocr-bucket", "arn:aws-cn:s3:::scans"]),
            allow("WriteReport", "s3:PutObject", "arn:aws-cn:s3:::ocr-bucket/in/_batch/*"),
          ],
        },
      });
      expect(deployment.outputs).to.deep.equal({ policies: 0 });
      const parents = deployment.resources.map((each) => parentOf(deployment, named(each)));
      expect(parents).to.deep.equal(parents.map(() => "acme:index:Service ocr"));
    });

    it("may use the keys of what it reads: today's, former ones, and others'", async () => {
      const deployment = await engine({ kmsKeyArn: key("1"), formerKmsKeyArns: [key("2")], decryptKeyArns: [key("3")] });

      const uses = Object.values(await statementsOf(deployment, type, "engine.key")).map(({ Action, Resource }) => [Action, Resource]);
      expect(uses).to.deep.equal([
        [["kms:Decrypt", "kms:GenerateDataKey"], key("1")],
        ["kms:Decrypt", key("2")],
        ["kms:Decrypt", key("3")],
      ]);
      expect(deployment.outputs).to.deep.equal({ policies: 1 });
    });
  });
});
