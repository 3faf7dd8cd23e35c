import { setTimeout as pause } from "node:timers/promises";
import { isLoopback } from "./aws";
import { isNobodyThere } from "./failure";
import { LiveFrame } from "./liveFrame";
import { oneLine, type Paint } from "./output";
import { codedIn, type Session } from "./session";

/** How `--watch` looks at something, and shows it. */
export interface Watching<Seen> {
  /** Reads it. The first error ends the command; a later one only when it can't pass. */
  look: () => Promise<Seen>;
  /** Whether there is nothing more to come. @default never */
  isOver?: (seen: Seen) => boolean;
  /** It on a terminal. */
  frame: (seen: Seen, paint: Paint) => string;
  /** What a pipe gets: a line for each thing that changed. With `--json` an object. */
  changes: (seen: Seen) => readonly Change[];
  /** Between two looks at AWS, where each costs a little. On this machine it is a second. */
  everyMilliseconds: number;
}

/** Something that a pipe gets a line of when it is new, or another than before. */
export interface Change {
  /** What it is about. */
  key: string;
  /** What makes it another: two lines of the same value would say nothing. */
  value: string;
  object: object;
  line: string;
}

const localMilliseconds = 1000;

/** The option, and what it says in the help. */
export const watchOption = ["-w, --watch", "look again and again until Ctrl-C; in a pipe a line for each change"] as const;

/**
 * Looks at something until it is over or Ctrl-C ends it: on a terminal drawn over itself, in a pipe a line for each change.
 *
 * @returns what was seen last, and whether Ctrl-C ended it
 * @throws what the first look met, or a later one that can't pass: permissions, or an embedded cloud that has ended
 */
export async function watching<Seen>(session: Session, watched: Watching<Seen>): Promise<{ seen: Seen | undefined; interrupted: boolean }> {
  const { output, signal, target } = session;
  const stream = output.watched;
  const frame = stream && new LiveFrame(stream);
  const isLocal = target?.endpointUrl !== undefined && isLoopback(target.endpointUrl);
  const every = isLocal ? localMilliseconds : watched.everyMilliseconds;
  const told = new Map<string, string>();
  let seen: Seen | undefined;
  let trouble: string | undefined;

  const draw = (footer: readonly string[]) => {
    if (seen !== undefined)
      frame?.draw(
        output.shown((paint) => watched.frame(seen as Seen, paint)),
        footer.map((line) => output.paint("dim", line)),
      );
  };
  const footer = () => [
    ...(trouble === undefined ? [] : output.fit(trouble, 0).split("\n")),
    `Looks every ${every / 1000} s; Ctrl-C ends it.`,
  ];
  const resized = () => draw(footer());
  stream?.on("resize", resized);
  try {
    while (!signal.aborted) {
      try {
        seen = await watched.look();
        if (trouble !== undefined && frame === undefined) output.note("It can be read again.");
        trouble = undefined;
      } catch (error) {
        if (signal.aborted) break;
        const coded = codedIn(session, error);
        // An embedded cloud that has ended does not come back with what it had.
        const passes = coded.retryable && !(isNobodyThere(error) && isLocal);
        if (seen === undefined || !passes) throw error;
        const words = `Nothing new can be read: ${oneLine(coded.message)}`;
        if (trouble === undefined && frame === undefined) output.note(`${words} The command keeps asking; Ctrl-C ends it.`);
        trouble = words;
      }
      if (seen !== undefined && frame === undefined && trouble === undefined) {
        for (const { key, value, object, line } of watched.changes(seen)) {
          if (told.get(key) === value) continue;
          told.set(key, value);
          output.show(object, () => line);
        }
      }
      if (seen !== undefined && watched.isOver?.(seen) === true) break;
      draw(footer());
      await pause(every, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    stream?.off("resize", resized);
  }
  // What is left on the terminal is what was seen last.
  draw([]);
  return { seen, interrupted: signal.aborted };
}
