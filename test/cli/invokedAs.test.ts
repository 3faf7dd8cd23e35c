import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { cloudCommand, invokedAs } from "../../cli/invokedAs";
import { root } from "../support/service";

describe("how hints spell the command line: they work where they stand", () => {
  it("as npx in a project, in an npm script of one's own, and by Node itself", () => {
    const bin = "/app/node_modules/.bin";
    expect(invokedAs({ npm_lifecycle_event: "npx", PATH: `${bin}:/bin` }, `${bin}/sagemaker-async`)).to.equal("npx sagemaker-async");
    expect(invokedAs({ npm_lifecycle_event: "nightly", PATH: `${bin}:/bin` }, `${bin}/sagemaker-async`)).to.equal("npx sagemaker-async");
    expect(invokedAs({ PATH: "/bin" }, `${bin}/sagemaker-async`)).to.equal("npx sagemaker-async");
    expect(invokedAs({ PATH: "/bin" }, "/app/dist/cli.js")).to.equal("npx sagemaker-async");
  });

  it("alone when it is on the PATH of the shell", () => {
    expect(invokedAs({ PATH: "/bin:/usr/local/bin" }, "/usr/local/bin/sagemaker-async")).to.equal("sagemaker-async");
  });

  it("start an embedded cloud by the repository's script in there alone, and by the command line in a project of one's own", () => {
    const own = mkdtempSync(path.join(tmpdir(), "own-project-"));
    writeFileSync(path.join(own, "package.json"), '{"name":"reviews"}');
    const found = [root, path.join(root, "docs"), own, tmpdir()].map((directory) => cloudCommand(directory));
    rmSync(own, { recursive: true });

    expect(found).to.deep.equal(["npm run cloud --", "npm run cloud --", "npx sagemaker-async local", "npx sagemaker-async local"]);
  });

  it("as the repository's script when that runs it", () => {
    expect(invokedAs({ npm_lifecycle_event: "cli", PATH: "/bin" }, "/repo/build/cli/main.js")).to.equal("npm run --silent cli --");
  });
});
