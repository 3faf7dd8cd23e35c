import { expect } from "chai";
import { freePort } from "../../processes/ports";

describe("ports of model servers", () => {
  it("are such that every server takes them, and each its own: multi-model-server takes none from 32767 on", async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, freePort));

    expect(ports.filter((port) => port < 10_000 || port > 32_000)).to.deep.equal([]);
    expect(new Set(ports).size).to.equal(50);
  });
});
