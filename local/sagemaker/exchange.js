import { request as httpRequest } from "node:http";
import { Socket } from "node:net";
import { largestPayloadBytes } from "./bounds";
/** The container answered, but not as the contract wants it. */
export class ContractError extends Error {
}
/** The container broke off without an answer. */
export class ConnectionError extends Error {
    wasSent;
    constructor(message, 
    /** Whether it had been sent the whole input: without it, the model can't have run. */
    wasSent = true) {
        super(message);
        this.wasSent = wasSent;
    }
}
/** SageMaker's bound on the headers of an answer. */
const largestHeadersBytes = 4096;
/** How much of a body is sent at a time. */
const pieceBytes = 1024 * 1024;
/** `GET /ping`: the status, or why there is none. */
export async function ping(port, signal) {
    try {
        const { answer, end } = await exchange(port, { method: "GET", path: "/ping", headers: {} }, undefined, signal);
        end();
        return answer.statusCode;
    }
    catch (error) {
        return error;
    }
}
/**
 * `POST /invocations`.
 * @throws ContractError for an answer that the service would not take, ConnectionError when the container breaks off
 */
export async function post(port, { headers, body }, signal) {
    const options = { method: "POST", path: "/invocations", headers: { ...headers, "Content-Length": String(body.length) } };
    const sent = { bytes: 0 };
    try {
        const { answer, end } = await exchange(port, options, body, signal, sent);
        try {
            const length = contentLength(answer);
            const contentType = answer.headers["content-type"];
            return {
                status: answer.statusCode,
                ...(contentType !== undefined && { contentType }),
                body: await readBody(answer, length),
            };
        }
        finally {
            end();
        }
    }
    catch (error) {
        if (error instanceof ContractError || signal.aborted)
            throw error;
        if (error.code === "HPE_HEADER_OVERFLOW")
            throw new ContractError(tooManyHeaders("more"));
        throw new ConnectionError(error.message, sent.bytes === body.length);
    }
}
/** @throws ContractError for an answer that the service would not take */
function contentLength(answer) {
    const text = answer.headers["content-length"];
    if (text === undefined)
        throw new ContractError("the response has no Content-Length header");
    const headersBytes = answer.rawHeaders.reduce((sum, part) => sum + Buffer.byteLength(part, "latin1"), 0);
    if (headersBytes > largestHeadersBytes)
        throw new ContractError(tooManyHeaders(String(headersBytes)));
    const bytes = Number(text);
    if (bytes <= largestPayloadBytes)
        return bytes;
    throw new ContractError(`the response has ${text} bytes, at most ${largestPayloadBytes} are allowed`);
}
function tooManyHeaders(bytes) {
    return `the response headers have ${bytes} bytes, at most ${largestHeadersBytes} are allowed`;
}
/** Into one buffer of the length that was announced: an answer may have a gigabyte, and is held once. */
async function readBody(answer, bytes) {
    const body = Buffer.allocUnsafe(bytes);
    let filled = 0;
    for await (const chunk of answer)
        filled += chunk.copy(body, filled);
    return body;
}
/**
 * A connection that goes on listening when the other side reads no further. Servers answer and hang up before they have read all of an
 * input that is too large for them: what is written then fails, and what they said is still to be read.
 */
class ListeningSocket extends Socket {
    /** Whether the other side takes no more. */
    hungUp = false;
    _write(chunk, encoding, callback) {
        if (this.hungUp)
            return callback();
        super._write(chunk, encoding, this.forgiving(callback));
    }
    _writev(chunks, callback) {
        if (this.hungUp)
            return callback();
        super._writev?.(chunks, this.forgiving(callback));
    }
    forgiving(callback) {
        return (error) => {
            if (!error || !["EPIPE", "ECONNRESET"].includes(error.code ?? ""))
                return callback(error);
            this.hungUp = true;
            callback();
        };
    }
}
/**
 * One request on a connection of its own: a kept-alive one may be closed by the server at the moment of the next request,
 * and sending that again could run the model twice. The body goes in pieces, until it is sent or the server has refused it.
 *
 * @param sent counts the bytes of the body that the other side's machine has taken
 */
function exchange(port, options, body, signal, sent = { bytes: 0 }) {
    return new Promise((resolve, reject) => {
        const socket = new ListeningSocket();
        const request = httpRequest({
            host: "127.0.0.1",
            port,
            ...options,
            signal,
            createConnection: () => socket.connect(port, "127.0.0.1"),
        });
        let refused = false;
        const end = () => request.destroy();
        // An answer's own errors are for its reader.
        request.on("error", reject);
        request.on("response", (answer) => {
            refused = (answer.statusCode ?? 0) >= 300;
            resolve({ answer, end });
        });
        if (body === undefined)
            return void request.end();
        request.flushHeaders();
        const sendOn = (error) => {
            if (error || refused || socket.hungUp || request.destroyed)
                return;
            if (sent.bytes === body.length)
                return void request.end();
            const piece = body.subarray(sent.bytes, sent.bytes + pieceBytes);
            request.write(piece, (failure) => {
                if (!failure && !socket.hungUp)
                    sent.bytes += piece.length;
                sendOn(failure);
            });
        };
        sendOn();
    });
}
