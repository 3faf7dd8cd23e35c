import { expect } from "chai";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../doubles/program";
import { linkPackages } from "./build";
import { chosen, mirrored } from "./run";

describe("what is mutated, and the tests that are run on it", () => {
  it("are a file and its own test, or its folder's where it has none", () => {
    expect(mirrored("core/duration.ts")).to.deep.equal({ sources: "core/duration.ts", tests: "build/test/core/duration.test.js" });
    expect(mirrored("core/records/isoTime.ts").tests).to.equal("build/test/core/records/**/*.test.js");
  });

  it("are a folder and all tests below its mirror", () => {
    expect(mirrored("core/")).to.deep.equal({ sources: "core/**/*.ts", tests: "build/test/core/**/*.test.js" });
  });

  it("are the tests that are named, where a rule's tests stand elsewhere", () => {
    const source = "core/duration.ts";
    expect(chosen([source, "core/records", "test/core/partition.test.ts"])).to.deep.equal({
      sources: [source, "core/records/**/*.ts"],
      tests: ["build/test/core/partition.test.js"],
    });
    expect(chosen([source]).tests).to.deep.equal(["build/test/core/duration.test.js"]);
  });
});

describe("the copy that is mutated", () => {
  it("has the compiler where the build calls it, or nothing could be mutated", () => {
    const copy = mkdtempSync(join(tmpdir(), "mutated-"));
    try {
      const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
      const [, compiler = "none"] = /^node (\S+)/.exec(scripts["build"] ?? "") ?? [];

      linkPackages(copy);
      expect([compiler, existsSync(join(copy, compiler))]).to.deep.equal([compiler, true]);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
