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

type Send = <Name extends keyof StreamMessages>(event: Name, message: StreamMessages[Name]) => void;

/** Server-sent events: what changes, to every page that listens. */
export class EventStreams {
  /** How each is told something, and how it ends. */
  private readonly opened = new Map<() => void, Send>();

  constructor(
    private readonly services: () => readonly ApiService[],
    private readonly laptop: Laptop | undefined,
  ) {}

  /** Streams a service's events until the page goes; where there is no service yet, what else there is to hear. */
  open(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const services = this.services();
    const service = services.length === 0 ? undefined : serviceOf(services, url.searchParams.get("service"));
    response.writeHead(200, { ...commonHeaders, "content-type": "text/event-stream; charset=utf-8" });
    const send: Send = (event, message) => {
      if (response.writableLength > mostWaitingBytes) return end();
      response.write(`event: ${event}\ndata: ${JSON.stringify(message)}\n\n`);
    };
    send("hello", {});
    const unlisten = service?.live.listen(send);
    const unwatch = this.laptop?.watch((state) => send("laptop", state));
    const beat = setInterval(() => send("beat", {}), beatMilliseconds);
    const end = () => {
      this.opened.delete(end);
      clearInterval(beat);
      unlisten?.();
      unwatch?.();
      response.destroy();
    };
    this.opened.set(end, send);
    request.once("close", end);
    response.once("close", end);
  }

  /** Tells every page that listens. */
  tell: Send = (event, message) => {
    for (const send of [...this.opened.values()]) send(event, message);
  };

  /** Ends all streams. */
  close(): void {
    for (const end of [...this.opened.keys()]) end();
  }
}
