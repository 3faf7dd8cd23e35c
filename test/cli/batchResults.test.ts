import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { claim, collectBatch, namesOf } from "../../cli/batchResults";
import { codedFrom, UsageError } from "../../cli/failure";
import { Output } from "../../cli/output";
import type { Service, Session } from "../../cli/session";
import { clientError } from "../../client/errors";

/** A job of the batch: its key, and what it answered, or the error that it ended with. */
type Ended = [key: string, answer: string | Error];

describe("the results of a batch", () => {
  let folder: string;

  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), "batch-results-"))));
  afterEach(() => rm(folder, { recursive: true }));

  /** Collects such jobs, whose ids are the batch's with 1, 2, … behind. @param during runs while the first is read */
  async function collect(ended: readonly Ended[], { batch = "b", during = async () => {}, output = folder } = {}) {
    const said: string[] = [];
    const stream = { write: (text: string) => said.push(text) } as unknown as NodeJS.WriteStream;
    const session: Session = {
      output: new Output(false, { stdout: stream, stderr: stream }),
      environment: {},
      signal: new AbortController().signal,
      exitCode: 0,
      invokedAs: "sagemaker-async",
    };
    const client = {
      async *statuses() {
        for (const [index, [batchKey, answer]] of ended.entries()) {
          const state = typeof answer === "string" ? "COMPLETED" : "FAILED";
          yield { jobId: `${batch}.${index + 1}`, state, ended: true, metadata: { batch, batchKey } };
        }
      },
      job: (jobId: string) => ({
        result: async ({ toFile }: { toFile: string }) => {
          const answer = ended[Number(jobId.slice(batch.length + 1)) - 1]?.[1] ?? "";
          if (jobId.endsWith(".1")) await during();
          if (typeof answer !== "string") return { success: false, error: answer };
          await writeFile(toFile, answer);
          return { success: true, data: { path: toFile } };
        },
      }),
    };
    const service = { client: async () => client, target: { written: "" } } as unknown as Service;
    const code = await collectBatch(session, service, batch, output, new Date(0)).catch((error: unknown) => {
      if (error instanceof UsageError) return `usage: ${error.message}`;
      const { code, message } = codedFrom(error);
      return `${code}: ${message}`;
    });
    return { code, said: said.join("") };
  }

  const read = (name: string) => readFile(path.join(folder, name), "utf8");
  const rows = async () => (await read("results.csv")).trimEnd().split("\n").slice(1).sort();
  const files = async () => {
    const all = await readdir(folder, { recursive: true, withFileTypes: true });
    return all.filter((each) => each.isFile()).map((each) => path.relative(folder, path.join(each.parentPath, each.name)));
  };

  it("are all there, those of keys that no file can be called after too, and results.csv says which file is whose", async () => {
    const long = `2026/${"k".repeat(300)}.txt`;
    const nearly = `2026/${"n".repeat(250)}`;
    const folders = `${"f".repeat(300)}/c`;
    const { code } = await collect([long, nearly, folders, "a"].map((key) => [key, `of ${key}`]));

    expect(code).to.equal(0);
    expect(await rows()).to.deep.equal([
      `b,b.1,${long},COMPLETED,2026/b.1.out,`,
      `b,b.2,${nearly},COMPLETED,${nearly}.out,`,
      `b,b.3,${folders},COMPLETED,b.3.out,`,
      "b,b.4,a,COMPLETED,a.out,",
    ]);
    expect([await read("2026/b.1.out"), await read("b.3.out")]).to.deep.equal([`of ${long}`, `of ${folders}`]);
  });

  it("are never outside of the folder, and never in another's place", async () => {
    expect(namesOf("../../etc/passwd", "b.1")[0]).to.equal("etc/passwd.out");
    expect(namesOf("2026//a.txt", "b.1")[0]).to.equal("2026/a.txt.out");
    expect(namesOf("/", "b.1")[0]).to.equal("b.1.out");
    const taken = new Set<string>();
    const claimed = ["a.out", "a.out", "A.out", "a.out/b.out", "a.out.b"].map((name) => claim(taken, name));
    expect(claimed).to.deep.equal([true, false, false, false, true]);
    const keys = ["x", "/x", "x.out/y", "results.csv/z"];
    expect((await collect(keys.map((key) => [key, key]))).code).to.equal(0);
    expect(await rows()).to.deep.equal([
      "b,b.1,x,COMPLETED,x.out,",
      "b,b.2,/x,COMPLETED,x.b.2.out,",
      "b,b.3,x.out/y,COMPLETED,b.3.out,",
      "b,b.4,results.csv/z,COMPLETED,b.4.out,",
    ]);
    expect(await Promise.all(["x.out", "x.b.2.out", "b.3.out", "b.4.out"].map(read))).to.deep.equal(keys);
  });

  it("have a place where an earlier run left a folder of that name", async () => {
    await mkdir(path.join(folder, "x.out/y"), { recursive: true });

    expect((await collect([["x", "1"]])).code).to.equal(0);
    expect(await rows()).to.deep.equal(["b,b.1,x,COMPLETED,x.b.1.out,"]);
  });

  it("have what the model said of a job that failed, in one line", async () => {
    const error = clientError("MODEL_ERROR", "Received client error (400) from model. The model said: no text,\nno page");

    expect((await collect([["a", error]])).code).to.equal(1);
    expect(await rows()).to.deep.equal([
      'b,b.1,a,FAILED,,"MODEL_ERROR: Received client error (400) from model. The model said: no text, no page"',
    ]);
  });

  it("are in results.csv at once at the end, and what a killed run left goes with the next", async () => {
    const killed = path.join(folder, `.unfinished.${hostname()}.${2 ** 22 + 1}`);
    const elsewhere = path.join(folder, `.unfinished.${hostname()}.example.1`);
    const running = path.join(folder, `.unfinished.${hostname()}.${process.ppid}`);
    for (const each of [killed, elsewhere, running]) {
      await mkdir(each);
      await writeFile(path.join(each, "b.1.out"), "");
    }
    let during: string[] = [];
    await collect([["a", "1"]], { during: async () => void (during = await readdir(folder)) });

    expect(during).to.not.include("results.csv");
    expect((await files()).sort()).to.deep.equal(
      [elsewhere, running]
        .map((each) => path.join(path.relative(folder, each), "b.1.out"))
        .concat("a.out", "results.csv")
        .sort(),
    );
  });

  it("leave an earlier results.csv and nothing unfinished when one can't be read", async () => {
    await collect([["a", "1"]]);
    const during = async () => Promise.reject(clientError("UNAVAILABLE", "connect ETIMEDOUT"));

    expect((await collect([["a", "1"]], { during })).code).to.equal("UNAVAILABLE: connect ETIMEDOUT");
    expect((await files()).sort()).to.deep.equal(["a.out", "results.csv"]);
    expect(await rows()).to.deep.equal(["b,b.1,a,COMPLETED,a.out,"]);
  });

  it("don't go where a file is, nor over another batch's", async () => {
    await writeFile(path.join(folder, "h.txt"), "");
    for (const output of ["h.txt", "h.txt/below"].map((name) => path.join(folder, name))) {
      const message = `usage: --output: got ${output}, expected a folder: it, or what is above it, is a file`;
      expect((await collect([["a", "1"]], { output })).code).to.equal(message);
    }
    await collect([["a", "1"]]);
    const message = `usage: --output: got ${folder}, whose results.csv is not of batch c: name another folder, or remove that file`;
    expect((await collect([["a", "2"]], { batch: "c" })).code).to.equal(message);
    expect([await read("a.out"), (await collect([["a", "3"]])).code, await read("a.out")]).to.deep.equal(["1", 0, "3"]);
  });

  it("say which folder the file system refuses, and don't advise to try again", async () => {
    const { code } = await collect([["a", "1"]], { output: path.join(folder, "k".repeat(300)) });

    expect(code).to.match(/^BAD_INPUT: --output: ENAMETOOLONG: name too long, mkdir '.*kkk'$/);
    // To root nothing is closed.
    if (process.getuid?.() === 0) return;
    const closed = path.join(folder, "closed");
    await mkdir(closed, { mode: 0o500 });
    expect((await collect([["a", "1"]], { output: closed })).code).to.equal(
      `BAD_INPUT: --output: EACCES: permission denied, access '${closed}'`,
    );
  });
});
