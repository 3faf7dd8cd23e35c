import crypto, { createHash, createHmac } from "node:crypto";
import { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { rememberSigners, Sha256 } from "../../client/signing";

describe("signing calls", () => {
  const hex = async (hash: Sha256) => Buffer.from(await hash.digest()).toString("hex");

  it("sums up what SHA-256 and its HMAC are, whatever the secret is given as", async () => {
    const key = Buffer.from("a key of some bytes");
    const sums: string[] = [];
    for (const secret of [
      undefined,
      "text",
      "another text",
      "text",
      key,
      key,
      key.buffer.slice(key.byteOffset, key.byteOffset + key.length),
    ]) {
      const hash = new Sha256(secret);
      hash.update("dropped");
      hash.reset();
      hash.update("some ");
      hash.update(new Uint8Array(Buffer.from("words")));
      sums.push(await hex(hash));
    }
    const hmac = (secret: string | Buffer) => createHmac("sha256", secret).update("some words").digest("hex");
    const plain = createHash("sha256").update("some words").digest("hex");

    expect(sums).to.deep.equal([plain, hmac("text"), hmac("another text"), hmac("text"), hmac(key), hmac(key), hmac(key)]);
    const hash = new Sha256();
    hash.update(new Uint8Array(Buffer.from("some words")).buffer);
    expect(await hex(hash)).to.equal(plain);
  });

  it("makes a key once, though two take turns, as they do for each call: it costs more than the signature", () => {
    const real = crypto.createSecretKey;
    let made = 0;
    crypto.createSecretKey = ((bytes: Buffer) => (made++, real(bytes))) as typeof real;
    try {
      const day = Buffer.from("the key of a day");
      for (let time = 0; time < 3; time++) for (const secret of ["AWS4secret", day]) new Sha256(secret);
    } finally {
      crypto.createSecretKey = real;
    }

    expect(made).to.equal(2);
  });

  it("makes a signer once for each service and region, and again when it could not be made", async () => {
    const client = new SQSClient({ region: "eu-west-1", credentials: { accessKeyId: "AKID", secretAccessKey: "secret" } });
    rememberSigners(client);
    const { signer } = client.config as unknown as { signer: (scheme?: object) => Promise<object> };
    const schemes = [{}, {}, { signingRegion: "eu-west-2" }, { signingName: "sns" }, { signingName: "sns", signingRegion: "eu-west-2" }];
    const signers = await Promise.all(schemes.map((scheme) => signer(scheme)));
    let calls = 0;
    const failing = { config: { signer: () => (calls++, Promise.reject(new Error("no region"))) } };
    rememberSigners(failing);
    for (let time = 0; time < 2; time++) await failing.config.signer().catch(() => undefined);

    expect([signers[0] === signers[1], new Set(signers).size, calls]).to.deep.equal([true, 4, 2]);
    client.destroy();
    const without = { config: {} };
    rememberSigners(without);
    expect(without).to.deep.equal({ config: {} });
  });
});
