import { createHash, randomBytes } from "node:crypto";
import * as library from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { Connections } from "../../client/connections";
import { partBytes, upload } from "../../client/upload";

type Call = {
  name: string;
  input: { PartNumber?: number; Body?: Uint8Array; MultipartUpload?: { Parts: object[] }; ChecksumAlgorithm?: string };
};

/** S3 that keeps what it gets. @param answer when, and how, a call is answered */
function bucket(answer: (call: Call) => Promise<void> | void = () => undefined, checksums = "WHEN_SUPPORTED") {
  const calls: string[] = [];
  const parts = new Map<number, Buffer>();
  let completed: object[] = [];
  const send = async (command: { constructor: { name: string }; input: Call["input"] }, options?: { abortSignal: AbortSignal }) => {
    const name = command.constructor.name.replace(/Command$/, "");
    const { PartNumber, Body, MultipartUpload, ChecksumAlgorithm } = command.input;
    calls.push([name, PartNumber, ChecksumAlgorithm].filter((word) => word !== undefined).join(" "));
    await answer({ name, input: command.input });
    options?.abortSignal.throwIfAborted();
    // What a socket would have sent by now.
    if (Body !== undefined) parts.set(PartNumber ?? 1, Buffer.from(Body));
    if (MultipartUpload !== undefined) completed = MultipartUpload.Parts;
    return { UploadId: "1", ETag: `e${PartNumber}`, ChecksumCRC32: `c${PartNumber}` };
  };
  const client = { send, config: { requestChecksumCalculation: async () => checksums } };
  const whole = () => Buffer.concat([...parts].sort(([one], [other]) => one - other).map(([, body]) => body));
  return { connections: { s3: { library, client } } as unknown as Connections, calls, completed: () => completed, whole };
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A source that overwrites each chunk once the next is asked for. */
async function* overwritten(content: Buffer, chunkBytes: number) {
  const chunk = Buffer.alloc(chunkBytes);
  for (let from = 0; from < content.length; from += chunkBytes) {
    const bytes = content.copy(chunk, 0, from);
    yield chunk.subarray(0, bytes);
    chunk.fill(0);
  }
}

describe("an upload", () => {
  const location = "s3://service/input/one";

  for (const [what, bytes, expected] of [
    ["of nothing", 0, ["PutObject"]],
    ["of less than a part", partBytes - 1, ["PutObject"]],
    ["of one part", partBytes, ["CreateMultipartUpload CRC32", "UploadPart 1", "CompleteMultipartUpload"]],
    ["of a byte more", partBytes + 1, ["CreateMultipartUpload CRC32", "UploadPart 1", "UploadPart 2", "CompleteMultipartUpload"]],
  ] as const) {
    it(`${what} has every byte, in as few calls as can be`, async () => {
      const content = randomBytes(bytes);
      const s3 = bucket();

      await upload(s3.connections, location, overwritten(content, 1_000_003), "image/png", undefined);

      expect([s3.calls, digest(s3.whole())]).to.deep.equal([expected, digest(content)]);
    });
  }

  it("keeps every byte though its few buffers are used again, and parts are answered out of order; the parts are listed in theirs", async () => {
    const content = randomBytes(8 * partBytes + 77);
    const late: (() => void)[] = [];
    const s3 = bucket(({ name, input }) => {
      if (name !== "UploadPart" || input.PartNumber === 9) return late.splice(0).forEach((answer) => answer());
      // Each second part is answered after the one that follows it.
      if ((input.PartNumber as number) % 2 === 0) return late.splice(0).forEach((answer) => answer());
      return new Promise<void>((resolve) => void late.push(resolve));
    });

    await upload(s3.connections, location, overwritten(content, partBytes * 2), "image/png", undefined);

    expect(digest(s3.whole())).to.equal(digest(content));
    expect(s3.completed()).to.deep.equal(
      Array.from({ length: 9 }, (_, index) => ({ PartNumber: index + 1, ETag: `e${index + 1}`, ChecksumCRC32: `c${index + 1}` })),
    );
  });

  it("asks for no checksum that its client does not send", async () => {
    const s3 = bucket(undefined, "WHEN_REQUIRED");

    await upload(s3.connections, location, overwritten(Buffer.alloc(partBytes), partBytes), "image/png", undefined);

    expect(s3.calls[0]).to.equal("CreateMultipartUpload");
  });

  it("that loses a part is taken back once no other part is on its way, though its source stalls", async () => {
    let isAnswered = false;
    const s3 = bucket(async ({ name, input }) => {
      if (name === "AbortMultipartUpload") expect(isAnswered).to.equal(true);
      if (name !== "UploadPart") return;
      if (input.PartNumber === 1) {
        await new Promise(setImmediate);
        await new Promise(setImmediate);
        isAnswered = true;
      } else throw new Error("no room");
    });
    async function* stalling() {
      yield Buffer.alloc(2 * partBytes);
      await new Promise(() => undefined);
    }
    const failure = await upload(s3.connections, location, stalling(), "image/png", undefined).catch((error: Error) => error);

    expect([(failure as Error).message, s3.calls.at(-1)]).to.deep.equal(["no room", "AbortMultipartUpload"]);
  });
});
