import { expect } from "chai";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { consoleKey } from "../../../console/server";

describe("the key that the console signs sessions with", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "key-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is kept for this user alone, so that pages go on after a restart", () => {
    const environment = { XDG_STATE_HOME: folder };
    const key = consoleKey(environment);

    expect(key).to.have.lengthOf(32);
    expect(Buffer.from(consoleKey(environment)).equals(key)).to.equal(true);
    expect(statSync(path.join(folder, "sagemaker-async/console.key")).mode & 0o777).to.equal(0o600);
  });

  it("is one of this run's own where it can't be kept", () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    const environment = { XDG_STATE_HOME: file };

    expect(consoleKey(environment)).to.have.lengthOf(32);
    expect(Buffer.from(consoleKey(environment)).equals(consoleKey(environment))).to.equal(false);
  });
});
