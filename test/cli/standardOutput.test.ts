import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";

const main = path.resolve(__dirname, "../../cli/main.js");

describe("what the command line writes into a file", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "output-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a shell line in which `$CLI` is the command line. */
  function shell(line: string) {
    const { status, stderr } = spawnSync("sh", ["-c", line], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, CLI: `${process.execPath} ${main}` },
    });
    return { status, stderr };
  }

  it("is whole", () => {
    expect(shell("$CLI --help > whole; $CLI --help | cmp - whole")).to.deep.equal({ status: 0, stderr: "" });
  });

  it("or the command fails, when the file can't grow any more: who reads it next would take a cut result for whole", () => {
    const { status, stderr } = shell("ulimit -f 1; $CLI --help > cut");

    expect([status, stderr]).to.deep.equal([
      1,
      "error: The output could not be written completely: EFBIG: file too large, write\nWrite it to a disk with enough space.\n",
    ]);
    expect(readFileSync(path.join(folder, "cut"), "utf8")).to.match(/^Usage: /);
  });

  it("ends early without an error where its reader has gone", () => {
    expect(shell("{ $CLI --help; echo $? > code; } | true")).to.deep.equal({ status: 0, stderr: "" });
    expect(readFileSync(path.join(folder, "code"), "utf8")).to.equal("0\n");
  });
});
