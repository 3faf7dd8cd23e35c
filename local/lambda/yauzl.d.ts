/** What is used of yauzl, which brings no types. */
declare module "yauzl" {
  import type { Readable } from "node:stream";

  export interface Entry {
    fileName: string;
    uncompressedSize: number;
    crc32: number;
    /** Unix mode in the upper half. */
    externalFileAttributes: number;
  }

  export interface ZipFile {
    /** Throws for an entry's name that leads out of the archive, and for an archive that is damaged. */
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
  }

  export function fromBufferPromise(buffer: Buffer, options?: object): Promise<ZipFile>;
}
