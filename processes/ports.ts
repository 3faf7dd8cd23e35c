import { createServer } from "node:net";

/**
 * Where ports for model servers are taken from: multi-model-server takes none above 32766, and above them begin those that the kernel
 * gives to any connection.
 */
const firstPort = 10_000;
const lastPort = 32_000;

let next = firstPort + Math.floor(Math.random() * (lastPort - firstPort));

/** A free port of this machine that no other server of this process gets soon. */
export async function freePort(): Promise<number> {
  for (let tries = firstPort; tries <= lastPort; tries++) {
    const port = next;
    next = next === lastPort ? firstPort : next + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${firstPort} to ${lastPort} is free for a model server on this machine.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
