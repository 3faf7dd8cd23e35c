import { createServer } from "node:http";
import { ImageError, OcrEngine } from "./engine";
/** Larger images are refused with 413: they would not fit into the engine's memory once decoded. */
export const maxImageBytes = 64 * 1024 * 1024;
/** `application/octet-stream` is whatever its first bytes say. */
const contentTypes = ["image/png", "image/jpeg", "image/tiff", "application/octet-stream"];
/** How the files that are read begin, as latin1. */
const signatures = ["\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "II*\0", "MM\0*"];
/** How a refusal reads: the status, and a sentence that says what to do. */
class Refusal extends Error {
    status;
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}
/**
 * An inference container's server, as SageMaker calls it: `GET /ping` and `POST /invocations`.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 */
export function createOcrServer(engine) {
    const server = createServer((request, response) => {
        // Connections that are kept alive would hold up the end of a server that is closing.
        response.once("finish", () => server.listening || request.socket.end());
        route(engine, request, response).catch((problem) => {
            const message = problem instanceof Error ? problem.message : String(problem);
            if (!(problem instanceof Refusal))
                console.error(message);
            answer(response, problem instanceof Refusal ? problem.status : 500, { error: message });
        });
    });
    return server;
}
async function route(engine, request, response) {
    const path = request.url?.split("?")[0];
    if (path === "/ping" && request.method === "GET") {
        return answer(response, engine.ready ? 200 : 503, { ready: engine.ready });
    }
    if (path !== "/invocations")
        throw new Refusal(404, `there is no ${path}: use GET /ping or POST /invocations`);
    if (request.method !== "POST")
        throw new Refusal(405, `${request.method} /invocations: use POST`);
    const gone = new AbortController();
    response.once("close", () => gone.abort(new Error("the caller has gone")));
    const image = await readImage(request);
    const { words, ...recognition } = await engine.recognize(image, gone.signal).catch((problem) => {
        throw problem instanceof ImageError ? new Refusal(400, problem.message) : problem;
    });
    const withWords = request.headers["x-amzn-sagemaker-custom-attributes"] === "words";
    answer(response, 200, withWords ? { ...recognition, words } : recognition);
}
async function readImage(request) {
    const contentType = (request.headers["content-type"] ?? "application/octet-stream").split(";")[0]?.trim().toLowerCase() ?? "";
    if (!contentTypes.includes(contentType)) {
        throw new Refusal(400, `Content-Type "${contentType}" is not supported: send ${contentTypes.join(", ")}`);
    }
    const chunks = [];
    let bytes = 0;
    for await (const chunk of request) {
        bytes += chunk.length;
        // The rest is read and dropped, so that the caller gets the answer and no broken connection.
        if (bytes <= maxImageBytes)
            chunks.push(chunk);
    }
    if (bytes > maxImageBytes)
        throw new Refusal(413, `the image has ${bytes} bytes: at most ${maxImageBytes} are read`);
    if (bytes === 0)
        throw new Refusal(400, "the body is empty: send the bytes of an image");
    const image = Buffer.concat(chunks);
    const start = image.subarray(0, 8).toString("latin1");
    if (!signatures.some((signature) => start.startsWith(signature))) {
        throw new Refusal(400, "the body is not an image: send a PNG, JPEG or TIFF file as it is, not base64 and not a form");
    }
    return image;
}
function answer(response, status, body) {
    if (response.destroyed)
        return;
    const text = JSON.stringify(body);
    // SageMaker requires a length; Node would answer in chunks without it.
    response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }).end(text);
}
/**
 * Serves until SIGTERM, then finishes what it has begun. Listens at once, so that `/ping` says when the engine has loaded.
 *
 * Environment: `SAGEMAKER_BIND_TO_PORT`, else `PORT`, else 8080; `HOST`, else 127.0.0.1 (the Dockerfile says 0.0.0.0).
 */
export async function serve() {
    const engine = new OcrEngine();
    const server = createOcrServer(engine);
    const port = Number(process.env["SAGEMAKER_BIND_TO_PORT"] ?? process.env["PORT"] ?? 8080);
    server.listen(port, process.env["HOST"] ?? "127.0.0.1", () => {
        console.log(`listening on ${server.address().address}:${server.address().port}`);
    });
    const finish = () => {
        server.close(() => process.exit(0));
        server.closeIdleConnections();
    };
    process.once("SIGTERM", finish);
    process.once("SIGINT", finish);
    await engine.loaded();
}
if (require.main === module) {
    serve().catch((problem) => {
        console.error(`The OCR engine doesn't start: ${String(problem)}`);
        process.exit(1);
    });
}
