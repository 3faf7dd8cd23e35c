import { expect } from "chai";
import { tmpdir } from "node:os";
import { haveHome } from "../../cli/home";

describe("the home of a process", () => {
  it("is the folder of temporary files for a user that the system does not know, and else what it was", () => {
    const unknown = {};
    haveHome(unknown, () => {
      throw new Error("A system error occurred: uv_os_homedir returned ENOENT");
    });
    const known = { HOME: "/home/me" };
    haveHome(known, () => "/home/me");

    expect([unknown, known]).to.deep.equal([{ HOME: tmpdir() }, { HOME: "/home/me" }]);
  });
});
