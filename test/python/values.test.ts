import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect } from "chai";
import { needsBoto3, python, pythonEnvironment } from "../support/python";

const tests = path.resolve(__dirname, "..", "..", "..", "python", "tests");

describe("the values of the Python client", () => {
  it("pass its own tests, whose titles say what a user would lose", function () {
    needsBoto3(this);
    const { stderr, status } = spawnSync(python, ["-m", "unittest", "discover", "--start-directory", tests], {
      encoding: "utf8",
      env: pythonEnvironment,
    });
    expect(status, stderr).to.equal(0);
    expect(stderr).to.match(/^Ran [1-9]\d* tests? in /m);
  });
});
