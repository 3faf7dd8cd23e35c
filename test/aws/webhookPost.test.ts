import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { webhookPost } from "../../aws/webhookPost";

describe("the POST of a webhook", () => {
  let server: http.Server;
  let url: string;
  let paths: string[];
  const post = (path: string, timeoutMilliseconds?: number) =>
    webhookPost({ http, https }, `${url}${path}`, timeoutMilliseconds)({ headers: { "webhook-id": "job_1" }, body: "{}" });

  before(async () => {
    server = http.createServer((request, response) => {
      paths.push(`${request.method} ${request.url} ${String(request.headers["webhook-id"])} ${request.headers["content-length"]}`);
      switch (request.url) {
        case "/moved":
          return void response.writeHead(307, { location: "/elsewhere" }).end();
        case "/busy":
          return void response.writeHead(503, { "retry-after": "120" }).end();
        case "/endless": {
          const more = () => {
            while (response.write(Buffer.alloc(65_536)));
          };
          response.writeHead(200).on("drain", more);
          return more();
        }
        case "/stalling":
          return void response.writeHead(202).write("…");
        case "/silent":
          return;
        case "/cut":
          return void request.socket.destroy();
        default:
          return void response.end("thank you");
      }
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => (paths = []));
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  it("says what the receiver answered, and for how long it asks to be left alone", async () => {
    expect([await post("/ok"), await post("/busy")]).to.deep.equal([{ status: 200 }, { status: 503, retryAfter: "120" }]);
    expect(paths).to.deep.equal(["POST /ok job_1 2", "POST /busy job_1 2"]);
  });

  it("does not follow a redirect, which would carry the end of a job to where nobody has configured it", async () => {
    expect(await post("/moved")).to.deep.equal({ status: 307 });
    expect(paths).to.deep.equal(["POST /moved job_1 2"]);
  });

  it("does not read an answer without end, nor wait for one that never ends: its status has said it", async () => {
    expect([await post("/endless"), await post("/stalling", 200)]).to.deep.equal([{ status: 200 }, { status: 202 }]);
  });

  it("waits for a receiver that says nothing for its time only, and says why there was no answer", async () => {
    expect(await post("/silent", 200)).to.deep.equal({ problem: "no answer within 0.2 s" });
    expect(await post("/cut")).to.deep.equal({ problem: "no answer: socket hang up" });
  });
});
