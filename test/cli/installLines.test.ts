import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { installLines } from "../../cli/installLines";
import { version } from "../../client/version";

describe("what a new project installs this package with, which is on no registry yet", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "install-lines-"));
  const project = path.join(folder, "reviews");
  const installed = path.join(folder, "boot/node_modules/sagemaker-async-inference");
  const write = (file: string, content: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  };
  const lockedBy = (resolved: string) =>
    write("boot/node_modules/.package-lock.json", JSON.stringify({ packages: { "node_modules/sagemaker-async-inference": { resolved } } }));
  const [main, local] = [`sagemaker-async-inference-${version}.tgz`, `sagemaker-async-inference-local-${version}.tgz`];
  before(() => mkdirSync(installed, { recursive: true }));
  after(() => rmSync(folder, { recursive: true }));

  it("is the tarball that it came from itself, and the embedded cloud's beside it", () => {
    lockedBy(`file:../it's here/${main}`);
    const without = installLines(installed, project);
    write(`it's here/${local}`, "");
    const lines = installLines(installed, project);

    const install = `npm install '../it'\\''s here/${main}' '../it'\\''s here/${local}'`;
    expect(lines).to.deep.equal([install]);
    expect(without).to.deep.equal([`# ${local} is made in a clone by: npm pack --workspace sagemaker-async-inference-local`, install]);
  });

  it("is packed first in a clone", () => {
    write("clone/packages/local/package.json", "{}");

    expect(installLines(path.join(folder, "clone"), project)).to.deep.equal([
      "npm pack ../clone ../clone/packages/local",
      `npm install ./${main} ./${local}`,
    ]);
  });

  it("is npm's alone where it came from a registry, and where nobody knows", () => {
    lockedBy(`https://registry.example/${main}`);

    expect(installLines(installed, project)).to.deep.equal(["npm install"]);
    expect(installLines(path.join(folder, "global/sagemaker-async-inference"), project)).to.deep.equal(["npm install"]);
  });
});
