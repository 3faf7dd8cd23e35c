import { gzipSync } from "node:zlib";
import { expect } from "chai";
import ts from "typescript";
import { compacted } from "../../components/archive";
import { batchFunction } from "../../functions/batch";
import { busFunction } from "../../functions/bus";
import { floorFunction } from "../../functions/floor";
import { handlerFunction } from "../../functions/handler";
import { inboxFunction } from "../../functions/inbox";
import { resultFunction } from "../../functions/result";
import { sweepFunction } from "../../functions/sweep";
import { tasksFunction } from "../../functions/tasks";
import { tracingFunction } from "../../functions/tracing";
import { webhookFunction } from "../../functions/webhook";
import { submitFunction } from "../../functions/submit";
import { serializeAnew } from "../support/remember";
import { isInLambda, requiredModules, serialized } from "../support/serialized";

const own: Record<string, () => unknown> = {
  submit: submitFunction,
  inbox: inboxFunction,
  result: resultFunction,
  sweep: sweepFunction,
  floor: floorFunction,
  bus: busFunction,
  tasks: tasksFunction,
  webhook: webhookFunction,
  batch: batchFunction,
  tracing: tracingFunction,
};
const factories: Record<string, () => unknown> = { ...own, handler: handlerFunction(["COMPLETED"], () => undefined) };

/** A program as the compiler writes it, whatever its spaces were. */
const printed = (text: string) =>
  ts
    .createPrinter({ removeComments: true })
    .printFile(ts.createSourceFile("index.js", text, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS));

describe("what is uploaded to Lambda", () => {
  for (const [name, factory] of Object.entries(factories)) {
    it(`of ${name} needs nothing that the Lambda runtime lacks, and is at most 24 KB packed`, async () => {
      const text = await serialized(factory);

      expect(requiredModules(text).filter((module) => !isInLambda(module))).to.deep.equal([]);
      expect(gzipSync(name in own ? compacted(text) : text).byteLength).to.be.at.most(24 * 1024);
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

  it("of the service's own functions is the same program without its indents and comments: no text of theirs spans lines", async () => {
    for (const factory of Object.values(own)) {
      const text = await serialized(factory);
      expect(printed(compacted(text)) === printed(text), factory.name).to.equal(true);
    }
    expect(compacted("return function /*submit*/(a) {\n    return a;\n}")).to.equal("return function (a) {\nreturn a;\n}");
    expect(printed(compacted("f(`a\n  b`)")) === printed("f(`a\n  b`)")).to.equal(false);
  });

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
