import { serviceOf } from "./services";
import { commonHeaders } from "./headers";
/** So often something is sent, so that a page whose server is gone knows it within twice of it. */
const beatMilliseconds = 5000;
/** So much may wait for a page that does not read; one that falls behind is let go, and comes back for the whole. */
const mostWaitingBytes = 4 * 1024 * 1024;
/** Server-sent events: what changes, to every page that listens. */
export class EventStreams {
    services;
    laptop;
    opened = new Set();
    constructor(services, laptop) {
        this.services = services;
        this.laptop = laptop;
    }
    /** Streams a service's events until the page goes. */
    open(request, response, url) {
        const service = serviceOf(this.services(), url.searchParams.get("service"));
        response.writeHead(200, { ...commonHeaders, "content-type": "text/event-stream; charset=utf-8" });
        const send = (event, message) => {
            if (response.writableLength > mostWaitingBytes)
                return end();
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
    close() {
        for (const end of [...this.opened])
            end();
    }
}
