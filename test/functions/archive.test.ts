import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { busFunction } from "../../functions/bus";
import { floorFunction } from "../../functions/floor";
import { handlerFunction } from "../../functions/handler";
import { inboxFunction } from "../../functions/inbox";
import { resultFunction } from "../../functions/result";
import { sweepFunction } from "../../functions/sweep";
import { tasksFunction } from "../../functions/tasks";
import { webhookFunction } from "../../functions/webhook";
import { submitFunction } from "../../functions/submit";
import { serializeAnew } from "../support/remember";
import { isInLambda, requiredModules, serialized } from "../support/serialized";

const factories: Record<string, () => unknown> = {
  submit: submitFunction,
  inbox: inboxFunction,
  result: resultFunction,
  sweep: sweepFunction,
  floor: floorFunction,
  bus: busFunction,
  tasks: tasksFunction,
  webhook: webhookFunction,
  handler: handlerFunction(["COMPLETED"], () => undefined),
};

describe("what is uploaded to Lambda", () => {
  for (const [name, factory] of Object.entries(factories)) {
    it(`of ${name} needs nothing that the Lambda runtime lacks, and is at most 24 KB packed`, async () => {
      const text = await serialized(factory);

      expect(requiredModules(text).filter((module) => !isInLambda(module))).to.deep.equal([]);
      expect(gzipSync(text).byteLength).to.be.at.most(24 * 1024);
    });

    it(`of ${name} is the same in every stack and on every machine`, async () => {
      const text = await serialized(factory);

      process.env["ENDPOINT_NAME"] = "another";
      try {
        expect(await serialized(factory, serializeAnew)).to.equal(text);
      } finally {
        delete process.env["ENDPOINT_NAME"];
      }
      expect(text).to.not.contain(process.cwd());
    });
  }

  it("of submit asks for the SDK by its public names", async () => {
    expect(requiredModules(await serialized(submitFunction))).to.deep.equal([
      "@aws-sdk/client-dynamodb",
      "@aws-sdk/client-lambda",
      "@aws-sdk/client-s3",
      "@aws-sdk/client-sagemaker-runtime",
      "@aws-sdk/client-sfn",
      "@aws-sdk/client-sns",
      "@aws-sdk/lib-dynamodb",
      "node:crypto",
      "node:http",
      "node:https",
    ]);
  });
});
