import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/**
 * A model server for tests, as a container would run it: `node build/test/support/modelServer.js`, port from `PORT`.
 *
 * What a request asks for in `model` decides what it gets; anything else is echoed, bytes and content type. With `attempts`, only
 * a job's first so many attempts get it.
 */
type Wish =
  | { model: "echo" }
  /** Waits on the wall's clock, then echoes. */
  | { model: "slow"; milliseconds: number }
  /** Echoes once its test has opened the gate at this address: see gate.ts. */
  | { model: "held"; gate: string }
  /** Never answers. */
  | { model: "hang" }
  | { model: "error"; status?: number; message?: string }
  /** 200 and `application/json`, but no JSON. */
  | { model: "garbage" }
  /** No Content-Length: chunked. */
  | { model: "chunked" }
  | { model: "headers"; bytes: number }
  | { model: "large"; bytes: number }
  /** Answers 200 and breaks off in the body. */
  | { model: "reset" }
  /** Echoes, and answers every later `/ping` with 500: what DJL Serving does after a time-out. */
  | { model: "fail" }
  /** The process ends without an answer. */
  | { model: "exit"; code?: number }
  /** What the container was given: headers and environment. */
  | { model: "describe" };

let isFailed = false;

function wishOf(body: Buffer, inferenceId: unknown): Wish {
  try {
    const wish = JSON.parse(body.toString()) as Wish & { attempts?: number };
    const isGranted = wish?.attempts === undefined || Number.parseInt(String(inferenceId), 10) <= wish.attempts;
    return typeof wish?.model === "string" && isGranted ? wish : { model: "echo" };
  } catch {
    return { model: "echo" };
  }
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) }).end(body);
}

function invoke(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const type = request.headers["content-type"] ?? "application/octet-stream";
  const wish = wishOf(body, request.headers["x-amzn-sagemaker-inference-id"]);
  switch (wish.model) {
    case "slow":
      setTimeout(() => answer(response, 200, type, body), wish.milliseconds);
      return;
    case "held":
      // A gate that is closed for good never answers, and nor does the model.
      void fetch(wish.gate).then(
        () => answer(response, 200, type, body),
        () => undefined,
      );
      return;
    case "hang":
      return;
    case "error":
      return answer(response, wish.status ?? 500, "text/plain", wish.message ?? "the model failed");
    case "garbage":
      return answer(response, 200, "application/json", '{"text": "cut o');
    case "chunked":
      response.writeHead(200, { "Content-Type": type }).write(body);
      response.end();
      return;
    case "headers":
      response.setHeader("X-Filler", "x".repeat(wish.bytes));
      return answer(response, 200, type, body);
    case "large":
      return answer(response, 200, "application/octet-stream", Buffer.alloc(wish.bytes, "x"));
    case "reset":
      response.writeHead(200, { "Content-Type": type, "Content-Length": body.length + 1 }).write(body, () => response.destroy());
      return;
    case "fail":
      isFailed = true;
      return answer(response, 200, type, body);
    case "exit":
      process.stderr.write("the model gives up\n");
      process.exit(wish.code ?? 1);
    case "describe":
      return answer(response, 200, "application/json", JSON.stringify({ headers: request.headers, environment: process.env }));
    default:
      return answer(response, 200, type, body);
  }
}

if (process.env["MODEL_FAILS_TO_START"]) {
  process.stderr.write("no weights here\n");
  process.exit(3);
}
if (process.env["MODEL_IGNORES_SIGTERM"]) process.on("SIGTERM", () => process.stdout.write("SIGTERM ignored\n"));

createServer((request, response) => {
  if (request.method === "GET" && request.url === "/ping") {
    response.writeHead(process.env["MODEL_NEVER_READY"] ? 503 : isFailed ? 500 : 200, { "Content-Length": 0 }).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.method === "POST" && request.url === "/invocations") invoke(request, response, Buffer.concat(chunks));
    else answer(response, 404, "text/plain", "not found");
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1", () => process.stdout.write("model ready\n"));
