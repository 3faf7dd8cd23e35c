import cluster from "node:cluster";
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What every answer is late by: a round trip to AWS from the same region, with some time for the service. */
export const addedMilliseconds = 20;

/** Processes that answer: they share the machine with who is measured. */
const processes = 2;

/** S3, DynamoDB and InvokeEndpointAsync as far as submitting needs them, so cheap that what is measured is the caller. */
export interface StandIn {
  url: string;
  /** How many calls were answered since the last time that this was asked. */
  counted(): Promise<number>;
  close(): Promise<void>;
}

/** Starts stand-ins in processes of their own, behind one address. @param delayMilliseconds what every answer is late by */
export async function startStandIn(delayMilliseconds: number): Promise<StandIn> {
  const child = fork(__filename, [String(delayMilliseconds)], { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = (await once(child, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    async counted() {
      child.send("count");
      const [count] = (await once(child, "message")) as [number];
      return count;
    },
    async close() {
      const closed = once(child, "close");
      child.disconnect();
      await closed;
    },
  };
}

/** A table that holds the floor alone: it is up, as while jobs are submitted. */
function answerOfTable(target: string, body: Buffer): string {
  const call = JSON.parse(body.toString()) as {
    Key?: { jobId: { S: string } };
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  };
  const { Key, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = call;
  switch (target) {
    case "GetItem": {
      const isFloor = Key?.jobId.S === "#floor";
      return isFloor ? JSON.stringify({ Item: { ...Key, state: { S: "up" }, setAt: { S: new Date().toISOString() } } }) : "{}";
    }
    case "UpdateItem": {
      // What is set, as the changed item has it.
      const set = Object.entries(names).flatMap(([name, attribute]) => {
        const value = values[`:${name.slice(1)}`];
        return value === undefined ? [] : [[attribute, value]];
      });
      return JSON.stringify({ Attributes: { ...Key, ...Object.fromEntries(set) } });
    }
    default:
      return "{}";
  }
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

function answerTo(request: IncomingMessage, body: Buffer): Answer {
  const { method, url = "", headers } = request;
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    const type = { "Content-Type": "application/x-amz-json-1.0" };
    return { status: 200, headers: type, body: answerOfTable(target.slice(target.indexOf(".") + 1), body) };
  }
  if (url.endsWith("/async-invocations")) {
    const id = headers["x-amzn-sagemaker-inference-id"] ?? "none";
    const location = (name: string) => `s3://bench/${name}/${String(id)}`;
    return {
      status: 202,
      headers: {
        "Content-Type": "application/json",
        "X-Amzn-SageMaker-OutputLocation": location("output"),
        "X-Amzn-SageMaker-FailureLocation": location("failure"),
      },
      body: JSON.stringify({ InferenceId: id }),
    };
  }
  const xml = (text: string) => ({ status: 200, headers: { "Content-Type": "application/xml", ETag: '"0"' }, body: text });
  if (method === "POST" && url.includes("uploads")) {
    return xml("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
  }
  if (method === "POST") return xml("<CompleteMultipartUploadResult><ETag>0</ETag></CompleteMultipartUploadResult>");
  return { status: 200, headers: { ETag: '"0"' } };
}

function serve(delayMilliseconds: number): void {
  let calls = 0;
  process.on("message", () => {
    process.send?.(calls);
    calls = 0;
  });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    const isTable = request.headers["x-amz-target"] !== undefined;
    request.on("data", (chunk: Buffer) => isTable && chunks.push(chunk));
    request.on("end", () => {
      calls++;
      const { status, headers, body = "" } = answerTo(request, Buffer.concat(chunks));
      const answer = () => response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
      if (delayMilliseconds === 0) answer();
      else setTimeout(answer, delayMilliseconds);
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

/** Sums what the answering processes say, in the process that they share their address through. */
async function lead(): Promise<void> {
  const workers = Array.from({ length: processes }, () => cluster.fork());
  const answers = () => Promise.all(workers.map(async (worker) => ((await once(worker, "message")) as [number])[0]));
  const [port] = await answers();
  process.on("disconnect", () => process.exit(0));
  process.on("message", () => {
    const counts = answers();
    for (const worker of workers) worker.send("count");
    void counts.then((each) => process.send?.(each.reduce((sum, count) => sum + count, 0)));
  });
  process.send?.(port);
}

if (require.main === module) {
  if (cluster.isPrimary) void lead();
  else serve(Number(process.argv[2]));
}
