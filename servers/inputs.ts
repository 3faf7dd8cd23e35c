import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ServerStack } from "./stacks";

/** A file of an exact size, and what a model that has read all of it answers. */
export interface Input {
  url: URL;
  bytes: number;
  /** Size and SHA-256 of what the model sees. */
  expected: { bytes: number; sha256: string };
}

/** What a stack wraps the model's text in. */
const wrapping = { bytes: ["", ""], json: ['{"inputs":["', '"]}'] } as const;

const pieceBytes = 2 ** 20;

/**
 * Writes a file of `bytes` bytes, letters of which no two pieces are the same, as the stack takes it; keeps it for the next run.
 *
 * @param folder where it is written
 */
export function makeInput(folder: string, takes: ServerStack["takes"], bytes: number): Input {
  const file = path.join(folder, `${takes}-${bytes}.${takes === "json" ? "json" : "bin"}`);
  const summary = `${file}.sha256`;
  const [before, after] = wrapping[takes];
  const contentBytes = bytes - before.length - after.length;
  if (!existsSync(summary) || !existsSync(file) || statSync(file).size !== bytes) {
    mkdirSync(folder, { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    const hash = createHash("sha256");
    const descriptor = openSync(unfinished, "w");
    writeSync(descriptor, before);
    for (let offset = 0; offset < contentBytes; offset += pieceBytes) {
      const piece = Buffer.alloc(Math.min(pieceBytes, contentBytes - offset), `piece ${offset} `);
      hash.update(piece);
      writeSync(descriptor, piece);
    }
    writeSync(descriptor, after);
    closeSync(descriptor);
    renameSync(unfinished, file);
    writeFileSync(summary, hash.digest("hex"));
  }
  return {
    url: pathToFileURL(file),
    bytes,
    expected: { bytes: contentBytes, sha256: readFileSync(summary, "utf8") },
  };
}

/** What a request asks of the model: `servers/python/behaviour.py` has the other side. */
export type Behaviour =
  | { behaviour: "sleep"; seconds: number }
  | { behaviour: "large"; bytes: number }
  | { behaviour: "meet"; folder: string; count: number; patienceSeconds: number }
  | { behaviour: "raise"; text: string }
  | { behaviour: "die" };

/** A request for a behaviour, as the stack takes it. */
export function requestFor(takes: ServerStack["takes"], behaviour: Behaviour): Buffer {
  const text = JSON.stringify(behaviour);
  return Buffer.from(takes === "json" ? JSON.stringify({ inputs: [text] }) : text);
}

/** What the model answered, out of what the stack puts around it. */
export function answerIn(takes: ServerStack["takes"], result: unknown): unknown {
  return takes === "json" ? (result as { predictions?: unknown } | null)?.predictions : result;
}
