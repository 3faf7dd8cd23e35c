import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { closed, opened } from "./leftOpen";

/**
 * Holds other processes, such as a model server or a function, until its test lets them go: whoever asks its `url` is answered once it is
 * open. What a test does meanwhile takes no less time than it needs, on the slowest machine.
 */
export class Gate {
  private waiting: ServerResponse[] = [];
  private isOpen = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Gate> {
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const gate = new Gate(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    server.on("request", (_, response) => (gate.isOpen ? void response.end() : void gate.waiting.push(response)));
    opened(gate);
    return gate;
  }

  /** What a model server is to be asked so that it waits here. */
  get input(): { model: "held"; gate: string } {
    return { model: "held", gate: this.url };
  }

  /** Lets everybody go who waits or will come. */
  open(): void {
    this.isOpen = true;
    for (const response of this.waiting.splice(0)) response.end();
  }

  /** Whoever waits is cut off. */
  async close(): Promise<void> {
    closed(this);
    this.server.close().closeAllConnections();
  }
}
