import { expect } from "chai";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { characterErrorRate } from "../../../examples/ocr/errorRate";
import { codedError } from "../../../core/records/errors";
import type { StartDocument } from "../../../local/commands/start";
import { npmStart } from "../../support/npmStart";

const root = path.resolve(__dirname, "../../../..");
const pages = path.join(root, "examples/ocr/pages");

/** Runs the command as npm does. */
function run(args: readonly string[], from: string, temporary: string) {
  const environment = { ...process.env, INIT_CWD: from, TMPDIR: temporary };
  // A group of its own is what a terminal sends Ctrl-C to.
  const child = spawn(process.execPath, ["build/local/commands/start.js", ...args], { cwd: root, env: environment, detached: true });
  const written = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (written.err += chunk.toString()));
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode as number | null, ...written }));
  return { child, ended, written };
}

interface Process {
  pid: number;
  parent: number;
  /** Z: it has ended, and its parent has yet to hear of it. */
  state: string;
}

/** Every process that a process has started, directly or not. */
function descendants(pid: number, all = processes()): number[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...descendants(child.pid, all)]);
}

function running(pids: readonly number[]): number[] {
  return processes().flatMap(({ pid, state }) => (pids.includes(pid) && state !== "Z" ? [pid] : []));
}

function processes(): Process[] {
  const lines = existsSync("/proc/self/stat")
    ? fromProc()
    : execFileSync("ps", ["-A", "-o", "pid=,stat=,ppid="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, state = "", parent] = /^\s*(\d+) +(\S)\S* +(\d+)/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), state }];
  });
}

/** The same without `ps`, which small Linux images lack. */
function fromProc(): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      // The command, in brackets, can have blanks.
      return [readFileSync(`/proc/${pid}/stat`, "utf8").replace(/\(.*\) /s, "")];
    } catch {
      // It has ended since it was listed.
      return [];
    }
  });
}

describe("npm start", () => {
  let folder: string;
  let temporary: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "start-run-"));
    temporary = path.join(folder, "tmp");
    await mkdir(temporary);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("--json prints one document with what came of every page, nothing else, and leaves nothing behind", async () => {
    const { exitCode, out, err, left } = await npmStart();

    expect({ exitCode, err }).to.deep.equal({ exitCode: 0, err: "" });
    const { outputs, jobs, totals } = JSON.parse(out) as StartDocument;
    const texts = await Promise.all(["note", "invoice", "letter"].map((name) => readFile(path.join(pages, `${name}.txt`), "utf8")));
    expect(
      jobs.map(({ input, state, text = "" }, index) => ({ input, state, errorRate: characterErrorRate(text, texts[index] ?? "") })),
    ).to.deep.equal([
      { input: "note.png", state: "COMPLETED", errorRate: 0 },
      { input: "invoice.png", state: "COMPLETED", errorRate: 0 },
      { input: "letter.png", state: "COMPLETED", errorRate: 0 },
      { input: "broken.png", state: "FAILED", errorRate: 0 },
    ]);
    expect(jobs.map((job) => Object.keys(job))).to.deep.equal([
      ...Array.from({ length: 3 }, () => ["jobId", "input", "state", "text", "outputLocation", "timings"]),
      ["jobId", "input", "state", "error", "timings"],
    ]);
    const { message = "", ...error } = jobs[3]?.error ?? {};
    const { message: _, ...modelError } = codedError("MODEL_ERROR", "");
    expect(error).to.deep.equal(modelError);
    expect(message).to.match(/client error \(400\) from model/);
    for (const { jobId, outputLocation, timings } of jobs) {
      const times = [timings.acceptedAt, timings.receivedAt, timings.finishedAt, timings.recordedAt];
      expect(times.map((time) => new Date(time ?? "").toISOString())).to.deep.equal(times);
      expect([...times].sort()).to.deep.equal(times);
      if (outputLocation !== undefined) expect(outputLocation).to.match(new RegExp(`^s3://${outputs.bucketName}/output/.*${jobId}`));
    }
    expect({ ...totals, seconds: typeof totals.seconds }).to.deep.equal({ completed: 3, failed: 1, seconds: "number" });
    expect(left).to.deep.equal([]);
  });

  it("reads the user's own images, small or too large for a Lambda's payload, and writes no control characters into a pipe", async () => {
    const note = await readFile(path.join(pages, "note.png"));
    await writeFile(path.join(folder, "my scan.png"), note);
    // What follows a PNG's end is not looked at.
    await writeFile(path.join(folder, "large.png"), Buffer.concat([note, Buffer.alloc(6_000_000)]));

    const { exitCode, out, err } = await run(["my scan.png", "large.png"], folder, temporary).ended;

    expect({ exitCode, err }).to.deep.equal({ exitCode: 0, err: "" });
    expect(/[\0-\x09\x0b-\x1f\x7f-\x9f]/.exec(out)).to.equal(null);
    expect(out.match(/✔ .*|six eggs.*|\d jobs: .*/g)).to.deep.equal([
      "✔ my scan.png  COMPLETED",
      "six eggs, brown bread, a bag of apples",
      "✔ large.png  COMPLETED",
      "six eggs, brown bread, a bag of apples",
      "2 jobs: 2 completed",
    ]);
  });

  it("tells of a missing file before anything is deployed", async () => {
    const { exitCode, out, err } = await run(["missing.png"], folder, temporary).ended;

    expect({ exitCode, out, err }).to.deep.equal({ exitCode: 2, out: "", err: "error: missing.png: no such file\n" });
  });

  it("answers an option that it doesn't have in two lines, and how to see those that it has in a third", async () => {
    const { exitCode, out, err } = await run(["--jsno"], folder, temporary).ended;

    expect({ exitCode, out }).to.deep.equal({ exitCode: 2, out: "" });
    expect(err).to.equal("error: unknown option '--jsno'\n(Did you mean --json?)\n(npm start -- --help shows what it takes)\n");
  });

  it("prints what is wrong as its one document with --json: a script reads nothing else", async () => {
    const missing = await run(["--json", "missing.png"], folder, temporary).ended;
    const unknown = await run(["--json", "--nosuch"], folder, temporary).ended;

    expect([missing.exitCode, missing.err, unknown.exitCode, unknown.err]).to.deep.equal([2, "", 2, ""]);
    expect([missing.out, unknown.out].map((out) => (JSON.parse(out) as { error: object }).error)).to.deep.equal([
      codedError("BAD_INPUT", "missing.png: no such file", { advice: "" }),
      codedError("BAD_INPUT", "unknown option '--nosuch'", { advice: "" }),
    ]);
  });

  for (const [moment, line] of [
    ["while it deploys", "aws:s3/bucket:Bucket"],
    ["while jobs run", ": running"],
  ] as const) {
    it(`ends cleanly by Ctrl-C ${moment}: no report, no process, no file`, async () => {
      const { child, ended, written } = run([], root, temporary);
      while (!written.out.includes(line)) await once(child.stdout, "data");
      const started = descendants(child.pid as number);
      process.kill(-(child.pid as number), "SIGINT");
      const { exitCode, out, err } = await ended;

      expect({ exitCode, err, reported: out.includes("✔") || out.includes("✘") }).to.deep.equal({
        exitCode: 130,
        err: "Interrupted. The embedded cloud and its processes have ended.\n",
        reported: false,
      });
      expect({ some: started.length > 0, left: running(started) }).to.deep.equal({ some: true, left: [] });
      expect(await readdir(temporary)).to.deep.equal([]);
    });
  }
});
