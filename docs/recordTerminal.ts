import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Written } from "./terminalPicture";

/**
 * Runs a shell's line on a terminal of its own, and keeps what it writes and when.
 *
 * util-linux's `script` is the terminal: it stands on every Linux, where a package for terminals would bring native code.
 *
 * @throws Error where there is no such `script`, or when the line fails
 */
export async function recordTerminal(line: string, columns: number, rows: number, directory: string): Promise<Written[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "recorded-"));
  const [log, timing] = [path.join(folder, "log"), path.join(folder, "timing")];
  try {
    const { CI: _, ...environment } = process.env;
    const command = `stty cols ${columns} rows ${rows} && ${line}`;
    const options = ["--quiet", "--return", "--log-out", log, "--log-timing", timing, "--command", command];
    const child = spawn("script", options, {
      cwd: directory,
      env: { ...environment, TERM: "xterm-256color" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [code] = (await once(child, "close").catch((error: unknown) => {
      throw new Error("pictures of a terminal need `script` of util-linux, as Linux has it", { cause: error });
    })) as [number];
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${readFileSync(log, "utf8").slice(-2000)}`);
    return readRecording(readFileSync(log), readFileSync(timing, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `script` kept: a header line, then what was written; and per write the seconds since the one before and its bytes. */
export function readRecording(log: Uint8Array, timing: string): Written[] {
  // A character's bytes may come in two writes.
  const decoder = new TextDecoder();
  let at = log.indexOf("\n".charCodeAt(0)) + 1;
  let seconds = 0;
  return timing
    .trim()
    .split("\n")
    .map((line) => {
      const [pause = 0, bytes = 0] = line.split(" ").map(Number);
      seconds += pause;
      const text = decoder.decode(log.subarray(at, at + bytes), { stream: true });
      at += bytes;
      return { seconds, text };
    });
}
