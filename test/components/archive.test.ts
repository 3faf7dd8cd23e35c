import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { excludedPackages } from "../../components/archive";
import { CallbackLambda } from "../../components/callbackLambda";
import { deploy } from "../../doubles/deploy";

describe("what stays out of a function's archive", () => {
  let directory: string;
  const manifest = (path: string, dependencies: Record<string, string>) => {
    mkdirSync(join(directory, path), { recursive: true });
    writeFileSync(join(directory, path, "package.json"), JSON.stringify({ dependencies }));
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "archive-"));
    manifest(".", { sharp: "1", color: "1", left: "1", lonely: "1" });
    manifest("node_modules/sharp", { color: "1" });
    manifest("node_modules/color", { sharp: "1", deep: "1" });
    mkdirSync(join(directory, "programs", "ocr"), { recursive: true });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("is every dependency of the nearest package.json: our own functions need none", () => {
    expect(excludedPackages([], join(directory, "programs", "ocr"))).to.deep.equal(["sharp", "color", "left", "lonely"]);
  });

  it("is not what the user's packages need themselves: Pulumi would leave holes in them", () => {
    expect(excludedPackages(["sharp"], directory)).to.deep.equal(["left", "lonely"]);
  });

  it("is nothing where nothing is installed", () => {
    writeFileSync(join(directory, "package.json"), "{}");
    expect(excludedPackages(["missing"], directory)).to.deep.equal([]);
    expect(excludedPackages([], "/")).to.deep.equal([]);
  });
});

describe("a function's archive", () => {
  const codePaths = pulumi.runtime as { computeCodePaths: (options: object) => Promise<unknown> };
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

  it("has npm read node_modules only for packages, once for the same: each time costs a preview most of a second", async () => {
    const { computeCodePaths } = codePaths;
    const asked: object[] = [];
    codePaths.computeCodePaths = (options) => {
      asked.push(options);
      return Promise.resolve(new Map([["node_modules/yaml", new pulumi.asset.StringAsset("{}")]]));
    };
    try {
      await deploy(() => {
        functionWith("none");
        functionWith("one", ["yaml"]);
        functionWith("same", ["yaml"]);
      });
    } finally {
      codePaths.computeCodePaths = computeCodePaths;
    }
    expect(asked.map((options) => (options as { extraIncludePackages: string[] }).extraIncludePackages)).to.deep.equal([["yaml"]]);
  });

  it("is a secret of the stack when the closure captures one, and says so: state and logs must not show it", async () => {
    const deployment = await deploy(() => functionWith("hello", [], pulumi.secret("s3cret")));

    const { code } = deployment.resources.find(({ type }) => type === "aws:lambda/function:Function")?.inputs ?? {};
    expect(Object.keys(code as object)).to.deep.equal(["secret"]);
    expect(deployment.messages).to.deep.equal([
      "warning: The function captures a secret: everybody who may read its archive may read the secret. Pass it by an environment variable instead.",
    ]);
  });
});
