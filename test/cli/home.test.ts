import { expect } from "chai";
import { provideHome } from "../../cli/home";

describe("the home of a process", () => {
  it("is one that nobody can write to for a user that the system does not know, and else what it was", () => {
    const unknown = {};
    provideHome(unknown, () => {
      throw new Error("A system error occurred: uv_os_homedir returned ENOENT");
    });
    const known = { HOME: "/home/me" };
    provideHome(known, () => "/home/me");

    expect([unknown, known]).to.deep.equal([{ HOME: "/nonexistent" }, { HOME: "/home/me" }]);
  });
});
