import { codedError, thrown } from "../core/records/errors";
import { rejectedIn } from "../core/tracing/otlp";
import type { Log } from "../core/ports";

/** How long one export may take. */
const callTimeoutMilliseconds = 10_000;

/** Of an answer, as much as is read: what a collector says is short. */
const answerBytes = 65_536;

/** Answers after which the same may be sent again. https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const passing = [429, 502, 503, 504];

/**
 * Exports to a receiver of OTLP over HTTP, in JSON.
 *
 * What is refused for good is dropped with a line in the log, as OTLP has it; so is what was taken in part.
 *
 * @param endpoint URL; without a path `/v1/traces` is added
 * @param headers may be secret: none of them is logged
 * @returns throws a coded error, `UNAVAILABLE` or `THROTTLED`, when it may be sent again
 */
export function otlpHttp(endpoint: string, headers: Readonly<Record<string, string>>, log: Log): (request: object) => Promise<void> {
  const url = new URL(endpoint);
  if (url.pathname === "/") url.pathname = "/v1/traces";
  const at = url.origin + url.pathname;
  const failed = (code: "UNAVAILABLE" | "THROTTLED", what: string, cause?: unknown) =>
    thrown(
      codedError(code, `The collector at ${at} ${what}.`, {
        advice: "The spans are sent again; see whether the collector runs and is reached from the function.",
      }),
      cause,
    );

  return async (request) => {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(request),
        // The headers are for this address alone.
        redirect: "manual",
        signal: AbortSignal.timeout(callTimeoutMilliseconds),
      });
      text = await firstOf(answer);
    } catch (error) {
      throw failed("UNAVAILABLE", `gave no answer: ${reasonOf(error)}`, error);
    }
    const { status, ok } = answer;
    if (passing.includes(status)) throw failed(status === 429 ? "THROTTLED" : "UNAVAILABLE", `answered ${status}`);
    if (!ok) return log({ level: "error", message: "spans refused by the collector", at, status, reason: text.slice(0, 500) });
    const rejected = rejectedIn(text);
    if (rejected) log({ level: "warn", message: "spans taken in part", at, ...rejected });
  };
}

async function firstOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    if (text.length >= answerBytes) {
      await reader.cancel();
      return text;
    }
  }
}

/** `fetch` says why in its error's cause. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name: string; cause?: { code?: string } };
  return cause?.code ?? name;
}
