import * as pulumi from "@pulumi/pulumi";
import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { keyStatements, keyUsePolicy, lowerCase, policyDocument, tlsOnly } from "../../components/policies";
import { deploy } from "../../doubles/deploy";
import { inputsOf, treatmentOf } from "../support/readable";

describe("policies", () => {
  it("refuse everybody, whoever it is, what does not come over TLS", () => {
    expect(tlsOnly(["s3:*"], ["arn:aws:s3:::scans"])).to.deep.equal({
      sid: "TlsOnly",
      effect: "Deny",
      actions: ["s3:*"],
      principals: [{ type: "*", identifiers: ["*"] }],
      resources: ["arn:aws:s3:::scans"],
      conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
    });
  });

  it("let nobody use a key that is not there, and write with today's alone", () => {
    expect(keyStatements({})).to.deep.equal([]);
    expect(keyStatements({ kmsKeyArn: "today", formerKmsKeyArns: ["former"], decryptKeyArns: ["others"] })).to.deep.equal([
      { sid: "UseKey", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: ["today"] },
      { sid: "ReadFormerKeys", actions: ["kms:Decrypt"], resources: ["former"] },
      { sid: "ReadOthersKeys", actions: ["kms:Decrypt"], resources: ["others"] },
    ]);
  });

  it("with keys are replaced, not changed: what a former key encrypts is read until nothing uses it", async () => {
    const deployment = await deploy(() => {
      const role = new aws.iam.Role("worker", { assumeRolePolicy: "{}" });
      expect(keyUsePolicy("worker", role, [], role)).to.deep.equal([]);
      keyUsePolicy("worker", role, keyStatements({ kmsKeyArn: "today" }), role);
    });
    const type = "aws:iam/rolePolicy:RolePolicy";

    expect(await inputsOf(deployment, type, "worker.key")).to.deep.equal({
      role: "worker-0a1b2c3",
      policy: {
        Version: "2012-10-17",
        Statement: [{ Sid: "UseKey", Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "today" }],
      },
    });
    expect(treatmentOf(deployment, type, "worker.key")).to.deep.equal({ replaceOnChanges: ["policy"] });
    expect(deployment.options.get(`${type} worker.key`)?.parent).to.deep.include({ __name: "worker" });
  });

  it("have their statements in the order that was given, whenever they are known", async () => {
    const later = pulumi.output([{ sid: "Second", actions: ["sqs:SendMessage"], resources: ["*"] }]);
    const first = [{ sid: "First", actions: ["sns:Publish"], resources: ["*"] }];
    const { outputs } = await deploy(() => {
      const role = new aws.iam.Role("worker", { assumeRolePolicy: "{}" });
      return { document: policyDocument(role, first, later) };
    });

    const { Statement } = JSON.parse(outputs["document"] as string) as { Statement: { Sid: string }[] };
    expect(Statement.map(({ Sid }) => Sid)).to.deep.equal(["First", "Second"]);
  });

  it("name an endpoint in small letters, and a name that mocks leave undefined too", async () => {
    const undefinedName = pulumi.output(undefined as unknown as string);
    const { outputs } = await deploy(() => ({ known: lowerCase(pulumi.output("OCR-Endpoint")), unknown: lowerCase(undefinedName) }));

    expect(outputs).to.deep.equal({ known: "ocr-endpoint", unknown: "undefined" });
  });
});
