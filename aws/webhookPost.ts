import type { WebhookAnswer, WebhookRequest } from "../core/handlers/webhook";

/** For how long a receiver may take. Standard Webhooks recommends 15 to 30 seconds. */
const usualTimeoutMilliseconds = 20_000;
/** What is read of an answer, so that its connection can be used again. Nothing is done with it. */
const mostAnswerBytes = 16_384;

/**
 * POSTs a webhook. Redirects are not followed, and a long answer is not read. Never rejects.
 *
 * @param libraries Node's own: given, since a function requires them in its factory
 * @param timeoutMilliseconds for the whole answer. @default 20 seconds
 */
export function webhookPost(
  { http, https }: { http: typeof import("node:http"); https: typeof import("node:https") },
  url: string,
  timeoutMilliseconds = usualTimeoutMilliseconds,
): (request: WebhookRequest) => Promise<WebhookAnswer> {
  const { request } = url.startsWith("http:") ? http : https;
  return ({ headers, body }) =>
    new Promise((resolve) => {
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      let answer: WebhookAnswer | undefined;
      // Once there is a status it has said it, whatever becomes of the rest.
      const ended = (problem: string) => resolve(answer ?? { problem });
      const length = { "content-length": String(Buffer.byteLength(body)) };
      const call = request(url, { method: "POST", headers: { ...headers, ...length }, signal }, (response) => {
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
