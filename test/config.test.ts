import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { AsyncInferenceArgs } from "../components/args";
import { readSettings } from "../config";

const project = "sagemaker-async-inference";

/** What the program reads when the stack file has these settings. */
async function read(
  config: Record<string, string>,
  secrets: string[] = [],
  others: Record<string, string> = {},
): Promise<AsyncInferenceArgs> {
  const whole = (name: string) => `${project}:${name}`;
  await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, project, "test");
  const own: Record<string, string> = Object.fromEntries(Object.entries(config).map(([name, value]) => [whole(name), value]));
  pulumi.runtime.setAllConfig({ ...own, ...others }, secrets.map(whole));
  try {
    return readSettings();
  } finally {
    pulumi.runtime.setAllConfig({});
  }
}

/** What the user is told: the whole message. */
const told = async (...args: Parameters<typeof read>): Promise<string> =>
  read(...args).then(
    () => "nothing",
    (error: unknown) => {
      if (!pulumi.RunError.isInstance(error)) throw error;
      return error.message;
    },
  );

describe("the settings of a stack", () => {
  it("become typed arguments", async () => {
    const settings = {
      image: "ocr:1",
      minCapacity: "1",
      inboxEnabled: "true",
      failureEmails: '["ml@example.com"]',
      environment: '{"WORKERS":2,"DEBUG":false,"MODE":"fast"}',
      tags: '{"team":"ml"}',
    };
    expect(await read(settings)).to.deep.equal({
      image: "ocr:1",
      minCapacity: 1,
      inboxEnabled: true,
      failureEmails: ["ml@example.com"],
      environment: { WORKERS: "2", DEBUG: "false", MODE: "fast" },
      tags: { team: "ml" },
    });
  });

  it("count as not given when they are the default: Pulumi.yaml's own must not contradict anything", async () => {
    expect(await read({ image: "ocr:1", bucketName: "scans", inputExpirationDays: "30", minCapacity: "0", tags: "{}" })).to.deep.equal({
      image: "ocr:1",
      bucketName: "scans",
    });
  });

  it("are told all at once, each with key, what it got and what it accepts, when they can't be used", async () => {
    const message = await told({
      maxCapacity: "five",
      minCapacity: "-1",
      inboxEnabled: "yes",
      failureEmails: "ml@example.com",
      tags: "[1]",
      logRetentionDays: "31",
      instanceTyp: "ml.g5.xlarge",
      gpu: "1",
      modelDataUrl: "s3://models/model.zip",
      huggingFaceModelId: "gpt2",
    });
    expect(message.split("\n")).to.deep.equal([
      "10 settings of stack test can't be used; nothing was changed:",
      '  maxCapacity: got "five", expected a whole number from 1',
      '  inboxEnabled: got "yes", expected true or false',
      '  failureEmails: got "ml@example.com", expected a list of email addresses such as ["ml-team@example.com"]',
      "  tags: got [1], expected at most 48 tags of letters, digits, blanks and _.:/=+-@, with names of at most 128 characters that do not start with aws: and values of at most 256",
      "  instanceTyp: is not a setting: did you mean instanceType?",
      "  gpu: is not a setting: remove it; docs/reference.md lists them",
      "  minCapacity: got -1, expected a whole number from 0",
      "  logRetentionDays: got 31, expected one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
      '  modelDataUrl: got "s3://models/model.zip", expected an S3 URI such as s3://my-models/ocr/model.tar.gz, or s3://my-models/ocr/ for a model that is not packed',
      "  huggingFaceModelId: got one together with modelDataUrl, expected only one of them: remove the other",
    ]);
  });

  it("are told when they contradict each other", async () => {
    expect(await told({ image: "ocr:1", minCapacity: "2", maxCapacity: "1", volumeSizeGb: "100" })).to.equal(
      [
        "2 settings of stack test can't be used; nothing was changed:",
        "  minCapacity: got 2, expected at most maxCapacity, which is 1",
        "  volumeSizeGb: got 100, but ml.g5.2xlarge has local disks, for which SageMaker takes no volume size: remove it",
      ].join("\n"),
    );
  });

  it("say that a model is missing, and only that, on a new stack", async () => {
    expect(await told({})).to.equal(
      [
        "1 setting of stack test can't be used; nothing was changed:",
        "  modelDataUrl: got nothing, expected a model: set modelDataUrl, image or huggingFaceModelId",
      ].join("\n"),
    );
  });

  it("do not blame a missing model when it is there but wrong", async () => {
    expect(await told({ image: "OCR" })).to.equal(
      [
        "1 setting of stack test can't be used; nothing was changed:",
        '  image: got "OCR", expected an ECR image with a tag or digest, such as ocr:1 (this account and region) or <account>.dkr.ecr.<region>.amazonaws.com/ocr:1',
      ].join("\n"),
    );
  });

  it("stay secret where they may be, and are refused, unshown, where they would be seen", async () => {
    const { environment } = await read({ image: "ocr:1", environment: '{"TOKEN":"hunter2"}' }, ["environment"]);
    expect(await pulumi.isSecret(environment as pulumi.Output<unknown>)).to.equal(true);

    const message = await told({ image: "hunter2:1", bucketName: "Hunter2", environment: "hunter2" }, ["bucketName", "environment"]);
    expect(message.split("\n")).to.deep.equal([
      "2 settings of stack test can't be used; nothing was changed:",
      "  bucketName: got a secret, expected plain text: it shows in names, outputs or policies; set it again with --plaintext",
      "  environment: got a value that is not shown, expected at most 100 variables whose names are letters, digits and _, with names and values of at most 1024 characters",
    ]);
  });

  it("take a token only as a secret, and never show it", async () => {
    const { huggingFaceToken } = await read({ huggingFaceModelId: "gpt2", huggingFaceToken: "hf_0123456789" }, ["huggingFaceToken"]);
    expect(await pulumi.isSecret(huggingFaceToken as pulumi.Output<unknown>)).to.equal(true);

    const message = await told({ huggingFaceModelId: "gpt2", huggingFaceToken: "hf_0123456789" });
    expect(message.split("\n").slice(1)).to.deep.equal([
      "  huggingFaceToken: got plain text, expected a secret: pulumi config set --secret huggingFaceToken, and make a new one, since this one can be read",
    ]);
  });

  it("take webhooks whose secrets are secrets, and nothing else of them is, since it decides which resources exist", async () => {
    const secret = `whsec_${"A".repeat(32)}`;
    const orders = { url: "https://shop.example.com/jobs", secret };
    const { webhooks } = await read({ image: "ocr:1", webhooks: JSON.stringify({ orders }) }, ["webhooks"]);
    expect(webhooks?.["orders"]?.url).to.equal(orders.url);
    expect(await pulumi.isSecret(webhooks?.["orders"]?.secret as pulumi.Output<string>)).to.equal(true);

    const here = { url: "http://127.0.0.1:8080/jobs", secret };
    const message = await told({ image: "ocr:1", webhooks: JSON.stringify({ orders, here, none: null }) });
    expect(message.split("\n").slice(1)).to.deep.equal([
      "  webhooks.orders.secret: got plain text, expected a secret: pulumi config set --secret --path webhooks.orders.secret, and make a new one, since this one can be read",
      "  webhooks.none: got a value that is not shown, expected at most 10 webhooks by name (1 to 16 small letters, digits and single hyphens, a letter first), each with url and secret",
    ]);
    expect(await read({ image: "ocr:1", webhooks: JSON.stringify({ here }) })).to.deep.include({ webhooks: { here } });
  });

  it("are only the project's: other namespaces, the embedded cloud's among them, are never looked at", async () => {
    const others = { "aws:region": "eu-west-1", "local:modelCommand": "true", "local:maxCapacity": "five", [`${project}-2:x`]: "1" };
    expect(await read({ image: "ocr:1" }, [], others)).to.deep.equal({ image: "ocr:1" });
  });
});
