import { once } from "node:events";
import { createServer, request as send, Agent, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer in the place of the service's own. */
export interface WireAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** What befalls a call: an answer, a connection that breaks off, or silence. */
export type Fault = WireAnswer | ((body: string) => WireAnswer) | "reset" | "silence";

/** Stands between SDK clients and one service: counts calls, makes some fail, and makes all of them late. */
export class AwsProxy {
  /** Operations so far, such as `Query` and `HeadObject`. */
  readonly calls: string[] = [];
  /** What befalls the next calls of an operation, in order. */
  readonly faults: { operation: string; fault: Fault }[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  // A connection that it closes while a busy process is about to send over it would be a reset that no test asked for.
  private readonly server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void this.serve(request, response));

  private constructor(
    private readonly target: string,
    private readonly delayMilliseconds: number,
  ) {}

  /** @param delayMilliseconds what every answer is late by */
  static async start(target: string, delayMilliseconds = 0): Promise<AwsProxy> {
    const proxy = new AwsProxy(target, delayMilliseconds);
    await once(proxy.server.listen(0, "127.0.0.1"), "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Lets the next calls of an operation fail. */
  fail(operation: string, fault: Fault, times = 1): void {
    for (let time = 0; time < times; time++) this.faults.push({ operation, fault });
  }

  /** How often each operation was called since the last time that this was asked. */
  counted(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const operation of this.calls.splice(0).sort()) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = operationOf(request);
    this.calls.push(operation);
    const index = this.faults.findIndex((one) => one.operation === operation);
    const [planned] = index < 0 ? [] : this.faults.splice(index, 1);
    if (this.delayMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMilliseconds));
    if (planned === undefined) return this.forward(request, response);
    const { fault } = planned;
    if (fault === "silence") return;
    if (fault === "reset") return void request.socket.resetAndDestroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = typeof fault === "function" ? fault(Buffer.concat(chunks).toString()) : fault;
    response.writeHead(answer.status, answer.headers);
    // An answer that promises more than it has breaks off.
    const isCut = Number(answer.headers?.["content-length"] ?? 0) > Buffer.byteLength(answer.body ?? "");
    if (isCut) response.write(answer.body, () => response.destroy());
    else response.end(answer.body);
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = "/", headers } = request;
    const onward = send(new URL(url, this.target), { method, headers, agent: this.agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }
}

/** The operation that a request asks for, in the services' own words. */
function operationOf({ method, url = "/", headers }: IncomingMessage): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.slice(target.indexOf(".") + 1);
  if (url.endsWith("/async-invocations")) return "InvokeEndpointAsync";
  if (url.includes("list-type=2")) return "ListObjectsV2";
  if (/[?&]uploads\b/.test(url)) return "CreateMultipartUpload";
  if (url.includes("uploadId=")) {
    return { PUT: "UploadPart", POST: "CompleteMultipartUpload", DELETE: "AbortMultipartUpload" }[String(method)] ?? "ListParts";
  }
  return `${method?.charAt(0)}${method?.slice(1).toLowerCase()}Object`;
}

/** How DynamoDB and SQS refuse. */
export function jsonFault(status: number, name: string, message: string = name): WireAnswer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": name },
    body: JSON.stringify({ __type: `com.amazonaws#${name}`, message }),
  };
}

/** How S3 refuses; a HEAD's answer has no body. */
export function s3Fault(status: number, code: string, message: string = code): WireAnswer {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  };
}
