import "./compileCache";
import "./remember";
import { inspect } from "node:util";
import { takeRejections } from "./rejections";

async function failOnRejection(): Promise<void> {
  const [first] = await takeRejections();
  if (first !== undefined) throw first instanceof Error ? first : new Error(`rejected with ${inspect(first)}`);
}

/** Any unhandled rejection fails the run. */
export const mochaHooks = { afterEach: failOnRejection, afterAll: failOnRejection };
