import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isMap, isScalar, parse, parseDocument, Scalar, type Document, type Node, type YAMLMap } from "yaml";
import { unreadableReason, UsageError } from "./failure";

/** How a stack file is pointed at an embedded cloud. */
export interface CloudInStackFile {
  /** The AWS provider's settings by key, such as `aws:endpoints`, without the region. */
  settings: Readonly<Record<string, string | object>>;
  /** The region to write. Without it the file keeps its own. */
  region: string | undefined;
  /** The region of a file that has none. */
  fallbackRegion: string;
}

/**
 * Puts the AWS provider's settings for an embedded cloud into the `config:` of a stack file, in the place of those that were there
 * before. Comments, other settings, secrets and the stack's encryption keys stay. A file that does not exist is made.
 *
 * @returns the region that the file has afterwards
 * @throws UsageError naming the file, when it is no stack file or can't be read or written
 */
export function writeIntoStackFile(file: string, { settings, region, fallbackRegion }: CloudInStackFile): string {
  const problem = (what: string) => new UsageError(`--write ${file}: ${what}`);
  if (!/^Pulumi\..+\.yaml$/.test(path.basename(file))) {
    throw problem("expected a stack file, such as Pulumi.dev.yaml: what all stacks share would lead production to the embedded cloud");
  }
  const { document, ends } = read(file, problem);
  const config = configOf(document, problem);
  const before = config.get("aws:region");
  const written = region ?? (typeof before === "string" && typeof parse(before) === "string" ? before : fallbackRegion);
  for (const [key, value] of Object.entries({ "aws:region": written, ...settings })) {
    const known = config.get(key, true);
    // In its place a remark beside it stays.
    if (isScalar(known) && typeof value === "string") known.value = value;
    else config.set(document.createNode(key), nodeOf(document, value));
  }
  replace(file, document.toString({ lineWidth: 0 }).replaceAll("\n", ends), problem);
  return written;
}

type Problem = (what: string) => UsageError;

/** Lines end with `ends`, in what is written as in the file. */
function read(file: string, problem: Problem): { document: Document; ends: string } {
  let text: string;
  try {
    text = existsSync(file) ? readFileSync(file, "utf8") : "";
  } catch (error) {
    throw problem(`can't be read (${unreadableReason(error)})`);
  }
  // All that is no list and no mapping is text here: as numbers, an account's first zero and the digits beyond 2^53 would be lost.
  const document: Document = parseDocument(text, { schema: "failsafe" });
  const [wrong] = document.errors;
  if (wrong !== undefined) throw problem(`it is no valid YAML, so nothing was written: ${wrong.message}`);
  return { document, ends: text.includes("\r\n") ? "\r\n" : "\n" };
}

/** Text that YAML would read as something else is quoted. */
function nodeOf(document: Document, value: string | object): Node {
  if (typeof value !== "string") return document.createNode(value);
  const node = new Scalar(value);
  if (parse(value) !== value) node.type = Scalar.QUOTE_DOUBLE;
  return node;
}

/** The mapping `config:`, made where it is missing or empty. */
function configOf(document: Document, problem: Problem): YAMLMap {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === "")) document.contents = document.createNode({});
  if (!isMap(document.contents)) throw problem("expected a mapping with the key config");
  const found = document.get("config");
  if (isMap(found)) {
    // One within braces is one line, however long.
    if (found.items.length === 0) found.flow = false;
    return found;
  }
  if (found !== undefined && found !== "") throw problem(`config is ${JSON.stringify(found)}, expected a mapping of settings`);
  const made = document.createNode({});
  document.set("config", made);
  return made;
}

/** A full disk leaves the file, which may hold the only copy of the stack's encryption salt, as it was. */
function replace(file: string, text: string, problem: Problem): void {
  const target = existsSync(file) ? realpathSync(file) : file;
  const unfinished = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, text, existsSync(target) ? { mode: statSync(target).mode } : {});
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw problem(`can't be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}
