import { expect } from "chai";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { startProcessTree, type ProcessTree } from "../../processes/processTree";

/** Ignores SIGTERM; whoever listens sees its connection end with it. */
const server = (port: number) => `process.on("SIGTERM", () => undefined); require("net").connect(${port}, "127.0.0.1");`;

/** Starts the server in a group of its own, its output elsewhere, as supervisord does, and ends at SIGTERM, the server or not. */
const supervisor = (port: number) =>
  `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(server(port))}], { detached: true, stdio: "ignore" }); setInterval(() => undefined, 1e6);`;

const command = (port: number) => `exec "${process.execPath}" -e '${supervisor(port)}'`;

describe("a command line with all that it has started", () => {
  let listener: Server;
  let port: number;
  let connected: Promise<Socket>;

  beforeEach(async () => {
    listener = createServer();
    connected = once(listener, "connection").then(([socket]) => socket as Socket);
    await once(listener.listen(0, "127.0.0.1"), "listening");
    ({ port } = listener.address() as AddressInfo);
  });
  afterEach(() => {
    listener.close();
  });

  /** Starts it; the promise resolves once the supervised server has ended. */
  async function started(): Promise<{ tree: ProcessTree; serverEnded: Promise<unknown> }> {
    const tree = startProcessTree(command(port), { env: process.env });
    const socket = await connected;
    return { tree, serverEnded: once(socket.on("error", () => undefined).resume(), "close") };
  }

  it("ends at once, a supervisor's server in a group of its own included: it would keep its port and the GPU", async () => {
    const { tree, serverEnded } = await started();
    await tree.kill();
    await serverEnded;

    expect(tree.ended()).to.equal("ended by SIGKILL");
  });

  it("ends when it is told to, and a server that its supervisor has left behind with it", async () => {
    const { tree, serverEnded } = await started();
    tree.terminate();
    await Promise.all([tree.gone, serverEnded]);

    expect(tree.ended()).to.equal("ended by SIGTERM");
  });

  it("ends with the process that started it, though that was killed, which runs no handler", async () => {
    const start = `require(${JSON.stringify(require.resolve("../../processes/processTree"))}).startProcessTree(process.argv[1], { env: process.env })`;
    const parent = spawn(process.execPath, ["-e", start, command(port)], { stdio: "ignore" });
    const socket = await connected;
    const serverEnded = once(socket.on("error", () => undefined).resume(), "close");
    parent.kill("SIGKILL");
    await serverEnded;
  });
});
