import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { root } from "../../support/service";

/** A process of a user's, in which the waiter and its clients are real. */
function script(endpoint: string, body: string): string {
  const load = (file: string) => `require(${JSON.stringify(path.join(root, "build/client", file))})`;
  return `
    const { createJobWaiter } = ${load("waiting/waiter.js")};
    const { plainReads } = ${load("plainItems.js")};
    const { createLocationWaiter } = ${load("waiting/locations.js")};
    const { systemClock } = ${load("waiting/clock.js")};
    const { createServiceClock } = ${load("../core/serviceClock.js")};
    const clock = createServiceClock(systemClock);
    const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
    const s3Library = require("@aws-sdk/client-s3");
    const sqsLibrary = require("@aws-sdk/client-sqs");
    const config = { endpoint: ${JSON.stringify(endpoint)}, region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    const items = plainReads(new DynamoDBClient(config));
    const queue = { sqs: new sqsLibrary.SQSClient(config), library: sqsLibrary, queueUrl: config.endpoint + "/000000000000/queue", endpointName: "ocr" };
    const tables = createJobWaiter({ items, tableName: "jobs", tableArn: "arn", waiter: "w", pollIntervalSeconds: 0.1, queue, clock, log: () => {} });
    const objects = createLocationWaiter({ s3: new s3Library.S3Client(config), library: s3Library, clock, pollIntervalSeconds: 0.1 });
    const say = (word) => (result) => console.log(word, result?.code ?? result?.kind ?? result?.state);
    ${body}`;
}

describe("a process that waits", () => {
  let server: Server;
  let receives = 0;

  beforeEach(async () => {
    receives = 0;
    // Everything is empty for ever but the result of "done"; a long poll stays open.
    server = createServer((request, response) => {
      request.resume();
      const target = String(request.headers["x-amz-target"]);
      if (target.endsWith("ReceiveMessage")) return void receives++;
      if (request.method === "HEAD") return response.writeHead(request.url?.includes("done") ? 200 : 404).end();
      const isS3 = request.method === "GET";
      const job = `{"jobId":{"S":"open"},"state":{"S":"SUBMITTED"}}`;
      const body = isS3
        ? "<ListBucketResult></ListBucketResult>"
        : target.endsWith("BatchGetItem")
          ? `{"Responses":{"jobs":[${job}]}}`
          : "{}";
      response.writeHead(200, { "content-type": isS3 ? "application/xml" : "application/x-amz-json-1.0" }).end(body);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function run(body: string): Promise<{ printed: string[]; exitCode: number | null }> {
    const source = script(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, body);
    const child = promisify(execFile)(process.execPath, ["--eval", source], { cwd: root });
    const { stdout } = await child;
    return { printed: stdout.trim().split("\n").sort(), exitCode: child.child.exitCode };
  }

  it("goes on until the wait has ended, though nothing else keeps it alive", async () => {
    // Time for the first long poll to begin, in a process that has just begun itself.
    const deadline = "{ deadline: Date.now() + 4000 }";
    const ran = await run(`
      tables.wait("open", { own: true, ...${deadline} }).catch(say("own"));
      tables.wait("open", { own: false, ...${deadline} }).catch(say("foreign"));
      objects.wait({ outputLocation: "s3://service/output/open" }, ${deadline}).catch(say("object"));
    `);

    expect(ran).to.deep.equal({ printed: ["foreign WAIT_TIMEOUT", "object WAIT_TIMEOUT", "own WAIT_TIMEOUT"], exitCode: 0 });
    expect(receives).to.equal(1);
  });

  it("ends by itself once nobody waits, with a long poll open and a deadline a day away", async () => {
    const ran = await run(`
      const deadline = Date.now() + 86400000;
      const controller = new AbortController();
      tables.wait("open", { own: true, deadline, signal: controller.signal }).catch(say("own"));
      tables.wait("open", { own: false, deadline, signal: controller.signal }).catch(say("foreign"));
      objects.wait({ outputLocation: "s3://service/output/done" }, { deadline }).then(say("object")).then(() => controller.abort());
    `);

    expect(ran).to.deep.equal({ printed: ["foreign ABORTED", "object completed", "own ABORTED"], exitCode: 0 });
  });

  it("ends by itself when the client is closed", async () => {
    const ran = await run(`
      tables.wait("open", { own: true, deadline: Date.now() + 86400000 }).catch(say("own"));
      objects.wait({ outputLocation: "s3://service/output/open" }, { deadline: Date.now() + 86400000 }).catch(say("object"));
      setTimeout(() => { tables.close(); objects.close(); }, 300);
    `);

    expect(ran).to.deep.equal({ printed: ["object ABORTED", "own ABORTED"], exitCode: 0 });
  });
});
