import type { IncomingMessage, ServerResponse } from "node:http";
import type { StreamMessages } from "../contract";
import type { ApiService } from "./api";
import { serviceOf } from "./services";
import { commonHeaders } from "./headers";
import type { Laptop } from "./laptop";

/** So often something is sent, so that a page whose server is gone knows it within twice of it. */
const beatMilliseconds = 5000;

/** So much may wait for a page that does not read; one that falls behind is let go, and comes back for the whole. */
const mostWaitingBytes = 4 * 1024 * 1024;

/** Server-sent events: what changes, to every page that listens. */
export class EventStreams {
  private readonly opened = new Set<() => void>();

  constructor(
    private readonly services: () => readonly ApiService[],
    private readonly laptop: Laptop | undefined,
  ) {}

  /** Streams a service's events until the page goes. */
  open(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const service = serviceOf(this.services(), url.searchParams.get("service"));
    response.writeHead(200, { ...commonHeaders, "content-type": "text/event-stream; charset=utf-8" });
    const send = <Name extends keyof StreamMessages>(event: Name, message: StreamMessages[Name]) => {
      if (response.writableLength > mostWaitingBytes) return end();
      response.write(`event: ${event}\ndata: ${JSON.stringify(message)}\n\n`);
    };
    send("hello", {});
    const unlisten = service.live.listen(send);
    const unwatch = this.laptop?.watch((state) => send("laptop", state));
    const beat = setInterval(() => send("beat", {}), beatMilliseconds);
    const end = () => {
      this.opened.delete(end);
      clearInterval(beat);
      unlisten();
      unwatch?.();
      response.destroy();
    };
    this.opened.add(end);
    request.once("close", end);
    response.once("close", end);
  }

  /** Ends all streams. */
  close(): void {
    for (const end of [...this.opened]) end();
  }
}
