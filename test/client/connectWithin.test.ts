import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type RequestOptions, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import FakeTimers from "@sinonjs/fake-timers";
import { expect } from "chai";
import { connectWithin } from "../../client/connectWithin";

describe("the time for a connection", () => {
  const milliseconds = 50;
  let server: Server;
  let agent: Agent;
  let hold: (() => Promise<unknown>) | undefined;

  before(async () => {
    server = createServer((_request, response) => void Promise.resolve(hold?.()).then(() => response.end("done")));
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  beforeEach(() => {
    hold = undefined;
    agent = connectWithin({ agent: new Agent({ keepAlive: true, maxSockets: 1 }) }, milliseconds).agent;
  });
  afterEach(() => agent.destroy());
  after(() => void server.close());

  const call = (options: RequestOptions = {}) =>
    new Promise<string>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      request({ host: "127.0.0.1", port, agent, ...options }, (answer: IncomingMessage) => {
        answer.resume().once("end", () => resolve(`answered ${answer.statusCode}`));
      })
        .once("error", (error: NodeJS.ErrnoException) => reject(new Error(`${error.code}: ${error.message}`)))
        .end();
    });

  it("does not run while a call waits for a socket, or for its answer: jobs were lost by that, a thousand at once", async () => {
    hold = () => new Promise((resolve) => setTimeout(resolve, 3 * milliseconds));

    expect(await Promise.all([call(), call(), call()])).to.deep.equal(Array(3).fill("answered 200"));
  });

  it("does not run while the process is busy", async () => {
    const answered = call();
    // The connection has begun, and nobody looks at it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4 * milliseconds);

    expect(await answered).to.equal("answered 200");
  });

  it("is counted in five beats, of connections that are being made, until they are made or given up", async () => {
    const clock = FakeTimers.install({ toFake: ["setInterval", "clearInterval"] });
    try {
      const socket = (connecting: boolean) => Object.assign(new PassThrough(), { connecting });
      const [made, late, closed, connected] = [socket(false), socket(true), socket(true), socket(true)];
      const sockets = [made, undefined, late, closed, connected];
      const given = { createConnection: () => sockets.shift() };
      connectWithin({ given: given as never }, milliseconds);
      for (let more = sockets.length; more > 0; more--) given.createConnection();
      expect(clock.countTimers()).to.equal(3);
      connected.emit("connect");
      closed.destroy();
      await once(closed, "close");
      expect(clock.countTimers()).to.equal(1);
      clock.tick(milliseconds - 1);
      expect(late.destroyed).to.equal(false);
      clock.tick(1);

      expect(await once(late, "error").then(([error]) => String(error))).to.equal("Error: no connection within 50 ms");
      expect([clock.countTimers(), made.destroyed, connected.destroyed]).to.deep.equal([0, false, false]);
    } finally {
      clock.uninstall();
    }
  });

  it("is nobody's where the runtime connects without asking its agents", () => {
    expect(connectWithin({ agent: {} as Agent }, milliseconds)).to.deep.equal({ agent: {} });
  });

  it("ends a connection that nobody answers, by the code that the SDK tries again after", async () => {
    const lookup = () => undefined;

    expect(await call({ host: "nobody.example.com", lookup }).catch(String)).to.equal("Error: ETIMEDOUT: no connection within 50 ms");
  });
});
