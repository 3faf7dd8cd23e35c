import { Readable, Writable } from "node:stream";
import { version } from "../../client/version";
import { run as runProgram } from "../../cli/program";
import type { Screen } from "../support/screen";
import { root } from "../support/service";
import { environmentOf, type Ended, type RunOptions } from "./support";

/** Collects what is written to a stream that is no terminal, or to a window of one. @param wrote told of all so far with each write */
function collector(screen?: Screen, wrote: (all: string) => void = () => undefined): { stream: NodeJS.WriteStream; text(): string } {
  const chunks: Buffer[] = [];
  const terminal = screen && { isTTY: true, columns: screen.columns, rows: screen.rows, hasColors: () => true };
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk);
      screen?.write(chunk);
      wrote(Buffer.concat(chunks).toString());
      done();
    },
  });
  Object.assign(stream, terminal);
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => Buffer.concat(chunks).toString() };
}

/** How a command line runs in this process. */
export interface HereOptions extends Omit<RunOptions, "script"> {
  /** The terminal that it writes to. @default none: pipes */
  screen?: Screen;
  /** Ends it as Ctrl-C does. @default nothing does */
  signal?: AbortSignal;
  /** Told of all that it has written to its standard output whenever it writes there. */
  wrote?: (all: string) => void;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the command line to its end in this process, which spares the time in which a process of its own would load it. One after
 * the other: each has folder, environment and standard input of the process for itself. For what ends by a signal, needs a
 * terminal, or is about the process itself, there is `start`.
 */
export function runHere(args: readonly string[], options: HereOptions = {}): Promise<Ended> {
  const ended = last.then(() => runAlone(args, options));
  last = ended.catch(() => undefined);
  return ended;
}

async function runAlone(
  args: readonly string[],
  { environment, directory = root, input, screen, signal = new AbortController().signal, wrote }: HereOptions,
): Promise<Ended> {
  const out = collector(screen, wrote);
  const err = collector(screen);
  const before = { env: process.env, directory: process.cwd(), restore: [] as (() => void)[] };
  const replace = (target: object, name: string, value: unknown) => {
    const own = Object.getOwnPropertyDescriptor(target, name);
    before.restore.push(() => {
      Reflect.deleteProperty(target, name);
      if (own) Object.defineProperty(target, name, own);
    });
    Object.defineProperty(target, name, { value, configurable: true });
  };
  process.chdir(directory);
  process.env = environmentOf(environment);
  replace(process, "stdin", Readable.from(input === undefined ? [] : [Buffer.from(input)]));
  replace(process.stdout, "isTTY", undefined);
  try {
    const code = await runProgram(args, { stdout: out.stream, stderr: err.stream }, signal, version);
    return { code, out: out.text(), err: err.text() };
  } finally {
    for (const restore of before.restore) restore();
    process.env = before.env;
    process.chdir(before.directory);
  }
}
