import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { expect } from "chai";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type * as TypeScript from "typescript";
import { blocksOf, brokenLinks } from "./support/markdown";
import { compileProject, installedWith, pack, unpackInto } from "./support/packed";
import { CloudUnderTest } from "./support/service";

const run = promisify(execFile);
const root = join(__dirname, "..", "..");

/** A program of somebody else's, without TypeScript, which prints what is in each function's archive. */
const program = `
const Module = require("node:module");
const resolve = Module._resolveFilename;
// As where none is installed: Pulumi then reads functions with the one that it brings, 3.8.3, which knows less.
Module._resolveFilename = (request, ...others) => {
  if (request === "typescript") throw Object.assign(new Error("Cannot find module 'typescript'"), { code: "MODULE_NOT_FOUND" });
  return resolve(request, ...others);
};
const pulumi = require("@pulumi/pulumi");
process.on("unhandledRejection", (reason) => { console.error(reason); process.exit(1); });
const archives = {};
pulumi.runtime.setMocks({
  newResource({ type, name, inputs }) {
    if (type === "aws:lambda/function:Function") archives[name] = inputs.code;
    return { id: name + "-id", state: { arn: "arn:aws:test:eu-west-1:123456789012:" + name, name, ...inputs } };
  },
  call: ({ token }) => (token.includes("getPolicyDocument") ? { json: "{}" } : { region: "eu-west-1", accountId: "123456789012", partition: "aws", dnsSuffix: "amazonaws.com" }),
}, "consumer", "test");
const { AsyncInference, onFailed } = require("sagemaker-async-inference");
const service = new AsyncInference("ocr", { image: "ocr:1", inboxEnabled: true });
service.onCompleted("store", async (job, context) => { console.log(job.jobId, await context.readResult()); });
onFailed(service.outputs, "alert", async (job) => { console.error(job.jobId, job.error); });
process.once("beforeExit", async () => {
  const sizes = {};
  for (const [name, code] of Object.entries(archives)) {
    const assets = await code.assets;
    const texts = await Promise.all(Object.values(assets).map(async (asset) => (await (await asset).text) ?? ""));
    const requires = texts.flatMap((text) => [...text.matchAll(/require\\("([^"]+)"\\)/g)].map((match) => match[1]));
    sizes[name] = { files: Object.keys(assets), bytes: require("node:zlib").gzipSync(texts.join("")).byteLength, requires: [...new Set(requires)].sort() };
  }
  console.log(JSON.stringify(sizes));
});
`;

interface Archive {
  files: string[];
  bytes: number;
  requires: string[];
}

/** A caller of somebody else's, which knows nothing of Pulumi. */
const caller = (load: string) => `
${load}
async function main() {
  const client = SageMakerAsyncClient.fromStackOutputs(JSON.parse(process.env.SERVICE));
  const result = await client.invoke({ model: "describe" });
  const unexplained = await client.job(result.jobId).explain().catch((error) => error);
  await client.close();
  console.log(JSON.stringify({ success: result.success, jobId: typeof result.jobId, unexplained: [unexplained.code, unexplained.message] }));
}
void main();
`;

