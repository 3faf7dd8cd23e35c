import { once } from "node:events";
import * as dns from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import { expect } from "chai";
import { webhookPost } from "../../aws/webhookPost";

describe("the POST of a webhook", () => {
  let server: http.Server;
  let url: string;
  let paths: string[];
  const post = (path: string, timeoutMilliseconds?: number) =>
    webhookPost({ http, https, dns, net }, `${url}${path}`, false, timeoutMilliseconds)({ headers: { "webhook-id": "job_1" }, body: "{}" });

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
    url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
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

  it("goes to no private address that a receiver's name leads to, nor to one that its URL spells in another way, and says why", async () => {
    const leadsTo = (address: string) => ({
      lookup: ((_name: string, _options: object, callback: (error: null, found: dns.LookupAddress[]) => void) =>
        callback(null, [{ address, family: net.isIP(address) }])) as unknown as typeof dns.lookup,
    });
    const to = (receiver: string, address: string, privateAllowed = false) =>
      webhookPost({ http, https, dns: leadsTo(address), net }, receiver, privateAllowed, 5000)({ headers: {}, body: "{}" });
    const { port } = server.address() as net.AddressInfo;

    expect(await to("https://shop.example.com/", "10.1.2.3")).to.deep.equal({
      problem: "no answer: shop.example.com leads to no address that is asked: 10.1.2.3 is private, and privateAllowed is not set",
    });
    const own = {
      problem: "no answer: shop.example.com leads to no address that is asked: 127.0.0.1 is of the sender's own machine or network",
    };
    for (const privateAllowed of [false, true])
      expect(await to("https://shop.example.com/", "127.0.0.1", privateAllowed)).to.deep.equal(own);
    expect(await to("https://2130706433/", "192.0.2.1")).to.deep.equal({
      problem: "not sent: 127.0.0.1 is of the sender's own machine or network",
    });
    expect(await to(`http://localhost:${port}/ok`, "192.0.2.1")).to.deep.equal({ status: 200 });
    expect(paths).to.deep.equal(["POST /ok undefined 2"]);
  });

  it("does not read an answer without end, nor wait for one that never ends: its status has said it", async () => {
    expect([await post("/endless"), await post("/stalling", 200)]).to.deep.equal([{ status: 200 }, { status: 202 }]);
  });

  it("waits for a receiver that says nothing for its time only, and says why there was no answer", async () => {
    expect(await post("/silent", 200)).to.deep.equal({ problem: "no answer within 0.2 s" });
    expect(await post("/cut")).to.deep.equal({ problem: "no answer: socket hang up" });
  });
});
