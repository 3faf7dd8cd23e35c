import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import * as yauzl from "yauzl";
import { notSupported, ServiceError } from "../wire";
import type { WrittenArchive } from "./archive";

/** Total of a function's files. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const unzippedLimitBytes = 262_144_000;
const fileKind = 0o170000;
const symbolicLink = 0o120000;

/**
 * Writes the files of a zip below `directory`. As on AWS its hash is that of the zip itself.
 *
 * @throws ServiceError for what is no sound zip, for one that is too large, and for one whose names lead out of it
 */
export async function writeZip(zip: Buffer, directory: string): Promise<WrittenArchive> {
  await fs.mkdir(directory, { recursive: true });
  let unzippedBytes = 0;
  let entries = 0;
  try {
    // Refuses by itself names that are absolute or go up, and entries that are longer than they say.
    const archive = zip.length === 0 ? undefined : await yauzl.fromBufferPromise(zip);
    for await (const entry of archive?.eachEntry() ?? []) {
      entries += 1;
      unzippedBytes += entry.uncompressedSize;
      if (unzippedBytes > unzippedLimitBytes) {
        throw new ServiceError("InvalidParameterValueException", `Unzipped size must be smaller than ${unzippedLimitBytes} bytes`);
      }
      await writeEntry(archive as yauzl.ZipFile, entry, path.join(directory, entry.fileName));
    }
    if (entries === 0) throw new ServiceError("InvalidParameterValueException", "Uploaded file must be a non-empty zip");
  } catch (error) {
    // A disk that is full is no fault of the zip.
    if (error instanceof ServiceError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new ServiceError(
      "InvalidParameterValueException",
      "Could not unzip uploaded file. Please check your file, then try to upload again.",
    );
  }
  return { codeSha256: createHash("sha256").update(zip).digest("base64"), sizeBytes: zip.length };
}

async function writeEntry(archive: yauzl.ZipFile, entry: yauzl.Entry, target: string): Promise<void> {
  const mode = entry.externalFileAttributes >>> 16;
  // Through a link a later entry could be written anywhere.
  if ((mode & fileKind) === symbolicLink) throw notSupported(`symbolic links in a function's archive: ${entry.fileName}`);
  if (entry.fileName.endsWith("/")) return void (await fs.mkdir(target, { recursive: true }));
  await fs.mkdir(path.dirname(target), { recursive: true });
  await pipeline(
    await archive.openReadStreamPromise(entry),
    (content: AsyncIterable<Buffer>) => checked(content, entry.crc32),
    createWriteStream(target, { mode: (mode & 0o777) | 0o644 }),
  );
}

/** A file's content as it is, which the zip's reader does not compare with its checksum. @throws Error at the end of one that differs */
async function* checked(content: AsyncIterable<Buffer>, expected: number): AsyncIterable<Buffer> {
  let sum = 0;
  for await (const chunk of content) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== expected) throw new Error("the checksum differs");
}
