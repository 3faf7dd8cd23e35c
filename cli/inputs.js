import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { requestBounds } from "../core/messages/request";
import { UsageError } from "./failure";
import { sample } from "./sample";
/** Larger inputs on the standard input are streamed, and their content type is not looked for. */
const inspectedBytes = 1_000_000;
/**
 * What the arguments of a command name: files, `-` for the standard input, or a sample when there are none.
 *
 * @throws UsageError naming every file that can't be read, and why
 */
export async function readInputs(files, sampleKind, stdin) {
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
export function readableFiles(files, mostBytes, limit, from = process.cwd()) {
  const problems = files.flatMap((file) => {
    const problem = unreadable(path.resolve(from, file), mostBytes, limit);
    return problem === undefined ? [] : [`${file}: ${problem}`];
  });
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}
function unreadable(file, mostBytes, limit) {
  try {
    accessSync(file, constants.R_OK);
    const stat = statSync(file);
    if (!stat.isFile()) return "is not a file";
    if (stat.size === 0) return "is empty; an input has at least one byte";
    return stat.size > mostBytes ? `has ${stat.size} bytes; an input has at most ${mostBytes} (${limit})` : undefined;
  } catch (error) {
    const { code, message } = error;
    return code === "ENOENT" ? "no such file" : code === "EACCES" ? "may not be read" : message;
  }
}
async function readStandardInput(stdin) {
  const chunks = [];
  let bytes = 0;
  const iterator = stdin[Symbol.asyncIterator]();
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
async function* joined(first, rest) {
  yield* first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
function isJson(body) {
  try {
    JSON.parse(body.toString());
    return true;
  } catch {
    return false;
  }
}
