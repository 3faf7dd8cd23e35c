import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { freshAgents } from "../../aws/freshAgents";

describe("connections that are used again", () => {
  let server: Server;
  let port: number;
  let connections: number;
  const { now: wall } = Date;
  const own = performance.now.bind(performance);

  before(async () => {
    server = createServer((_, response) => void response.end("x")).on("connection", () => connections++);
    server.keepAliveTimeout = 60_000;
    await once(server.listen(0, "127.0.0.1"), "listening");
    ({ port } = server.address() as AddressInfo);
  });
  beforeEach(() => (connections = 0));
  afterEach(() => {
    Date.now = wall;
    performance.now = own;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  /** Asks twice, with the clocks this much further the second time: how many connections that took. */
  async function connectionsOver(wallMilliseconds: number, ownMilliseconds: number): Promise<number> {
    const { httpAgent } = freshAgents(5);
    // Both stand still meanwhile: what they say is the test's.
    const [atWall, atOwn] = [wall(), own()];
    const ask = async (after: { wall: number; own: number }) => {
      Date.now = () => atWall + after.wall;
      performance.now = () => atOwn + after.own;
      const call = request({ port, agent: httpAgent }).end();
      const [response] = (await once(call, "response")) as [NodeJS.ReadableStream];
      await once(response.resume(), "end");
      // The agent takes the connection back in a turn of its own.
      await new Promise((resolve) => setImmediate(resolve));
    };
    await ask({ wall: 0, own: 0 });
    await ask({ wall: wallMilliseconds, own: ownMilliseconds });
    httpAgent.destroy();
    return connections;
  }

  it("are those that were idle for less than a second", async () => {
    expect(await connectionsOver(999, 999)).to.equal(1);
  });

  it("are none that were idle for a second by the wall's clock, which goes on while a function is frozen", async () => {
    expect(await connectionsOver(1000, 0)).to.equal(2);
  });

  it("are none that were idle for a second by the process's own clock, which nobody puts back", async () => {
    expect(await connectionsOver(0, 1000)).to.equal(2);
  });

  it("are none whose age is not known, since a clock was put back", async () => {
    expect(await connectionsOver(-1, 0)).to.equal(2);
  });

  it("are as many at a time as asked for, by either protocol", () => {
    const { httpAgent, httpsAgent } = freshAgents(7);
    expect([httpAgent.maxSockets, httpsAgent.maxSockets]).to.deep.equal([7, 7]);
  });
});
