import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { EmbeddedCloud } from "../local/embeddedCloud";
import { freePort } from "../processes/ports";
import type { CloudEvent } from "../local/ports";
import type { AsyncInferenceOutputs } from "../outputs";
import { compare, root, seconds, table } from "./measure";

const megabyte = 1024 * 1024;
const inputBytes = 100 * megabyte;
const rounds = 9;
const largestRatio = 1.3;
const largestRiseBytes = 64 * megabyte;

/** Reads each input at once and answers its length. */
const server = `
const { createServer } = require("node:http");
createServer((request, response) => {
  let bytes = 0;
  request.on("data", (chunk) => (bytes += chunk.length));
  request.on("end", () => {
    const text = String(bytes);
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": text.length }).end(text);
  });
}).listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
`;

/** A large input through the embedded cloud, from the call to its end, beside the same bytes posted to the same server. */
export async function largeInput(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "bench-"));
  const file = path.join(folder, "server.js");
  await writeFile(file, server);
  const port = await freePort();
  const cloud = await EmbeddedCloud.start();
  const direct = spawn(process.execPath, [file], { env: { ...process.env, PORT: String(port) }, stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(createInterface({ input: direct.stdout }), "line");
    const { outputs } = await cloud.deploy({
      directory: root,
      stack: "local",
      compiledMain: path.join(root, "build/index.js"),
      settings: { "local:modelCommand": `"${process.execPath}" "${file}"` },
    });
    const { bucketName, endpointName } = outputs as unknown as AsyncInferenceOutputs;
    const settings = { endpoint: cloud.endpointUrl, region: cloud.region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    const [s3, runtime] = [new S3Client(settings), new SageMakerRuntimeClient(settings)];
    const input = Buffer.alloc(inputBytes, "x");
    await s3.send(new PutObjectCommand({ Bucket: bucketName, Key: "input/bench/large", Body: input }));

    const invoke = async () => {
      const InputLocation = `s3://${bucketName}/input/bench/large`;
      const invocation = new InvokeEndpointAsyncCommand({ EndpointName: endpointName, InferenceId: "bench", InputLocation });
      const ended = new Promise<CloudEvent>((resolve) => {
        const look = (event: CloudEvent) => {
          if (event.kind !== "invocation" || ["queued", "started"].includes(event.change)) return;
          cloud.events.off("event", look);
          resolve(event);
        };
        cloud.events.on("event", look);
      });
      const from = performance.now();
      await runtime.send(invocation);
      const event = await ended;
      if (event.kind !== "invocation" || event.change !== "completed") throw new Error(`the invocation ended as ${JSON.stringify(event)}`);
      return performance.now() - from;
    };
    // What has run once is loaded.
    await invoke();
    await post(port, input);
    const risen = watchMemory(collectGarbage());
    await invoke();
    const rise = risen();
    const milliseconds = await compare(rounds, { direct: () => post(port, input), cloud: invoke });

    const ratio = milliseconds.cloud / milliseconds.direct;
    const verdict = (isMet: boolean) => (isMet ? "met" : "missed");
    return [
      `an input of ${inputBytes / megabyte} MB, medians of ${rounds} rounds`,
      table([
        ["posted to the server", seconds(milliseconds.direct)],
        ["through the embedded cloud", seconds(milliseconds.cloud)],
        ["times as long", ratio.toFixed(2)],
        ["memory of the cloud above its idle", `${(rise / megabyte).toFixed(0)} MB`],
      ]),
      `  aim <= ${largestRatio} times: ${verdict(ratio <= largestRatio)}; aim <= ${largestRiseBytes / megabyte} MB: ${verdict(rise <= largestRiseBytes)}`,
    ].join("\n");
  } finally {
    direct.kill();
    await cloud.close();
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds of one POST. */
async function post(port: number, body: Buffer): Promise<number> {
  const from = performance.now();
  const sending = request({
    host: "127.0.0.1",
    port,
    path: "/invocations",
    method: "POST",
    agent: false,
    headers: { "Content-Length": body.length },
  });
  sending.end(body);
  const [answer] = (await once(sending, "response")) as [AsyncIterable<Buffer>];
  for await (const chunk of answer) void chunk;
  return performance.now() - from;
}

/** What this process holds: its pages, and its objects with their buffers, since pages stay with a process that has freed them. */
function held(): { pages: number; objects: number } {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { pages: rss, objects: heapUsed + external };
}

/** The same once the garbage is gone. */
function collectGarbage(): ReturnType<typeof held> {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return held();
}

/** Watches this process's memory until it is asked how far that rose. */
function watchMemory(idle: ReturnType<typeof held>): () => number {
  let rise = 0;
  const look = () => {
    const now = held();
    rise = Math.max(rise, now.pages - idle.pages, now.objects - idle.objects);
  };
  const timer = setInterval(look, 2);
  return () => {
    clearInterval(timer);
    look();
    return rise;
  };
}
