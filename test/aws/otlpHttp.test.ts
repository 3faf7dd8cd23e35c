import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { otlpHttp } from "../../aws/otlpHttp";
import { codedOf } from "../../core/records/errors";

describe("the export of spans", () => {
  let server: Server;
  let origin: string;
  let asked: string[];
  let logged: object[];

  before(async () => {
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        const { method, url, headers } = request;
        asked.push(`${method} ${url} ${headers["content-type"]} ${String(headers["x-api-key"])}`);
        const [, status = "200"] = url?.split(/[/?]/) ?? [];
        if (status === "cut") return void request.socket.destroy();
        if (status === "moved") return void response.writeHead(307, { location: "/200" }).end();
        if (status === "part") return void response.end('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}');
        if (status === "long") return void response.writeHead(400).end("x".repeat(200_000));
        if (status === "v1") return void response.end("{}");
        response.writeHead(Number(status)).end(`no: ${status}`);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
    logged = [];
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  const send = async (path: string) => {
    const headers = { "x-api-key": "hunter2", "content-type": "text/plain" };
    const error = await otlpHttp(`${origin}${path}`, headers, (line) => void logged.push(line))({ resourceSpans: [] }).catch(codedOf);
    return error && { code: error.code, message: error.message, advice: error.advice };
  };
  const advice = "The spans are sent again; see whether the collector runs and is reached from the function.";

  it("goes to /v1/traces unless a path is given, as JSON with the receiver's headers", async () => {
    expect([await send(""), await send("/"), await send("/200/mine?tenant=1")]).to.deep.equal([undefined, undefined, undefined]);
    expect(asked).to.deep.equal([
      "POST /v1/traces application/json hunter2",
      "POST /v1/traces application/json hunter2",
      "POST /200/mine?tenant=1 application/json hunter2",
    ]);
    expect(logged).to.deep.equal([]);
  });

  it("is done again after answers that may pass, and after none; the error has no secret of the headers or the query", async () => {
    for (const [status, code] of [
      [429, "THROTTLED"],
      [502, "UNAVAILABLE"],
      [503, "UNAVAILABLE"],
      [504, "UNAVAILABLE"],
    ] as const) {
      const message = `The collector at ${origin}/${status} answered ${status}.`;
      expect(await send(`/${status}?key=hunter2`)).to.deep.equal({ code, message, advice });
    }
    const cut = await send("/cut");
    expect([cut?.code, cut?.message, cut?.advice]).to.deep.equal([
      "UNAVAILABLE",
      `The collector at ${origin}/cut gave no answer: UND_ERR_SOCKET.`,
      advice,
    ]);
    expect(logged).to.deep.equal([]);
  });

  it("is given up when it is refused for good, also by a redirect, which the headers are not meant for; the log has the reason", async () => {
    const refused = (at: string, status: number, reason: string) => ({
      ...{ level: "error", message: "spans refused by the collector" },
      ...{ at: `${origin}/${at}`, status, reason },
    });
    expect([await send("/401"), await send("/moved"), await send("/long")]).to.deep.equal([undefined, undefined, undefined]);
    expect(logged).to.deep.equal([refused("401", 401, "no: 401"), refused("moved", 307, ""), refused("long", 400, "x".repeat(500))]);
    expect(asked).to.have.length(3);
  });

  it("that was taken in part is not done again: the log has how many were refused", async () => {
    expect(await send("/part")).to.equal(undefined);
    expect(logged).to.deep.equal([{ level: "warn", message: "spans taken in part", at: `${origin}/part`, spans: 2, reason: "too old" }]);
  });
});
