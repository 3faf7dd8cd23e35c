import { expect } from "chai";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sources, watch } from "../../../local/commands/watch";

describe("Watching a program's files", () => {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), "embedded-cloud-watch-")));
  const write = (file: string) => {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), String(Math.random()));
  };
  let calls: string[][];
  let called: () => void;
  let stop: () => Promise<void>;
  let held: Promise<void> | undefined;
  /** Files of which the watcher has heard, told of or not yet. */
  const noticed = new Set<string>();
  let noticing: () => void = () => undefined;

  /** Resolves with the next call. */
  const next = () => new Promise<void>((resolve) => (called = resolve));

  before(() => {
    for (const file of ["index.ts", "Pulumi.dev.yaml", "handlers/completed.ts", "node_modules/package/index.js", ".git/index.js"])
      write(file);
  });
  beforeEach(async () => {
    calls = [];
    held = undefined;
    noticed.clear();
    const changed = async (files: readonly string[]) => {
      calls.push(files.map((file) => path.relative(directory, file)).sort());
      called();
      await held;
    };
    const follows = (file: string) => {
      noticed.add(path.relative(directory, file));
      noticing();
      return sources.test(file);
    };
    stop = await watch([{ directory, follows, changed }], [path.join(directory, "outputs.json")]);
  });
  afterEach(() => stop());
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("tells of a source file in any folder, and not of packages, hidden folders, new inputs, results and what the cloud writes itself", async () => {
    const told = next();
    for (const file of ["node_modules/package/index.js", ".git/index.js", "result.bin", "input.json", "outputs.json"]) write(file);
    write("handlers/completed.ts");
    await told;

    expect(calls).to.deep.equal([[path.join("handlers", "completed.ts")]]);
  });

  it("tells once more of changes during a deployment, and not at the same time", async () => {
    let release: () => void = () => undefined;
    held = new Promise((resolve) => (release = resolve));
    const first = next();
    write("index.ts");
    await first;
    const second = next();
    write("Pulumi.dev.yaml");
    write("handlers/completed.ts");
    // Both are noticed before the first one ends: what is told of is told of after it.
    const both = ["Pulumi.dev.yaml", path.join("handlers", "completed.ts")];
    await new Promise<void>((resolve) => {
      noticing = () => void (both.every((file) => noticed.has(file)) && resolve());
      noticing();
    });
    const during = calls.length;
    release();
    await second;

    expect(during).to.equal(1);
    expect(calls).to.deep.equal([["index.ts"], both]);
  });
});
