/** `npm run mutate -- PATH...`: StrykerJS over files or folders of the product, with the tests that mirror them. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";

const root = path.resolve(__dirname, "../../..");

const usage = `npm run mutate -- PATH...      files or folders that test/ mirrors: core/records, core/lifecycle/sweep.ts, components
                               with paths below test/, those tests instead: components/problems.ts test/components/validate.test.ts
The score has to be at least 85 %. build/mutation.html shows each survivor.
`;

/** The sources of a path, and the compiled tests that mirror them: of a file its own, else its folder's. */
export function mirrored(argument: string, exists: (file: string) => boolean = existsSync): { sources: string; tests: string } {
  const relative = path.relative(root, path.resolve(root, argument));
  if (!relative.endsWith(".ts")) return { sources: `${relative}/**/*.ts`, tests: `build/test/${relative}/**/*.test.js` };
  const own = `test/${relative.replace(/ts$/, "test.ts")}`;
  const tests = exists(path.join(root, own)) ? own.replace(/ts$/, "js") : `${path.dirname(`test/${relative}`)}/**/*.test.js`;
  return { sources: relative, tests: `build/${tests}` };
}

/** Sources and tests of all paths. Tests that are named replace the mirrored ones. */
export function chosen(paths: readonly string[], exists?: (file: string) => boolean): { sources: string[]; tests: string[] } {
  const named = paths.filter((each) => each.startsWith("test/"));
  const all = paths.filter((each) => !named.includes(each)).map((each) => mirrored(each, exists));
  const tests = named.length > 0 ? named.map((each) => `build/${each.replace(/ts$/, "js")}`) : all.map((each) => each.tests);
  return { sources: all.map((each) => each.sources), tests };
}

async function main(paths: readonly string[]): Promise<number> {
  const missing = paths.filter((each) => !existsSync(path.join(root, each)));
  if (paths.length === 0 || missing.length > 0) {
    process.stderr.write(`${missing.map((each) => `there is no ${each}\n`).join("")}${usage}`);
    return 2;
  }
  const { sources, tests } = chosen(paths.map((each) => path.relative(root, path.resolve(root, each))));
  await import("./requireCjs.js");
  process.env["NODE_OPTIONS"] = `--require ${path.join(__dirname, "requireCjs.js")}`;
  const { Stryker } = await import("@stryker-mutator/core");
  const options = {
    testRunner: "mocha",
    plugins: ["@stryker-mutator/mocha-runner"],
    coverageAnalysis: "perTest",
    mutate: sources,
    mochaOptions: { spec: tests, config: ".mocharc.yaml" },
    // From the copy, which is a folder of tempDirName.
    buildCommand: "node ../../test/mutation/build.js",
    symlinkNodeModules: false,
    ignorePatterns: ["build", "dist"],
    ignoreStatic: true,
    reporters: ["progress-append-only", "clear-text", "html"],
    htmlReporter: { fileName: "build/mutation.html" },
    clearTextReporter: { allowColor: process.stdout.isTTY, reportTests: false, allowEmojis: false },
    tempDirName: "build/mutation",
    thresholds: { high: 95, low: 85, break: 85 },
    concurrency: availableParallelism(),
    logLevel: "warn",
    timeoutMS: 10_000,
  };
  const results = await new Stryker(options as ConstructorParameters<typeof Stryker>[0]).runMutationTest();
  process.stdout.write(`${results.length} mutants\n`);
  return process.exitCode === undefined ? 0 : Number(process.exitCode);
}

if (require.main === module) void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
