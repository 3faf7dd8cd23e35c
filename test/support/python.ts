import { spawnSync } from "node:child_process";
import path from "node:path";
import type { Context } from "mocha";

const source = path.resolve(__dirname, "..", "..", "..", "python", "src");

/** `npm run test:python` names one that has the built wheel. */
export const python = process.env["PYTHON"] ?? "python3";

/** Of somebody who has no AWS account, as on a laptop. */
export const pythonEnvironment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"))),
  ...(process.env["PYTHON"] === undefined ? { PYTHONPATH: source } : {}),
  PYTHONDONTWRITEBYTECODE: "1",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** Skips what asks, with a word, where Python has no boto3: a clone without it tests the rest. */
export function needsBoto3(test: Context): void {
  if (spawnSync(python, ["-c", "import boto3"], { stdio: "ignore" }).status === 0) return;
  console.log(`      skipped: ${python} has no boto3; npm run test:python brings it`);
  test.skip();
}
