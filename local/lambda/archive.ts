import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { writeZip } from "./unzip";

const signatureKey = "4dabf18193072939515e22adb298388d";
const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";

/**
 * A Pulumi asset or archive: the engine's wire form, whose signature key says which of both it is, or an object of
 * `pulumi.asset`, whose properties are promises.
 */
export interface AssetOrArchive {
  assets?: Record<string, AssetOrArchive> | Promise<Record<string, AssetOrArchive>>;
  path?: string | Promise<string>;
  text?: string | Promise<string>;
  uri?: string | Promise<string>;
  [key: string]: unknown;
}

/** Whether a resource's property is a Pulumi archive, in either form. */
export function isArchive(value: unknown): value is AssetOrArchive {
  if (typeof value !== "object" || value === null) return false;
  return signatureKey in value ? value[signatureKey] === archiveSignature : "__pulumiArchive" in value;
}

/** What was written. */
export interface WrittenArchive {
  /** Base64 of the SHA-256 of a zip, or, of what was not packed, of every file's path and content. */
  codeSha256: string;
  /** A zip's size, or the sum of the files' sizes; on AWS it is that of the zip file. */
  sizeBytes: number;
}

/**
 * Writes an archive's files below `directory`: the entries of an AssetArchive (texts, files, folders and archives in it)
 * or the content of a folder or zip. Remote archives and tars are refused.
 *
 * @param projectDirectory what relative paths start at
 */
export async function writeArchive(archive: AssetOrArchive, directory: string, projectDirectory: string): Promise<WrittenArchive> {
  await fs.mkdir(directory, { recursive: true });
  // A zip is what it is: its hash and size are the same whoever sends it.
  const packed = await write(archive, directory, projectDirectory);
  if (packed) return packed;
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const files = await fs.readdir(directory, { recursive: true, withFileTypes: true });
  const paths = files.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of paths.sort()) {
    const content = await fs.readFile(file);
    sizeBytes += content.length;
    hash.update(`${path.relative(directory, file)}\0${content.length}\0`).update(content);
  }
  return { codeSha256: hash.digest("base64"), sizeBytes };
}

/** @returns what a zip is, when all of the entry is one */
async function write(entry: AssetOrArchive, target: string, projectDirectory: string): Promise<WrittenArchive | undefined> {
  const [assets, source, text, uri] = await Promise.all([entry.assets, entry.path, entry.text, entry.uri]);
  if (assets !== undefined) {
    for (const [name, asset] of Object.entries(assets)) {
      const file = path.join(target, name);
      if (path.relative(target, file).startsWith("..")) throw new Error(`code: "${name}" leads out of the archive`);
      await write(asset, file, projectDirectory);
    }
  } else if (text !== undefined) {
    await fs.mkdir(path.dirname(target), { recursive: true });
    await fs.writeFile(target, text);
  } else if (source !== undefined) {
    const from = path.resolve(projectDirectory, source);
    const isPacked = isArchive(entry) && !(await fs.stat(from)).isDirectory();
    if (isPacked && path.extname(from) !== ".zip") {
      throw new Error(
        `code: ${source} is a packed archive that the embedded cloud does not unpack; give a zip, or the folder with its files`,
      );
    }
    if (isPacked) return writeZip(await fs.readFile(from), target);
    await fs.cp(from, target, { recursive: true, dereference: true });
  } else {
    throw new Error(`code: the embedded cloud fetches nothing; got ${uri ?? "an empty asset"}, it takes texts, files and folders`);
  }
  return undefined;
}