describe("the package, installed from its tarball", () => {
  let project: string;
  let tarball: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), "sagemaker-async-consumer-"));
    tarball = await pack();
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", version: "1.0.0", private: true }));
    await unpackInto(project, tarball);
    await writeFile(join(project, "index.js"), program);
  });

  after(() => rm(project, { recursive: true, force: true }));

  it("gives somebody else's program functions whose archive is __index.js alone, at most 24 KB packed, with the SDK only, also without TypeScript", async () => {
    const { stdout } = await run(process.execPath, ["index.js"], { cwd: project, env: { ...process.env, SERIALIZE_ANEW: "1" } });
    const archives = JSON.parse(stdout) as Record<string, Archive>;

    expect(Object.keys(archives).sort()).to.deep.equal([
      "failed-alert",
      "ocr-completed-store",
      "ocr-floor",
      "ocr-inbox",
      "ocr-result",
      "ocr-submit",
      "ocr-sweep",
    ]);
    for (const [name, { files, bytes, requires }] of Object.entries(archives)) {
      expect(files, name).to.deep.equal(["__index.js"]);
      expect(bytes, name).to.be.at.most(24 * 1024);
      expect(
        requires.filter((required) => !/^(@aws-sdk\/[a-z0-9-]+|node:[a-z]+)$/.test(required)),
        name,
      ).to.deep.equal([]);
    }
  });

  it("has no function that can't be read by the TypeScript which Pulumi brings", async () => {
    const brought = join(root, "node_modules/@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js");
    const ts = (await import(brought)) as typeof TypeScript & { default: typeof TypeScript };
    const file = "node_modules/sagemaker-async-inference/dist/index.js";
    const text = await readFile(join(project, file), "utf8");
    const { diagnostics } = ts.default.transpileModule(text, { reportDiagnostics: true, fileName: file });

    expect(diagnostics?.map(({ messageText }) => messageText)).to.deep.equal([]);
  });

  it("has a target for every link of its pages, the runbook that alarms name among them", async () => {
    const installed = join(project, "node_modules", "sagemaker-async-inference");
    const pages = (await readdir(installed, { recursive: true })).filter((file) => file.endsWith(".md"));
    const broken = await Promise.all(
      pages.map(async (page) =>
        brokenLinks(page, await readFile(join(installed, page), "utf8"), installed).map((link) => `${page}: ${link}`),
      ),
    );

    expect(broken.flat()).to.deep.equal([]);
    expect(pages).to.include.members(["README.md", "CHANGELOG.md", "docs/README.md", "docs/runbook.md", "docs/aws.md", "python/README.md"]);
  });

  it("has none of what only the repository needs", async () => {
    const files = await readdir(join(project, "node_modules", "sagemaker-async-inference"), { recursive: true });

    expect(files.filter((file) => /^(test|local|bench|build)\/|^docs\/.*\.ts$|__pycache__|egg-info|node_modules/.test(file))).to.deep.equal(
      [],
    );
  });

  it("has what unit tests of programs and applications need: the tests of docs/testing.md pass", async () => {
    const [ofProgram, ofApplication, application] = blocksOf(await readFile(join(root, "docs/testing.md"), "utf8"))
      .filter(({ language }) => language === "js")
      .map(({ text }) => text) as [string, string, string];
    await writeFile(join(project, "program.test.mjs"), ofProgram);
    await writeFile(join(project, "application.test.mjs"), ofApplication);
    await writeFile(join(project, "readPage.mjs"), application);
    // An error of this entry is one of the client's, which the application has from another file.
    await writeFile(
      join(project, "same.test.mjs"),
      `import assert from "node:assert/strict";
       import { AsyncInferenceError } from "sagemaker-async-inference/client";
       import { TestService } from "sagemaker-async-inference/testing";
       await assert.rejects(new TestService().client.submit(1, { jobId: "page 1" }), AsyncInferenceError);`,
    );
    const { stdout } = await run(process.execPath, ["--test", "--test-reporter=tap"], { cwd: project }).catch(
      (error: { stdout: string }) => error,
    );

    expect(stdout)
      .to.match(/^# pass 3$/m)
      .and.to.match(/^# fail 0$/m);
  });

  it("has types for what a program imports", async () => {
    await writeFile(
      join(project, "typed.ts"),
      `import * as pulumi from "@pulumi/pulumi";
       import { AsyncInference, asyncInferenceOutputs, grantSubmit, type AsyncInferenceArgs, type AsyncInferenceOutputs } from "sagemaker-async-inference";
       import { resourcesOf, TestService, type TestResource } from "sagemaker-async-inference/testing";
       import { SageMakerAsyncClient } from "sagemaker-async-inference/client";
       const client: SageMakerAsyncClient = new TestService({ runSeconds: 60 }).client;
       const resources: Promise<TestResource[]> = resourcesOf(() => client);
       void resources;
       const args: AsyncInferenceArgs = { image: "ocr:1", minCapacity: 1 };
       const service = new AsyncInference("ocr", args);
       const name: AsyncInferenceOutputs["endpointName"] = "endpoint";
       service.outputs.endpointName.apply((endpointName) => endpointName === name);
       const other = asyncInferenceOutputs(new pulumi.StackReference("acme/ocr/prod"));
       const capacity: pulumi.Output<number> = other.maxCapacity;
       // @ts-expect-error an output that does not exist
       other.endpoint;
       // @ts-expect-error a role is a resource
       grantSubmit(other, "role");
       // @ts-expect-error a setting that does not exist
       new AsyncInference("ocr", { imag: "ocr:1" });`,
    );
    const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, module: "nodenext", target: "es2022" };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.ts"] }));

    expect(await compileProject(project)).to.equal("");
  });

  it("costs an application that submits and waits at most 50 packages and 37 MB", async () => {
    const folders = installedWith();
    const { stdout } = await run("du", ["-cks", join(project, "node_modules", "sagemaker-async-inference"), ...folders], { cwd: root });
    const megabytes = Number(/(\d+)\s+total/.exec(stdout)?.[1]) / 1024;

    expect(folders.length + 1).to.be.at.most(50);
    expect(megabytes).to.be.at.most(37);
  });

  it("has a client in ASCII alone: of any other character V8 keeps the whole file's text with two bytes for each", async () => {
    for (const file of ["client.js", "client.mjs"]) {
      const text = await readFile(join(project, "node_modules", "sagemaker-async-inference", "dist", file), "utf8");

      expect(text.match(/[^\x00-\x7f].{0,20}/g), file).to.equal(null);
    }
  });

  it("has types that name no package which an application need not install", async () => {
    const folder = join(project, "node_modules", "sagemaker-async-inference");
    const { dependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { dependencies: object };
    const files = (await readdir(join(folder, "dist/types"), { recursive: true })).filter((file) => file.endsWith(".d.ts"));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, "dist/types", file), "utf8")));
    const named = texts.flatMap((text) => [...text.matchAll(/(?:from |import\()"([^."][^"]*)"/g)].map(([, name]) => name as string));
    const expected = /^(node:|@pulumi\/)/;

    expect([...new Set(named)].filter((name) => !expected.test(name) && !(name in dependencies))).to.deep.equal([]);
    expect(named).to.include("@aws-sdk/client-s3");
  });

  it("has a client that runs jobs without Pulumi, from CommonJS, from ESM, and in a bundle of either", async () => {
    const alone = await mkdtemp(join(tmpdir(), "sagemaker-async-caller-"));
    const cloud = await CloudUnderTest.start();
    try {
      const outputs = await cloud.deployOwn();
      await unpackInto(
        alone,
        tarball,
        installedWith().map((folder) => folder.replace("node_modules/", "")),
      );
      const SERVICE = JSON.stringify({ endpointUrl: cloud.cloud.endpointUrl, outputs });
      const env = { ...process.env, SERVICE, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
      await writeFile(join(alone, "caller.cjs"), caller('const { SageMakerAsyncClient } = require("sagemaker-async-inference/client");'));
      await writeFile(join(alone, "caller.mjs"), caller('import { SageMakerAsyncClient } from "sagemaker-async-inference/client";'));

      // A bundle stands by itself, as in a Lambda of the caller's: ES modules have no `require` for what is not in it.
      for (const format of ["esm", "cjs"] as const) {
        const outfile = join(alone, `bundle.${format === "esm" ? "mjs" : "cjs"}`);
        // For Node esbuild takes the AWS SDK's CommonJS build unless it is told otherwise.
        const mainFields = ["module", "main"];
        const entryPoints = [join(alone, "caller.mjs")];
        await build({ entryPoints, bundle: true, platform: "node", target: "node22", mainFields, format, outfile });
      }

      await writeFile(
        join(alone, "tested.cjs"),
        `const { TestService } = require("sagemaker-async-inference/testing");
         void new TestService().client.submit(1).then(({ jobId }) => console.log(typeof jobId));`,
      );
      expect((await run(process.execPath, ["tested.cjs"], { cwd: alone })).stdout).to.equal("string\n");

      for (const file of ["caller.cjs", "caller.mjs", "bundle.mjs", "bundle.cjs"]) {
        const { stdout } = await run(process.execPath, [file], { cwd: alone, env });
        expect(JSON.parse(stdout), file).to.deep.equal({
          success: true,
          jobId: "string",
          unexplained: [
            "BAD_INPUT",
            "explain needs the packages @aws-sdk/client-sagemaker, @aws-sdk/client-cloudwatch, @aws-sdk/client-cloudwatch-logs, " +
              "@aws-sdk/client-application-auto-scaling, which are not installed.",
          ],
        });
      }
    } finally {
      await cloud.close();
      await rm(alone, { recursive: true, force: true });
    }
  });

  it("has an exports map that every resolver can follow (publint)", async () => {
    const { messages } = await publint({ pkgDir: join(project, "node_modules", "sagemaker-async-inference"), strict: true, pack: false });
    const manifest = JSON.parse(
      await readFile(join(project, "node_modules", "sagemaker-async-inference", "package.json"), "utf8"),
    ) as Record<string, unknown>;

    expect(messages.map((message) => formatMessage(message, manifest, { color: false }))).to.deep.equal([]);
  });

  it("has types that say what Node loads, from CommonJS and from ESM (are the types wrong)", async () => {
    const result = await checkPackage(createPackageFromTarballData(await readFile(tarball)));

    expect(result.types && result.problems).to.deep.equal([]);
  });
});
