import { guardedLookup } from "./guardedLookup";
import { addressGuard } from "../core/handlers/addressGuard";
import type { WebhookAnswer, WebhookRequest } from "../core/handlers/webhook";

/** For how long a receiver may take. Standard Webhooks recommends 15 to 30 seconds. */
const usualTimeoutMilliseconds = 20_000;
/** What is read of an answer, so that its connection can be used again. Nothing is done with it. */
const mostAnswerBytes = 16_384;

/** Of Node's own, what a POST takes. */
export interface WebhookLibraries {
  http: typeof import("node:http");
  https: typeof import("node:https");
  dns: Pick<typeof import("node:dns"), "lookup">;
  net: typeof import("node:net");
}

/**
 * POSTs a webhook. Redirects are not followed, a long answer is not read, and no connection is made to an address that a receiver can't
 * have: the one that its name leads to at that moment is judged. Never rejects.
 *
 * @param libraries Node's own: given, since a function requires them in its factory
 * @param url plain http leads to this machine, and to it alone
 * @param privateAllowed whether the receiver may be in a private network
 * @param timeoutMilliseconds for the whole answer. @default 20 seconds
 */
export function webhookPost(
  { http, https, dns, net }: WebhookLibraries,
  url: string,
  privateAllowed: boolean,
  timeoutMilliseconds = usualTimeoutMilliseconds,
): (request: WebhookRequest) => Promise<WebhookAnswer> {
  const isHere = url.startsWith("http:");
  const { request } = isHere ? http : https;
  const guard = addressGuard(net, privateAllowed);
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  // An address is no name: nobody looks it up.
  const refusal = !isHere && net.isIP(host) !== 0 ? guard(host) : undefined;
  if (refusal !== undefined) return () => Promise.resolve({ problem: `not sent: ${refusal}` });
  const guarded = isHere ? {} : { lookup: guardedLookup(dns.lookup, guard) };
  return ({ headers, body }) =>
    new Promise((resolve) => {
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      let answer: WebhookAnswer | undefined;
      // Once there is a status it has said it, whatever becomes of the rest.
      const ended = (problem: string) => resolve(answer ?? { problem });
      const length = { "content-length": String(Buffer.byteLength(body)) };
      const call = request(url, { method: "POST", headers: { ...headers, ...length }, signal, ...guarded }, (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        const retryAfter = answered["retry-after"];
        answer = { status, ...(retryAfter !== undefined && { retryAfter }) };
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > mostAnswerBytes) response.destroy();
        });
        response.on("error", () => undefined).on("close", () => ended(""));
      });
      call.on("error", (error) => {
        ended(signal.aborted ? `no answer within ${timeoutMilliseconds / 1000} s` : `no answer: ${error.message}`);
      });
      call.end(body);
    });
}
