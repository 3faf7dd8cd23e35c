import { expect } from "chai";
import { Writable } from "node:stream";
import { CommandError } from "../../cli/failure";
import { Output } from "../../cli/output";
import type { Session } from "../../cli/session";
import type { Target } from "../../cli/target";
import { watching, type Watching } from "../../cli/watching";
import { codedError, type ErrorCode } from "../../core/records/errors";
import { Screen } from "../support/screen";

interface Counted {
  count: number;
  state: string;
}

/** What a command is run with here, and what it wrote: on a screen of its own, or in pipes. */
function session(screen?: Screen, json = false) {
  const written = { out: "", err: "" };
  const collector = (into: "out" | "err") => {
    const stream = new Writable({
      write: (chunk: Buffer, _, done) => {
        written[into] += chunk.toString();
        screen?.write(chunk);
        done();
      },
    });
    const terminal = screen && { isTTY: true, columns: screen.columns, rows: screen.rows, hasColors: () => false };
    return Object.assign(stream, terminal) as unknown as NodeJS.WriteStream;
  };
  const stop = new AbortController();
  const stdout = collector("out");
  const made: Session = {
    output: new Output(json, { stdout, stderr: collector("err") }),
    environment: {},
    signal: stop.signal,
    exitCode: 0,
    invokedAs: "npx sagemaker-async",
  };
  return { session: made, stop: () => stop.abort(), written, stdout };
}

/** Shows each of `looks`, then ends as Ctrl-C does. */
function looksAt(looks: readonly (Counted | Error)[], stop: () => void, frame?: (seen: Counted) => string): Watching<Counted> {
  let next = 0;
  return {
    look: () => {
      const found = looks[next++];
      if (next > looks.length) {
        stop();
        return Promise.reject(new Error("aborted"));
      }
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found as Counted);
    },
    frame: frame ?? (({ count, state }) => `JOB ${count}\n${state}`),
    changes: ({ count, state }) => [{ key: "job", value: state, object: { count, state }, line: `${count}\t${state}` }],
    everyMilliseconds: 1,
  };
}

const fails = (code: ErrorCode, retryable: boolean) => new CommandError(codedError(code, "It can't be read.", { retryable, advice: "" }));

describe("--watch", () => {
  let environment: string | undefined;
  before(() => {
    environment = process.env["CI"];
    delete process.env["CI"];
  });
  after(() => {
    if (environment !== undefined) process.env["CI"] = environment;
  });

  it("gives a pipe a line for each change, and none for what is as it was", async () => {
    const { session: pipes, stop, written } = session();
    const looks = [1, 2, 3, 4].map((count) => ({ count, state: count < 3 ? "waits" : "runs" }));

    const { interrupted, seen } = await watching(pipes, looksAt(looks, stop));

    expect(written).to.deep.equal({ out: "1\twaits\n3\truns\n", err: "" });
    expect([interrupted, seen?.count]).to.deep.equal([true, 4]);
  });

  it("gives --json an object for each change", async () => {
    const { session: pipes, stop, written } = session(undefined, true);

    await watching(pipes, looksAt([{ count: 1, state: "runs" }], stop));

    expect(written).to.deep.equal({ out: '{"count":1,"state":"runs"}\n', err: "" });
  });

  it("draws over what it drew, and leaves what it saw last on the terminal", async () => {
    const screen = new Screen(40, 10);
    const { session: terminal, stop } = session(screen);
    const looks = [
      { count: 1, state: "waits for an instance,\nwhich starts" },
      { count: 2, state: "runs" },
    ];

    await watching(terminal, looksAt(looks, stop));

    expect(await screen.lines()).to.deep.equal(["JOB 2", "runs"]);
  });

  it("draws over lines that the terminal had to break", async () => {
    const screen = new Screen(20, 12);
    const { session: terminal, stop } = session(screen);
    const looks = ["a".repeat(47), "b".repeat(20)].map((state, index) => ({ count: index + 1, state }));

    await watching(terminal, looksAt(looks, stop));

    expect(await screen.lines()).to.deep.equal(["JOB 2", "b".repeat(20)]);
  });

  it("counts what a low terminal has no room for, since nothing can be drawn over what has scrolled away", async () => {
    const screen = new Screen(40, 8);
    const { session: terminal, stop } = session(screen);
    const frame = ({ count }: Counted) => Array.from({ length: 30 }, (_, index) => `${count}: row ${index}`).join("\n");

    await watching(
      terminal,
      looksAt(
        [1, 2].map((count) => ({ count, state: "" })),
        stop,
        frame,
      ),
    );

    const rows = [0, 1, 2, 3, 4, 5].map((index) => `2: row ${index}`);
    expect(await screen.lines()).to.deep.equal([...rows, "… 24 more lines"]);
  });

  it("ends by itself when nothing more is to come", async () => {
    const { session: pipes, stop, written } = session();
    const watched = looksAt(
      [1, 2, 3].map((count) => ({ count, state: `state ${count}` })),
      stop,
    );

    const { interrupted } = await watching(pipes, { ...watched, isOver: ({ count }) => count === 2 });

    expect(interrupted).to.equal(false);
    expect(written.out).to.equal("1\tstate 1\n2\tstate 2\n");
  });

  it("goes on after what passes, and says when nothing could be read", async () => {
    const { session: pipes, stop, written } = session();
    const looks = [{ count: 1, state: "waits" }, fails("THROTTLED", true), fails("THROTTLED", true), { count: 2, state: "runs" }];

    await watching(pipes, looksAt(looks, stop));

    expect(written).to.deep.equal({
      out: "1\twaits\n2\truns\n",
      err: "Nothing new can be read: It can't be read. The command keeps asking; Ctrl-C ends it.\nIt can be read again.\n",
    });
  });

  for (const [what, looks] of [
    ["the first look fails", [fails("THROTTLED", true)]],
    ["permissions are gone", [{ count: 1, state: "waits" }, fails("ACCESS_DENIED", false)]],
  ] as const) {
    it(`ends with an error when ${what}`, async () => {
      const { session: pipes, stop } = session();

      const thrown = await watching(pipes, looksAt(looks, stop)).catch((error: unknown) => error);

      expect(thrown).to.equal(looks.at(-1));
    });
  }

  it("ends when an embedded cloud has ended: what comes back at its address is another", async () => {
    const { session: pipes, stop } = session();
    pipes.target = { endpointUrl: "http://127.0.0.1:4566" } as Target;
    const gone = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

    const thrown = await watching(pipes, looksAt([{ count: 1, state: "waits" }, gone], stop)).catch((error: unknown) => error);

    expect(thrown).to.equal(gone);
  });
});
