import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Streams } from "../../../cli/output";
import { codedError } from "../../../core/records/errors";
import type { JobReport } from "../../../local/commands/jobs";
import { renderReport } from "../../../local/commands/report";
import { finish, judge, readInputs, readOptions, type Expectation, type Interruption } from "../../../local/commands/start";

const root = process.cwd();
const timings = {
  acceptedAt: "2026-01-25T22:46:00.000Z",
  receivedAt: "2026-01-25T22:46:00.120Z",
  finishedAt: "2026-01-25T22:46:01.620Z",
  recordedAt: "2026-01-25T22:46:01.650Z",
};
const outputLocation = "s3://bucket/output/1.j/result.out";
const report: JobReport = { jobId: "j", input: "note.png", state: "COMPLETED", text: "six eggs", outputLocation, timings };
const page: Expectation = { name: "note.png", file: "/pages/note.png", expectedText: "six eggs\n" };
const broken: Expectation = { name: "broken.png", file: "/pages/broken.png", broken: true };

describe("npm start: what it is asked for", () => {
  it("takes files and --json in any order", () => {
    expect(readOptions(["a.png", "--json", "b.png"])).to.deep.equal({ files: ["a.png", "b.png"], json: true });
    expect(readOptions([])).to.deep.equal({ files: [], json: false });
  });

  it("runs the shipped pages when no file is given, with what is on each, and one that must fail", () => {
    const inputs = readInputs([], root);

    expect(inputs.map(({ name, broken = false, expectedText }) => ({ name, broken, known: typeof expectedText }))).to.deep.equal([
      { name: "note.png", broken: false, known: "string" },
      { name: "invoice.png", broken: false, known: "string" },
      { name: "letter.png", broken: false, known: "string" },
      { name: "broken.png", broken: true, known: "undefined" },
    ]);
  });

  describe("with the user's own files", () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), "start-test-"));
      writeFileSync(path.join(folder, "scan.png"), "1234");
      writeFileSync(path.join(folder, "empty.png"), "");
      mkdirSync(path.join(folder, "pages"));
    });
    after(() => rmSync(folder, { recursive: true }));

    it("finds them where the user is, not where npm runs", () => {
      const file = path.join(folder, "scan.png");

      expect(readInputs(["scan.png", file], folder)).to.deep.equal([
        { name: "scan.png", file },
        { name: file, file },
      ]);
    });

    it("names every file that can't be a job, and why, before anything is deployed", () => {
      expect(() => readInputs(["nothing.png", "scan.png", "pages", "empty.png"], folder)).to.throw(
        Error,
        /^nothing\.png: no such file\npages: is a folder\nempty\.png: is empty; an input has at least one byte$/,
      );
    });
  });
});

describe("npm start: whether a job went as it should", () => {
  const modelError = codedError("MODEL_ERROR", "Received client error (400) from model.");

  it("accepts a page that was read, however its lines were broken", () => {
    expect(judge({ ...report, text: "six  \n eggs" }, page).problem).to.equal(undefined);
  });

  it("accepts the broken page only when the model refused it", () => {
    expect(judge({ ...report, state: "FAILED", error: modelError }, broken).problem).to.equal(undefined);
    expect(judge(report, broken).problem).to.equal("expected FAILED with MODEL_ERROR, since the page is broken on purpose; got COMPLETED");
    expect(judge({ ...report, state: "FAILED", error: codedError("TIMEOUT", "Too long.") }, broken).problem).to.equal(
      "expected FAILED with MODEL_ERROR, since the page is broken on purpose; got FAILED with TIMEOUT",
    );
  });

  it("finds a page that was read wrongly, a page that failed, and one without text", () => {
    expect(judge({ ...report, text: "six legs" }, page).problem).to.equal(
      "the text differs from /pages/note.txt in 25 % of its characters",
    );
    expect(judge({ ...report, state: "FAILED", error: modelError }, page).problem).to.equal("expected COMPLETED, got FAILED");
    const { text: _, ...silent } = report;
    expect(judge(silent, page).problem).to.equal("the text differs from /pages/note.txt in 100 % of its characters");
  });

  it("gives the pages that can be read to a model of the user's own, and takes what that makes of them for right", () => {
    const inputs = readInputs([], root, "python3 model.py");

    expect(inputs.map(({ name, expectedText, broken }) => [name, expectedText, broken])).to.deep.equal([
      ["note.png", undefined, undefined],
      ["invoice.png", undefined, undefined],
      ["letter.png", undefined, undefined],
    ]);
    const { text: _, ...bytes } = { ...report, bytes: 433, contentType: "application/octet-stream" };
    expect(judge(bytes, inputs[0] as Expectation).problem).to.equal(undefined);
    expect(judge({ ...report, state: "FAILED", error: modelError }, inputs[0] as Expectation).problem).to.equal(
      "expected COMPLETED, got FAILED; a model that takes something else gets it with npm start -- FILE",
    );
  });

  it("asks no more of a user's own file than to complete", () => {
    expect(judge({ ...report, text: "anything" }, { name: "a", file: "/a" }).problem).to.equal(undefined);
  });
});

