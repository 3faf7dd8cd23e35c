import { connect } from "node:net";
import { report } from "./worker";
/** Asks over bare sockets, which costs a fraction of what a client does: what is measured is who answers. */
report(async ({ port, bodyBytes, connections, milliseconds }) => {
    const head = `POST /endpoints/bench/async-invocations HTTP/1.1\r\nHost: bench\r\nContent-Length: ${bodyBytes}\r\n\r\n`;
    const call = Buffer.from(head + "x".repeat(bodyBytes));
    const start = performance.now();
    let calls = 0;
    const one = () => new Promise((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => socket.write(call));
        socket.setNoDelay();
        socket.on("error", reject);
        socket.on("data", (chunk) => {
            if (!chunk.includes("HTTP/1.1 202"))
                return;
            calls++;
            if (performance.now() - start < milliseconds)
                return void socket.write(call);
            socket.destroy();
            resolve();
        });
    });
    await Promise.all(Array.from({ length: connections }, one));
    return { calls, milliseconds: performance.now() - start };
});
