import { createHash, createHmac } from "node:crypto";
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
  });

  it("makes a signer once for each service and region, and again when it could not be made", async () => {
    const client = new SQSClient({ region: "eu-west-1", credentials: { accessKeyId: "AKID", secretAccessKey: "secret" } });
    rememberSigners(client);
    const { signer } = client.config as unknown as { signer: (scheme?: object) => Promise<object> };
    const [first, again, elsewhere] = [await signer(), await signer(), await signer({ signingRegion: "eu-west-2" })];
    let calls = 0;
    const failing = { config: { signer: () => (calls++, Promise.reject(new Error("no region"))) } };
    rememberSigners(failing);
    for (let time = 0; time < 2; time++) await failing.config.signer().catch(() => undefined);

    expect([first === again, first === elsewhere, calls]).to.deep.equal([true, false, 2]);
    client.destroy();
  });
});
