import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { excludedPackages } from "../../components/archive";

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
