import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { archivedPackages, compacted, packageDirectories } from "../../components/archive";
import { CallbackLambda } from "../../components/callbackLambda";
import { deploy } from "../../doubles/deploy";
import { filesOf } from "../support/readable";

describe("the packages of a function's archive", () => {
  let directory: string;
  const install = (path: string, manifest: object = {}) => {
    mkdirSync(join(directory, path), { recursive: true });
    writeFileSync(join(directory, path, "package.json"), JSON.stringify(manifest));
  };
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    symlinkSync(join(directory, target), join(directory, path));
  };
  const needs = (...names: string[]) => ({ dependencies: Object.fromEntries(names.map((name) => [name, "1"])) });
  /** What goes into the archive, and from where. */
  const found = (program: string, ...packages: string[]) =>
    Object.fromEntries([...packageDirectories(packages, join(directory, program))].map(([at, from]) => [at, relative(directory, from)]));

  beforeEach(() => (directory = realpathSync(mkdtempSync(join(tmpdir(), "archive-")))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it("are those that are named and all that they need, whatever else the program depends on", () => {
    install("infra", needs("debug", "left"));
    install("infra/node_modules/debug", needs("ms"));
    install("infra/node_modules/ms", needs("debug"));
    install("infra/node_modules/left");

    expect(found("infra", "debug")).to.deep.equal({
      "node_modules/debug": "infra/node_modules/debug",
      "node_modules/ms": "infra/node_modules/ms",
    });
  });

  it("are the same in a workspace of npm or yarn, which hoists them out of the program's folder", () => {
    install("infra", needs("debug"));
    install("node_modules/debug", needs("ms"));
    install("node_modules/ms");

    expect(found("infra", "debug")).to.deep.equal({ "node_modules/debug": "node_modules/debug", "node_modules/ms": "node_modules/ms" });
  });

  it("are the same in a workspace of pnpm, which links them from its store", () => {
    install("infra", needs("debug"));
    install("node_modules/.pnpm/debug@4/node_modules/debug", needs("ms"));
    install("node_modules/.pnpm/ms@2/node_modules/ms");
    link("node_modules/.pnpm/debug@4/node_modules/ms", "node_modules/.pnpm/ms@2/node_modules/ms");
    link("infra/node_modules/debug", "node_modules/.pnpm/debug@4/node_modules/debug");

    expect(found("infra", "debug")).to.deep.equal({
      "node_modules/debug": "node_modules/.pnpm/debug@4/node_modules/debug",
      "node_modules/ms": "node_modules/.pnpm/ms@2/node_modules/ms",
    });
  });

  it("are a package of the workspace itself, and what that needs", () => {
    install("infra");
    install("packages/orders", needs("ms"));
    install("packages/orders/node_modules/ms");
    link("node_modules/@acme/orders", "packages/orders");

    expect(found("infra", "@acme/orders")).to.deep.equal({ "node_modules/@acme/orders": "packages/orders" });
  });

  it("are each in its own version: the hoisted one goes below who needs it when the program has another", () => {
    install("infra");
    install("infra/node_modules/ms");
    install("node_modules/ms");
    install("node_modules/debug", needs("ms"));

    expect(found("infra", "debug", "ms")).to.deep.equal({
      "node_modules/debug": "node_modules/debug",
      "node_modules/ms": "infra/node_modules/ms",
      "node_modules/debug/node_modules/ms": "node_modules/ms",
    });
  });

  it("are without Pulumi's, which deploy and do not run, and without optional ones that are not installed", () => {
    install("infra");
    install("node_modules/tool", { ...needs("@pulumi/aws", "ours"), optionalDependencies: { fsevents: "1" } });
    install("node_modules/@pulumi/aws");
    install("node_modules/ours", { pulumi: {} });

    expect(found("infra", "tool")).to.deep.equal({ "node_modules/tool": "node_modules/tool" });
  });

  it("are each there once, however many packages further in need them: what lies above is found by all below", () => {
    install("infra");
    install("node_modules/inherits");
    install("node_modules/debug", needs("ms", "parse", "inherits"));
    install("node_modules/debug/node_modules/ms", needs("parse", "inherits", "debug"));
    install("node_modules/debug/node_modules/parse");

    // The two within go along with the folder that they are in.
    expect(found("infra", "inherits", "debug")).to.deep.equal({
      "node_modules/inherits": "node_modules/inherits",
      "node_modules/debug": "node_modules/debug",
    });
  });

  it("are with the optional ones that are installed", () => {
    install("infra");
    install("node_modules/tool", { ...needs("ms"), optionalDependencies: { fsevents: "1" } });
    install("node_modules/ms");
    install("node_modules/fsevents");

    expect(Object.keys(found("infra", "tool"))).to.deep.equal(["node_modules/tool", "node_modules/ms", "node_modules/fsevents"]);
  });

  it("may be required by their names, the same for whoever asks for the same", () => {
    expect([...archivedPackages(["commander"])]).to.deep.equal(["commander"]);
    expect([...archivedPackages(["commander", "fflate", "commander"])].sort()).to.deep.equal(["commander", "fflate"]);
    expect([...archivedPackages([])]).to.deep.equal([]);
  });

  it("are refused by name when they are not installed: the function would fail at its first job", () => {
    install("infra");
    install("node_modules/debug", needs("ms"));

    expect(() => found("infra", "sharp")).to.throw(
      `packages: got "sharp", which is not installed where ${join(directory, "infra")} finds it: npm install sharp`,
    );
    expect(() => found("infra", "debug")).to.throw(
      `packages: debug needs ms, which is not installed where ${join(directory, "node_modules/debug")} finds it: npm install ms`,
    );
  });
});

describe("a function's archive", () => {
  const functionWith = (name: string, packages?: string[], greeting: unknown = "hello") =>
    void new CallbackLambda(name, {
      factory: () => async () => greeting,
      environment: {},
      statements: [],
      timeoutSeconds: 30,
      memoryMb: 128,
      logRetentionDays: 7,
      packages,
    });

  it("is a secret of the stack when the closure captures one, and says so: state and logs must not show it", async () => {
    const deployment = await deploy(() => functionWith("hello", [], pulumi.secret("s3cret")));

    const { code } = deployment.resources.find(({ type }) => type === "aws:lambda/function:Function")?.inputs ?? {};
    expect(Object.keys(code as object)).to.deep.equal(["secret"]);
    expect(deployment.messages).to.deep.equal([
      "warning: The function captures a secret: everybody who may read its archive may read the secret. Pass it by an environment variable instead.",
    ]);
  });

  it("is its code and its packages, no secret and without a word where the closure captures none", async () => {
    const deployment = await deploy(() => functionWith("hello", ["commander"]));

    const { code } = deployment.resources.find(({ type }) => type === "aws:lambda/function:Function")?.inputs ?? {};
    const { assets } = (await code) as { assets: Promise<Record<string, { text?: Promise<string>; path?: Promise<string> }>> };
    const { "__index.js": index, "node_modules/commander": commander, ...others } = await assets;
    expect(await index?.text)
      .to.contain("exports.handler = ")
      .and.to.contain('"hello"');
    // From the program's folder: the same in everybody's state.
    expect(await commander?.path).to.equal(relative(realpathSync("."), realpathSync("node_modules/commander")));
    expect([others, deployment.messages]).to.deep.equal([{}, []]);
  });

  it("keeps a user's text as it is written: what a literal says must not change", async () => {
    const text = async (isOwn?: boolean) => {
      const { resources } = await deploy(() => {
        const factory = () => async () =>
          `Dear customer,
          your page is read.`;
        const bounds = { timeoutSeconds: 30, memoryMb: 128, logRetentionDays: 7 };
        new CallbackLambda("letter", { factory, statements: [], ...bounds, ...(isOwn !== undefined && { isOwn }) });
      });
      return (await filesOf(resources.find(({ type }) => type === "aws:lambda/function:Function")?.inputs["code"]))["__index.js"];
    };

    expect(await text()).to.contain("Dear customer,\n          your page is read.");
    expect(await text(true)).to.contain("Dear customer,\nyour page is read.");
  });

  it("is without indents and the names beside functions, where nothing of a user's is in it", () => {
    const text = "function /*handle*/(event) {\n    with({}) {\n\n        return function () { /* kept */ };\n    }\n}\n";

    expect(compacted(text)).to.equal("function (event) {\nwith({}) {\nreturn function () { /* kept */ };\n}\n}\n");
  });

  it("is refused when a library of the program keeps in a global variable what the closure captures: Lambda would have undefined", async () => {
    const held = globalThis as unknown as { stageOfLibrary?: string; regionOfLibrary?: string };
    held.stageOfLibrary = "prod-4711";
    held.regionOfLibrary = "moon-1";
    try {
      const outcome = await deploy(() => functionWith("hello", [], ["prod-4711", "moon-1"])).catch((error: Error) => error.message);

      expect(outcome).to.equal(
        'This process has globalThis.regionOfLibrary = "moon-1", globalThis.stageOfLibrary = "prod-4711". Pulumi writes captured values that are the same as references to global ' +
          "variables, which are undefined in Lambda. Delete them before the program's first resource, or have what sets them keep its values " +
          "elsewhere.",
      );
    } finally {
      delete held.stageOfLibrary;
      delete held.regionOfLibrary;
    }
  });
});
