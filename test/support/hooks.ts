import "./compileCache";
import "./lazily";
import "./remember";
import path from "node:path";
import { inspect } from "node:util";
import { closeLeftByFiles, closeLeftByTest, testBegins } from "./leftOpen";
import { readBuild } from "./rememberedOnDisk";
import { takeRejections } from "../../doubles/rejections";

const preloaded = JSON.stringify(path.join(__dirname, "preloaded.js"));
readBuild();
process.env["NODE_OPTIONS"] = `${process.env["NODE_OPTIONS"] ?? ""} --require ${preloaded}`;

async function failOnRejection(): Promise<void> {
  const [first] = await takeRejections();
  if (first !== undefined) throw first instanceof Error ? first : new Error(`rejected with ${inspect(first)}`);
}

/** Any unhandled rejection fails the run; what a test that ran out of time left open is closed, so that it disturbs no other. */
export const mochaHooks = {
  beforeEach: testBegins,
  afterEach: [closeLeftByTest, failOnRejection],
  afterAll: [closeLeftByFiles, failOnRejection],
};