describe("npm start: how it ends", () => {
  const unended = { close: () => Promise.reject(new Error("the model's process can't be ended")) };
  const ended = { close: () => Promise.resolve() };
  const unendedError = "error: the model's process can't be ended\n";
  const aborted = (message: string) => `${JSON.stringify({ error: codedError("ABORTED", message, { advice: "" }) })}\n`;
  const wholeText = "Interrupted. The embedded cloud and its processes have ended.";

  async function ending(cloud: typeof ended, exitCode: number | undefined, json: boolean, interruption?: Interruption) {
    const written = { out: "", err: "" };
    const to = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
    const controller = new AbortController();
    if (interruption) controller.abort(interruption);
    const streams = { stdout: to("out"), stderr: to("err") } as unknown as Streams;
    const code = await finish(cloud, exitCode, controller.signal, json, streams);
    return [code, written.out, written.err];
  }

  it("promises that the cloud has ended only when it has", async () => {
    const interruption = { exitCode: 130 };

    expect(await ending(ended, undefined, false, interruption)).to.deep.equal([130, "", `${wholeText}\n`]);
    expect(await ending(ended, undefined, true, interruption)).to.deep.equal([130, aborted(wholeText), ""]);
    expect(await ending(unended, undefined, false, interruption)).to.deep.equal([130, "", `${unendedError}Interrupted.\n`]);
    expect(await ending(unended, undefined, true, interruption)).to.deep.equal([130, aborted("Interrupted."), unendedError]);
  });

  it("writes no second document after that of a run, whatever happens while the cloud ends", async () => {
    expect(await ending(ended, 0, true)).to.deep.equal([0, "", ""]);
    expect(await ending(ended, 1, true)).to.deep.equal([1, "", ""]);
    expect(await ending(unended, 0, true)).to.deep.equal([1, "", unendedError]);
    expect(await ending(ended, 0, true, { exitCode: 130 })).to.deep.equal([130, "", ""]);
  });

  it("says nothing when only its reader went away: that is how `| head` ends", async () => {
    for (const cloud of [ended, unended]) {
      expect(await ending(cloud, undefined, false, { exitCode: 1, isUnread: true })).to.deep.equal([1, "", ""]);
      expect(await ending(cloud, undefined, true, { exitCode: 1, isUnread: true })).to.deep.equal([1, "", ""]);
    }
  });
});

describe("npm start: the report", () => {
  /** What a pipe is: no colours, no width. */
  const pipe = { paint: (_: unknown, text: string) => text, columns: undefined };

  it("tells of each job its state, text or error with advice, result, and where the time went", () => {
    const text = Array.from({ length: 9 }, (_, index) => `line ${index + 1}`).join("\n\n");
    const failed: JobReport = {
      jobId: "k",
      input: "broken.png",
      state: "FAILED",
      error: codedError("MODEL_ERROR", "Received client error (400) from model."),
      failureLocation: "s3://bucket/failure/1.k/result.out",
      timings,
    };

    const written = renderReport(
      [judge({ ...report, text }, { ...page, expectedText: text }), judge(failed, broken)],
      { deployedSeconds: 3.21, firstResultSeconds: 4.5, endSeconds: 6 },
      pipe,
    );

    expect(written).to.equal(`
✔ note.png  COMPLETED
    │ line 1
    │ line 2
    │ line 3
    │ line 4
    │ line 5
    │ line 6
    │ … 3 more lines
  result  s3://bucket/output/1.j/result.out
  time    120 ms to the service, 1.5 s in queue and model, 30 ms to the record, 1.7 s in all
  job     j

✔ broken.png  FAILED  as it should: it is broken on purpose
  error    MODEL_ERROR: Received client error (400) from model.
  advice   Read the container's log and the failure object; the input may be one that the model can't take.
  failure  s3://bucket/failure/1.k/result.out
  time     120 ms to the service, 1.5 s in queue and model, 30 ms to the record, 1.7 s in all
  job      k

2 jobs: 1 completed, 1 failed as it should
deployed after 3.2 s, first result after 4.5 s, all done after 6.0 s
`);
  });

  it("shows an answer that is no text for what it is, in lines that fit a terminal", () => {
    const { text: _, ...other } = { ...report, bytes: 433, contentType: "text/plain" };
    const written = renderReport([{ ...other, broken: false }], { deployedSeconds: 1, endSeconds: 2 }, { ...pipe, columns: 60 });

    expect(written).to.equal(`
✔ note.png  COMPLETED
  answer  433 bytes, no text (text/plain)
  result  s3://bucket/output/1.j/result.out
  time    120 ms to the service, 1.5 s in queue and model,
          30 ms to the record, 1.7 s in all
  job     j

1 job: 1 completed
deployed after 1.0 s, all done after 2.0 s
`);
  });

  it("marks what went wrong, and lets no model steer the terminal", () => {
    const written = renderReport(
      [judge({ ...report, text: "six\u001b[2J\u0007 legs" }, page)],
      { deployedSeconds: 1, endSeconds: 2 },
      pipe,
    );

    expect(written).to.equal(`
✘ note.png  COMPLETED
    │ six legs
  result   s3://bucket/output/1.j/result.out
  time     120 ms to the service, 1.5 s in queue and model, 30 ms to the record, 1.7 s in all
  job      j
  problem  the text differs from /pages/note.txt in 88 % of its characters

1 job: 1 completed, 1 not as it should be
deployed after 1.0 s, all done after 2.0 s
`);
  });
});
