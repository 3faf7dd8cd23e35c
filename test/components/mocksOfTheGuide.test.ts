import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { AsyncInferenceArgs } from "../../components/args";
import { AsyncInference } from "../../components/asyncInference";
import { deploy } from "../../doubles/deploy";
import { takeRejections } from "../../doubles/rejections";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";

/** A program of a consumer's. */
function program(args: AsyncInferenceArgs): void {
  const service = new AsyncInference("ocr", args);
  service.onCompleted("store", ({ jobId }) => void jobId);
  service.consumerQueue("orders");
  const role = new aws.iam.Role("app", { assumeRolePolicy: "{}" });
  service.grantSubmit(role);
  service.grantWait(role);
  service.grantExplain(role);
}

/** What is registered with the mocks of https://www.pulumi.com/docs/iac/guides/testing/unit/, which answer with what they were asked. */
async function registeredUnderMocks(args: AsyncInferenceArgs): Promise<string[]> {
  const registered: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (custom) registered.push(`${type} ${name}`);
        return { id: `${(inputs as { name?: string }).name}_id`, state: inputs as object };
      },
      call: ({ inputs }) => inputs as object,
    },
    "project",
    "stack",
  );
  await pulumi.runtime.runInPulumiStack(() => {
    program(args);
    return Promise.resolve({});
  });
  await pulumi.runtime.disconnect();
  expect(await takeRejections()).to.deep.equal([]);
  return registered.sort();
}

describe("a consumer's unit test with the mocks of Pulumi's guide", () => {
  for (const [what, args] of Object.entries<AsyncInferenceArgs>({
    "an image": { image: "ocr:1" },
    "AWS's image, an artifact and all that is optional": {
      modelDataUrl: "s3://models/ocr/model.tar.gz",
      framework: "huggingface",
      inboxEnabled: true,
      inputBuckets: ["scans"],
      warmHours: ["mon-fri 08:00-18:00"],
      maxCapacity: 2,
      alarmsEnabled: true,
      alarmTopicArn: topicArn,
      dashboardEnabled: true,
      kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/0a1b",
    },
  })) {
    it(`registers every resource of a service with ${what}, as on AWS`, async () => {
      const { resources } = await deploy(() => program(args));
      const onAws = resources.map(({ type, name }) => `${type} ${name}`).sort();

      expect(await registeredUnderMocks(args)).to.deep.equal(onAws);
    });
  }
});
