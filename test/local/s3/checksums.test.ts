import { expect } from "chai";
import { checksumAlgorithms, compositeOf, givenSum, sumOf } from "../../../local/s3/checksums";

describe("checksums of S3", () => {
  it("are those that every SDK computes: a client's right sum is never refused", () => {
    // The check values that the algorithms' catalogues have for these bytes.
    const sums = checksumAlgorithms.map((algorithm) => [
      algorithm,
      Buffer.from(sumOf(algorithm, Buffer.from("123456789")).value, "base64"),
    ]);
    const hex = Object.fromEntries(sums.map(([algorithm, value]) => [algorithm, value?.toString("hex").slice(0, 16)]));
    expect(hex).to.deep.equal({
      CRC32: "cbf43926",
      CRC32C: "e3069283",
      CRC64NVME: "ae8b14860a799888",
      MD5: "25f9e794323b4538",
      SHA1: "f7c3bc1d808e0473",
      SHA256: "15e2b0d3c33891eb",
      SHA512: "d9e6762dd1c8eaf6",
    });
    expect(compositeOf("SHA1", ["AAAA", "AAAA"])).to.deep.equal({ algorithm: "SHA1", value: `${sumOf("SHA1", Buffer.alloc(6)).value}-2` });
  });

  it("are given once, by an algorithm that is verified here", () => {
    expect([givenSum({ "x-amz-checksum-mode": "ENABLED" }), givenSum({ "x-amz-checksum-crc32c": "4waSgw==" })]).to.deep.equal([
      undefined,
      { algorithm: "CRC32C", value: "4waSgw==" },
    ]);
    const twice = { "x-amz-checksum-crc32": "y/Q5Jg==", "x-amz-checksum-crc32c": "4waSgw==" };
    expect(() => givenSum(twice)).to.throw("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    expect(() => givenSum({ "x-amz-checksum-crc64nvme": "4waSgw==" })).to.throw("Value for x-amz-checksum-crc64nvme header is invalid.");
    expect(() => givenSum({ "x-amz-checksum-xxhash64": "4waSgw==" })).to.throw('does not support S3\'s header "x-amz-checksum-xxhash64"');
  });
});
