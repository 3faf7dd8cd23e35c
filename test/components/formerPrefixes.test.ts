import { expect } from "chai";
import * as aws from "@pulumi/aws";
import { explainStatement } from "../../client/explain/permissions";
import { AsyncInference } from "../../components/asyncInference";
import { formerPrefixesOf } from "../../outputs";
import { deploy, type Deployment } from "../../doubles/deploy";
import { serviceOutputs } from "../support/outputs";
import { inputsOf, statementsOf } from "../support/readable";

const bucket = "arn:aws:s3:::ocr-bucket-0a1b2c3";

describe("a prefix that was another one", () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await deploy(() => {
      const service = new AsyncInference("ocr", {
        image: "ocr:1",
        inboxEnabled: true,
        outputPrefix: "texts",
        outputExpirationDays: 7,
        formerPrefixes: { "output/": "output", scans: "input", "errors/": "failure", "drop/": "inbox" },
      });
      service.onCompleted("store", ({ jobId }) => void jobId);
      service.grantRead(new aws.iam.Role("worker", { assumeRolePolicy: "{}" }));
      return service.outputs;
    });
  });

  it("keeps its lifecycle: what lies there would never expire", async () => {
    const { rules } = await inputsOf(deployment, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "ocr-lifecycle");
    const days = (rules as { id: string; expiration?: { days: number } }[]).map(({ id, expiration }) => [id, expiration?.days]);
    expect(days).to.deep.equal([
      ["expire-input/", 30],
      ["expire-texts/", 7],
      ["expire-failure/", 30],
      ["expire-inbox/", 30],
      ["expire-scans/", 30],
      ["expire-output/", 7],
      ["expire-errors/", 30],
      ["expire-drop/", 30],
      ["incomplete-uploads", undefined],
    ]);
  });

  it("stays readable, and writable for what is under way, by those who read and wrote it: jobs would end without their results", async () => {
    const below = async (policy: string, sid: string) => {
      const { Resource } = (await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", policy))[sid] ?? {};
      return [Resource].flat().map((resource) => String(resource).replace(`${bucket}/`, ""));
    };

    expect({
      endpointReads: await below("ocr-execution", "ReadInputs"),
      endpointWrites: await below("ocr-execution", "WriteResults"),
      submitReads: await below("ocr-submit", "ReadObjects"),
      submitWrites: await below("ocr-submit", "WriteInputs"),
      inboxReads: await below("ocr-inbox", "ReadObjects"),
      resultReads: await below("ocr-result", "ReadObjects"),
      sweepReads: await below("ocr-sweep", "ReadObjects"),
      handlerReads: await below("ocr-completed-store", "ReadObjects"),
      readerReads: await below("worker-ocr-read", "Results"),
    }).to.deep.equal({
      endpointReads: ["input/*", "scans/*"],
      endpointWrites: ["texts/*", "failure/*", "output/*", "errors/*"],
      submitReads: ["input/*", "texts/*", "output/*"],
      submitWrites: ["input/*"],
      inboxReads: ["inbox/*", "drop/*"],
      resultReads: ["texts/*", "output/*", "failure/*", "errors/*"],
      sweepReads: ["input/*", "scans/*", "texts/*", "output/*", "failure/*", "errors/*"],
      handlerReads: ["texts/*", "output/*"],
      readerReads: ["texts/*", "failure/*", "output/*", "errors/*"],
    });
  });

  it("is known to the functions that tell by it what an object is, and to clients", async () => {
    const settingsOf = async (functionName: string) => {
      const { environment } = await inputsOf(deployment, "aws:lambda/function:Function", functionName);
      return (environment as { variables: { SETTINGS: unknown } }).variables.SETTINGS;
    };

    expect(await settingsOf("ocr-inbox")).to.deep.include({ formerInboxPrefixes: ["drop/"] });
    expect(await settingsOf("ocr-sweep")).to.deep.include({ formerInputPrefixes: ["scans/"] });
    const { formerPrefixes } = deployment.outputs as { formerPrefixes: string };
    expect(formerPrefixes).to.equal("input:scans/,output:output/,failure:errors/,inbox:drop/");
    expect(formerPrefixesOf({ formerPrefixes }, "failure")).to.deep.equal(["errors/"]);
    expect(explainStatement({ ...serviceOutputs, formerPrefixes }, "output").Resource).to.deep.equal([
      `${bucket}/out/*`,
      `${bucket}/output/*`,
      bucket,
    ]);
  });
});
