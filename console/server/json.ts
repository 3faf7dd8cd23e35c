import type { IncomingMessage, ServerResponse } from "node:http";
import { commonHeaders } from "./headers";
import { refusal } from "./problems";

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, answer: unknown): void {
  const body = JSON.stringify(answer);
  const type = "application/json; charset=utf-8";
  response.writeHead(status, { ...commonHeaders, "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}

/** Longest JSON that is read. */
const jsonBytes = 64 * 1024;

/** Reads a JSON body. @throws a refusal for what is none, or comes as something else: forms of other sites can't send JSON's type */
export async function readJson(request: IncomingMessage): Promise<object> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim();
  if (type !== "application/json") throw refusal(415, "BAD_INPUT", `content-type: got ${type ?? "none"}, expected application/json`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > jsonBytes) throw refusal(413, "BAD_INPUT", `body: more than ${jsonBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below.
  }
  throw refusal(400, "BAD_INPUT", "body: expected a JSON object");
}
