import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from "node:crypto";

/** What the SDK hashes, and what it takes as a key. */
type Source = string | ArrayBuffer | ArrayBufferView;

/** Keys as Node uses them, by the bytes that the SDK has for them: the key of a day's signatures is one object for the whole day. */
const keys = new WeakMap<object, KeyObject>();

/** The newest key that was given as text: the SDK asks with the credentials' secret for each of its calls. */
let newestText: { text: string; key: KeyObject } | undefined;

/**
 * SHA-256, and its HMAC where there is a secret, as the SDK's clients take it in their option `sha256`. To make a key of bytes takes Node
 * longer than a signature does: here it is made once for each key, and by the SDK's own class once for each call.
 */
export class Sha256 {
  readonly digestLength = 32;
  private hash: Hash | Hmac;

  constructor(private readonly secret?: Source) {
    this.hash = this.begin();
  }

  update(data: Source): void {
    this.hash.update(bytesOf(data));
  }

  /** Once: what a client signs is summed up once. */
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    this.hash = this.begin();
  }

  private begin(): Hash | Hmac {
    return this.secret === undefined ? createHash("sha256") : createHmac("sha256", keyOf(this.secret));
  }
}

function keyOf(secret: Source): KeyObject {
  if (typeof secret === "string") {
    if (newestText?.text !== secret) newestText = { text: secret, key: createSecretKey(Buffer.from(secret)) };
    return newestText.key;
  }
  const known = keys.get(secret) ?? createSecretKey(bytesOf(secret) as Uint8Array);
  keys.set(secret, known);
  return known;
}

function bytesOf(data: Source): string | Uint8Array {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}

/** What signs the calls of one service in one region. */
type SignerOf = (authScheme?: { signingName?: string; signingRegion?: string }) => Promise<unknown>;

/** Has an SDK client make a signer once for each service and region, and not, with a copy of all of its settings, for each call. */
export function rememberSigners(client: object): void {
  const { config } = client as { config: { signer?: SignerOf } };
  const { signer } = config;
  if (typeof signer !== "function") return;
  const made = new Map<string, Promise<unknown>>();
  config.signer = (authScheme) => {
    const key = [authScheme?.signingName, authScheme?.signingRegion].join(" ");
    const known = made.get(key) ?? signer(authScheme);
    made.set(key, known);
    // One that could not be made is made again.
    known.catch(() => made.delete(key));
    return known;
  };
}
