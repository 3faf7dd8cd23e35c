import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { requestBounds } from "../core/messages/request";
import { unreadableReason, UsageError } from "./failure";
import { sample, type SampleKind } from "./sample";

/** One input of a job: what the client is given, and what its user calls it. */
export interface Input {
  name: string;
  input: unknown;
  /** Where the input doesn't tell. */
  contentType?: string;
  fileName?: string;
}

/** Larger inputs on the standard input are streamed, and their content type is not looked for. */
const inspectedBytes = 1_000_000;

/**
 * What the arguments of a command name: files, `-` for the standard input, or a sample when there are none.
 *
 * @throws UsageError naming every file that can't be read, and why
 */
export async function readInputs(files: readonly string[], sampleKind: SampleKind, stdin: Readable): Promise<Input[]> {
  if (files.length === 0) {
    const { name, body, contentType } = sample(sampleKind);
    return [{ name, input: body, contentType, fileName: name }];
  }
  if (files.filter((file) => file === "-").length > 1) throw new UsageError("-: the standard input can be one job only");
  readableFiles(
    files.filter((file) => file !== "-"),
    requestBounds.inputBytes,
    "1 GiB",
  );
  return Promise.all(
    files.map(async (file) => (file === "-" ? readStandardInput(stdin) : { name: file, input: pathToFileURL(path.resolve(file)) })),
  );
}

/**
 * Looks whether files can be inputs.
 *
 * @param limit the same as `mostBytes`, for people
 * @param from folder that relative paths start at
 * @throws UsageError naming every file that can't, and why
 */
export function readableFiles(files: readonly string[], mostBytes: number, limit: string, from = process.cwd()): void {
  const problems = files.flatMap((file) => {
    const problem = unreadable(path.resolve(from, file), mostBytes, limit);
    return problem === undefined ? [] : [`${file}: ${problem}`];
  });
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}

function unreadable(file: string, mostBytes: number, limit: string): string | undefined {
  const problem = fileProblem(file);
  if (problem !== undefined) return problem;
  const { size } = statSync(file);
  if (size === 0) return "is empty; an input has at least one byte";
  return size > mostBytes ? `has ${size} bytes; an input has at most ${mostBytes} (${limit})` : undefined;
}

/** Why something that the command line names is no file that can be read; undefined when it is one. */
export function fileProblem(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    const found = statSync(file);
    if (found.isDirectory()) return "is a folder";
    return found.isFile() ? undefined : "is not a file";
  } catch (error) {
    return unreadableReason(error);
  }
}

async function readStandardInput(stdin: Readable): Promise<Input> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const iterator = stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    chunks.push(next.value);
    bytes += next.value.length;
    if (bytes > inspectedBytes) return { name: "-", input: Readable.from(joined(chunks, iterator)) };
  }
  if (bytes === 0) throw new UsageError("-: the standard input is empty; an input has at least one byte");
  const body = Buffer.concat(chunks);
  if (isJson(body)) return { name: "-", input: body, contentType: "application/json", fileName: "request.json" };
  return { name: "-", input: body };
}

async function* joined(first: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
