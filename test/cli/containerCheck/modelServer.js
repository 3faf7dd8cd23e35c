import { createServer } from "node:http";
import { writeSync } from "node:fs";
/**
 * A model server that echoes what it gets, with one fault that its argument names. A body that starts with `sleep:N` is answered after N ms.
 */
const fault = process.argv[2];
const port = Number(process.env["PORT"]);
const kept = [];
let open = 0;
let posts = 0;
let ending = false;
/** What waits until no request is open. */
const waiting = [];
async function invoke(request, response) {
    posts += 1;
    if (fault === "never-answers")
        return;
    if (fault === "failed-to-load")
        return void response.writeHead(500, { "Content-Length": 12 }).end("Worker died.");
    if (fault === "loads-behind-ping" && posts <= 2)
        return void response.writeHead(503, { "Content-Length": 0 }).end();
    if (fault === "multi-model-server" &&
        Number(request.headers["content-length"]) > Number(process.env["MMS_MAX_REQUEST_SIZE"] ?? 6_553_500)) {
        response.writeHead(413, { "Content-Length": 0, Connection: "close" }).end(() => request.socket.destroy());
        return;
    }
    if (fault === "takes-three" && open > 3)
        return void response.writeHead(503, { "Content-Length": 4 }).end("busy");
    const chunks = [];
    request.on("error", () => {
        if (fault === "dies-of-clients") {
            writeSync(2, "BrokenPipeError\n");
            process.exit(7);
        }
    });
    for await (const chunk of request)
        chunks.push(chunk);
    const body = Buffer.concat(chunks);
    // As much as no garbage collection hides.
    if (fault === "leaks")
        kept.push(Buffer.alloc(1024 * 1024, 1));
    const milliseconds = Number(/^sleep:(\d+)/.exec(body.subarray(0, 20).toString())?.[1] ?? 0);
    if (milliseconds > 0)
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
    if (fault === "half-an-answer") {
        response.writeHead(200, { "Content-Length": 1000 }).write("half");
        return;
    }
    if (fault === "wrong-head") {
        response.setHeader("X-Trace", "x".repeat(5000));
        response.write(body);
        response.end();
        return;
    }
    response.setHeader("Content-Type", request.headers["content-type"] ?? "application/octet-stream");
    response.setHeader("Content-Length", body.length);
    if (ending)
        response.setHeader("Connection", "close");
    response.end(body);
}
const server = createServer((request, response) => {
    if (request.url === "/ping") {
        const answer = () => void response.writeHead(200, { "Content-Length": 0 }).end();
        if (fault === "ping-hangs")
            return;
        if (fault === "busy-ping" && open > 0)
            waiting.push(answer);
        else
            answer();
        return;
    }
    const work = () => {
        open += 1;
        response.once("close", () => {
            open -= 1;
            for (const next of fault === "one-lane" ? waiting.splice(0, 1) : waiting.splice(0))
                next();
        });
        invoke(request, response).catch(() => response.destroy());
    };
    if (fault === "one-lane" && open > 0)
        waiting.push(work);
    else
        work();
});
if (fault === "exits") {
    console.log("CUDA error: no kernel image is available");
    process.exit(3);
}
if (fault === "never-listens")
    setInterval(() => undefined, 60_000);
else
    server.listen(port, "127.0.0.1");
if (fault !== "cut-by-sigterm") {
    process.on("SIGTERM", () => {
        ending = true;
        server.close();
        server.closeIdleConnections();
    });
}
console.log(`pid ${process.pid}`);
