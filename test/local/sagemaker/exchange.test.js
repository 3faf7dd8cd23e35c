import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { ConnectionError, ContractError, ping, post } from "../../../local/sagemaker/exchange";
const never = new AbortController().signal;
const large = Buffer.alloc(32 * 1024 * 1024, "x");
describe("a request to a container", () => {
    let server;
    afterEach(() => {
        server?.closeAllConnections();
        server?.close();
        server = undefined;
    });
    const serve = async (handler) => {
        server = createServer(handler).listen(0, "127.0.0.1");
        await once(server, "listening");
        return server.address().port;
    };
    const refusal = (port, body) => post(port, { headers: {}, body }, never).then(() => expect.fail("did not fail"), (error) => error);
    it("gets the answer of a server that refuses a large input and hangs up before it has read it", async () => {
        const script = `
      const server = require("net").createServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => socket.write("HTTP/1.1 413 Too Large\\r\\nContent-Length: 0\\r\\n\\r\\n", () => socket.destroy()));
      });
      server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
        const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
        try {
            const [port] = (await once(createInterface({ input: child.stdout }), "line"));
            const statuses = [];
            for (let time = 1; time <= 20; time++)
                statuses.push((await post(Number(port), { headers: {}, body: large }, never)).status);
            expect(statuses).to.deep.equal(Array.from({ length: 20 }, () => 413));
        }
        finally {
            child.kill();
        }
    });
    it("knows that the model did not run when the server hung up before the input was sent", async () => {
        const port = await serve((request) => void request.socket.destroy());
        const error = await refusal(port, large);
        expect([error instanceof ConnectionError, error.wasSent]).to.deep.equal([true, false]);
    });
    it("does not know that when the server had the whole input", async () => {
        const port = await serve((request) => void request.resume().on("end", () => request.socket.destroy()));
        const error = await refusal(port, large);
        expect([error instanceof ConnectionError, error.wasSent]).to.deep.equal([true, true]);
    });
    it("sends all of the input to a server that answers while it reads", async () => {
        const port = await serve((request, response) => {
            response.writeHead(200, { "Content-Length": large.length });
            request.pipe(response);
        });
        expect((await post(port, { headers: {}, body: large }, never)).body.equals(large)).to.equal(true);
    });
    it("sends the length of the input, and the headers that it is given", async () => {
        const port = await serve((request, response) => {
            const { accept, "content-length": length, "transfer-encoding": encoding } = request.headers;
            const text = JSON.stringify([request.method, request.url, accept, length, encoding ?? null]);
            request.resume().on("end", () => response.writeHead(200, { "Content-Length": text.length }).end(text));
        });
        const { body } = await post(port, { headers: { Accept: "text/plain" }, body: Buffer.from("abc") }, never);
        expect(JSON.parse(body.toString())).to.deep.equal(["POST", "/invocations", "text/plain", "3", null]);
    });
    it("takes no answer that is larger than the service stores, and does not wait for it", async () => {
        const port = await serve((request, response) => {
            request.resume();
            response.writeHead(200, { "Content-Length": 1024 ** 3 + 1 }).flushHeaders();
        });
        const error = await refusal(port, Buffer.from("{}"));
        expect([error instanceof ContractError, error.message]).to.deep.equal([
            true,
            "the response has 1073741825 bytes, at most 1073741824 are allowed",
        ]);
    });
    it("tells what came instead of a healthy ping", async () => {
        const port = await serve((_request, response) => void response.writeHead(503, { "Content-Length": 0 }).end());
        expect(await ping(port, never)).to.equal(503);
        server?.close();
        await once(server, "close");
        expect((await ping(port, never)).code).to.equal("ECONNREFUSED");
    });
});
