import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What every answer is late by: a round trip to AWS from the same region, with some time for the service. */
export const addedMilliseconds = 20;

/** S3, DynamoDB and InvokeEndpointAsync as far as submitting needs them, so cheap that what is measured is the caller. */
export interface StandIn {
  url: string;
  /** How many calls were answered since the last time that this was asked. */
  counted(): Promise<number>;
  close(): Promise<void>;
}

/** Starts stand-ins in a process of their own. @param delayMilliseconds what every answer is late by */
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
      // A child that was let go of by its parent has no "close".
      const closed = once(child, "exit");
      child.disconnect();
      await closed;
    },
  };
}

type Item = Record<string, unknown>;

/** Records of jobs that are being submitted. */
const items = new Map<string, Item>();

/** A table as far as submitting reads what it has written. The floor is up, as it is while jobs are submitted. */
function answerOfTable(target: string, body: Buffer): string {
  const call = JSON.parse(body.toString()) as {
    Item?: Item;
    Key?: { jobId: { S: string } };
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Item;
    ReturnValues?: string;
  };
  const { Key, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = call;
  const jobId = (Key ?? (call.Item as typeof Key))?.jobId.S ?? "";
  switch (target) {
    case "PutItem":
      items.set(jobId, call.Item ?? {});
      return "{}";
    case "GetItem": {
      if (jobId === "#floor") return JSON.stringify({ Item: { ...Key, state: { S: "up" }, setAt: { S: new Date().toISOString() } } });
      const Item = items.get(jobId);
      return JSON.stringify({ Item });
    }
    case "UpdateItem": {
      const Attributes: Item = { ...items.get(jobId) };
      for (const [name, attribute] of Object.entries(names)) {
        const value = values[`:${name.slice(1)}`];
        if (value !== undefined) Attributes[attribute] = value;
      }
      // Nobody reads it again: twenty thousand of them would be much to have in memory.
      if ((Attributes["state"] as { S: string }).S === "SUBMITTED") items.delete(jobId);
      else items.set(jobId, Attributes);
      return call.ReturnValues === "ALL_NEW" ? JSON.stringify({ Attributes }) : "{}";
    }
    default:
      throw new Error(`the stand-in has no ${target}`);
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
  process.on("disconnect", () => process.exit(0));
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

if (require.main === module) serve(Number(process.argv[2]));
