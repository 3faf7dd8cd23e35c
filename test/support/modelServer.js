import { createServer } from "node:http";
let isFailed = false;
function wishOf(body, inferenceId) {
    try {
        const wish = JSON.parse(body.toString());
        const isGranted = wish?.attempts === undefined || Number.parseInt(String(inferenceId), 10) <= wish.attempts;
        return typeof wish?.model === "string" && isGranted ? wish : { model: "echo" };
    }
    catch {
        return { model: "echo" };
    }
}
function answer(response, status, type, body) {
    response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) }).end(body);
}
function invoke(request, response, body) {
    const type = request.headers["content-type"] ?? "application/octet-stream";
    const wish = wishOf(body, request.headers["x-amzn-sagemaker-inference-id"]);
    switch (wish.model) {
        case "slow":
            setTimeout(() => answer(response, 200, type, body), wish.milliseconds);
            return;
        case "hang":
            return;
        case "error":
            return answer(response, wish.status ?? 500, "text/plain", wish.message ?? "the model failed");
        case "garbage":
            return answer(response, 200, "application/json", '{"text": "cut o');
        case "chunked":
            response.writeHead(200, { "Content-Type": type }).write(body);
            response.end();
            return;
        case "headers":
            response.setHeader("X-Filler", "x".repeat(wish.bytes));
            return answer(response, 200, type, body);
        case "large":
            return answer(response, 200, "application/octet-stream", Buffer.alloc(wish.bytes, "x"));
        case "reset":
            response.writeHead(200, { "Content-Type": type, "Content-Length": body.length + 1 }).write(body, () => response.destroy());
            return;
        case "fail":
            isFailed = true;
            return answer(response, 200, type, body);
        case "exit":
            process.stderr.write("the model gives up\n");
            process.exit(wish.code ?? 1);
        case "describe":
            return answer(response, 200, "application/json", JSON.stringify({ headers: request.headers, environment: process.env }));
        default:
            return answer(response, 200, type, body);
    }
}
if (process.env["MODEL_FAILS_TO_START"]) {
    process.stderr.write("no weights here\n");
    process.exit(3);
}
if (process.env["MODEL_IGNORES_SIGTERM"])
    process.on("SIGTERM", () => process.stdout.write("SIGTERM ignored\n"));
createServer((request, response) => {
    if (request.method === "GET" && request.url === "/ping") {
        response.writeHead(process.env["MODEL_NEVER_READY"] ? 503 : isFailed ? 500 : 200, { "Content-Length": 0 }).end();
        return;
    }
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
        if (request.method === "POST" && request.url === "/invocations")
            invoke(request, response, Buffer.concat(chunks));
        else
            answer(response, 404, "text/plain", "not found");
    });
}).listen(Number(process.env["PORT"]), "127.0.0.1", () => process.stdout.write("model ready\n"));
