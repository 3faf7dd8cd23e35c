import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { AsyncInferenceArgs } from "../../components/args";
import { requireHandlerName, requireServiceName } from "../../components/nameChecks";
import { checked, problemsOf, warningsOf } from "../../components/validate";
import { deploy } from "../../doubles/deploy";

describe("checking arguments", () => {
  const thrownBy = (run: () => unknown): pulumi.InputPropertiesError => {
    try {
      run();
    } catch (error) {
      if (error instanceof pulumi.InputPropertiesError) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  };

  it("names every plain value that is wrong at once, in the message and as data", () => {
    const error = thrownBy(() => checked("ocr", { image: "OCR", maxAttempts: 0, failureEmails: ["a@example.com", "ml"] }));

    expect(error.message).to.equal(
      [
        "ocr can't be set up:",
        '  image: got "OCR", expected an ECR image with a tag or digest, such as ocr:1 (this account and region) or <account>.dkr.ecr.<region>.amazonaws.com/ocr:1',
        "  maxAttempts: got 0, expected a whole number from 1 to 999",
        '  failureEmails[1]: got "ml", expected a list of email addresses such as ["ml-team@example.com"]',
      ].join("\n"),
    );
    expect(error.errors.map(({ propertyPath }) => propertyPath)).to.deep.equal(["image", "maxAttempts", "failureEmails[1]"]);
    expect(pulumi.RunError.isInstance(error), "whether Pulumi prints the message without a stack trace").to.equal(true);
  });

  it("checks an Output when it resolves, and lets nothing wrong reach a resource", async () => {
    const registered: string[] = [];
    const run = deploy(
      () => {
        const { targetBacklogPerInstance, maxAttempts } = checked("ocr", {
          image: pulumi.output("ocr:1"),
          maxAttempts: pulumi.output(3),
          targetBacklogPerInstance: pulumi.output(0),
        });
        new pulumi.Stash("right", { input: maxAttempts });
        new pulumi.Stash("wrong", { input: targetBacklogPerInstance });
      },
      {},
      registered,
    );

    expect(await run.then(String, ({ message }: Error) => message)).to.equal(
      'error serializing property "input": ocr can\'t be set up:\n  targetBacklogPerInstance: got 0, expected a whole number from 1',
    );
    expect(registered.filter((line) => line.startsWith("pulumi:index:Stash"))).to.deep.equal(["pulumi:index:Stash right"]);
  });

  it("refuses an Output where resources depend on the value, also one inside: JavaScript has no types that would", () => {
    const error = thrownBy(() =>
      checked("ocr", {
        image: "ocr:1",
        warmHours: ["mon 08:00-18:00", pulumi.output("tue 08:00-18:00")],
        warmTimeZone: Promise.resolve("UTC"),
        minCapacity: pulumi.output(1),
        maxAttempts: 0,
      } as unknown as AsyncInferenceArgs),
    );
    const plain = "known before anything is created";

    expect(error.message.split("\n").slice(1)).to.deep.equal([
      `  warmHours: got a value that is known later, expected a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"], ${plain}`,
      `  warmTimeZone: got a value that is known later, expected a time zone such as Europe/Berlin, ${plain}`,
      `  minCapacity: got a value that is known later, expected a whole number from 0, ${plain}`,
      "  maxAttempts: got 0, expected a whole number from 1 to 999",
    ]);
  });

  it("checks a map that holds an Output as a whole", async () => {
    const { outputs } = await deploy(() => checked("ocr", { image: "ocr:1", environment: { A: pulumi.output("1") } }));

    expect(outputs).to.deep.equal({ image: "ocr:1", environment: { A: "1" } });
  });

  it("judges what is known of an environment at once, beside what is known later", () => {
    const environment = { LATER: pulumi.output("1"), SAGEMAKER_MODEL_SERVER_WORKERS: "many" };
    const args: AsyncInferenceArgs = { huggingFaceModelId: "gpt2", environment };
    expect(thrownBy(() => checked("ocr", args)).errors).to.deep.equal([
      { propertyPath: "environment.SAGEMAKER_MODEL_SERVER_WORKERS", reason: "got a value that is not shown, expected a whole number" },
    ]);
    // Nothing is known of one that is an Output as a whole.
    const whole = pulumi.output({ SAGEMAKER_MODEL_SERVER_WORKERS: "many" });
    expect(Object.keys(checked("ocr", { huggingFaceModelId: "gpt2", environment: whole }))).to.deep.equal([
      "huggingFaceModelId",
      "environment",
    ]);
  });

  it("lets an Output that turns out to be nothing be nothing", async () => {
    const args = { image: "ocr:1", maxAttempts: pulumi.output(undefined) } as unknown as AsyncInferenceArgs;
    const { outputs } = await deploy(() => ({
      attempts: pulumi.output(checked("ocr", args).maxAttempts).apply((value) => value ?? "none"),
    }));

    expect(outputs).to.deep.equal({ attempts: "none" });
  });

  it("takes an argument that is undefined for one that is left out", () => {
    expect(problemsOf({ image: "ocr:1", maxCapacity: undefined, huggingFaceTask: undefined })).to.deep.equal([]);
  });

  it("warns of what works and may not be meant, a line each", () => {
    const environment = { SAGEMAKER_MODEL_SERVER_TIMEOUT: "1" };
    expect(warningsOf({ image: "ocr:1" })).to.deep.equal([]);
    expect(warningsOf({ modelDataUrl: "s3://models/model.tar.gz", framework: "huggingface", environment })).to.deep.equal([
      "environment.SAGEMAKER_MODEL_SERVER_TIMEOUT: lets the server give up sooner than SageMaker, which takes up to 3600 seconds: such jobs end as MODEL_ERROR, not as TIMEOUT",
    ]);
  });

  it("counts an Output as given: a model from another stack is a model", () => {
    const url = pulumi.output("s3://models/model.tar.gz");
    expect(Object.keys(checked("ocr", { modelDataUrl: url }))).to.deep.equal(["modelDataUrl"]);
    expect(thrownBy(() => checked("ocr", { modelDataUrl: url, huggingFaceModelId: "gpt2" })).errors).to.deep.equal([
      { propertyPath: "huggingFaceModelId", reason: "got one together with modelDataUrl, expected only one of them: remove the other" },
    ]);
  });

  it("passes what is right through unchanged", () => {
    const args: AsyncInferenceArgs = { image: "ocr:1", maxCapacity: 2, tags: { team: "ml" } };
    expect(checked("ocr", args)).to.deep.equal(args);
  });

  it("refuses names that SageMaker or Lambda would refuse minutes later", () => {
    expect(["ocr", "Ocr-2", "a".repeat(40)].map((name) => requireServiceName(name))).to.deep.equal([undefined, undefined, undefined]);
    for (const name of ["", "ocr_2", "2ocr", "ocr-", "o--r", "a".repeat(41)]) {
      expect(thrownBy(() => requireServiceName(name)).errors).to.deep.equal([
        { propertyPath: "name", reason: `got "${name}", expected at most 40 letters, digits and single hyphens, starting with a letter` },
      ]);
    }
    const long = "x".repeat(60);
    expect(thrownBy(() => requireHandlerName(long, `ocr-${long}`)).errors).to.deep.equal([
      {
        propertyPath: "name",
        reason: `got "${long}", expected letters, digits and single hyphens, starting with a letter; with the service's, 4 to 56 characters in all`,
      },
    ]);
  });
});
