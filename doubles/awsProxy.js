import { once } from "node:events";
import { createServer, request as send, Agent } from "node:http";
/** Stands between SDK clients and one service: counts calls, makes some fail, and makes all of them late. */
export class AwsProxy {
    target;
    delayMilliseconds;
    /** Operations so far, such as `Query` and `HeadObject`. */
    calls = [];
    /** What befalls the next calls of an operation, in order. */
    faults = [];
    agent = new Agent({ keepAlive: true });
    server = createServer((request, response) => void this.serve(request, response));
    constructor(target, delayMilliseconds) {
        this.target = target;
        this.delayMilliseconds = delayMilliseconds;
    }
    /** @param delayMilliseconds what every answer is late by */
    static async start(target, delayMilliseconds = 0) {
        const proxy = new AwsProxy(target, delayMilliseconds);
        await once(proxy.server.listen(0, "127.0.0.1"), "listening");
        return proxy;
    }
    get url() {
        return `http://127.0.0.1:${this.server.address().port}`;
    }
    /** Lets the next calls of an operation fail. */
    fail(operation, fault, times = 1) {
        for (let time = 0; time < times; time++)
            this.faults.push({ operation, fault });
    }
    /** How often each operation was called since the last time that this was asked. */
    counted() {
        const counts = {};
        for (const operation of this.calls.splice(0).sort())
            counts[operation] = (counts[operation] ?? 0) + 1;
        return counts;
    }
    async close() {
        this.agent.destroy();
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }
    async serve(request, response) {
        const operation = operationOf(request);
        this.calls.push(operation);
        const index = this.faults.findIndex((one) => one.operation === operation);
        const [planned] = index < 0 ? [] : this.faults.splice(index, 1);
        if (this.delayMilliseconds > 0)
            await new Promise((resolve) => setTimeout(resolve, this.delayMilliseconds));
        if (planned === undefined)
            return this.forward(request, response);
        const { fault } = planned;
        if (fault === "silence")
            return;
        if (fault === "reset")
            return void request.socket.resetAndDestroy();
        const chunks = [];
        for await (const chunk of request)
            chunks.push(chunk);
        const answer = typeof fault === "function" ? fault(Buffer.concat(chunks).toString()) : fault;
        response.writeHead(answer.status, answer.headers);
        // An answer that promises more than it has breaks off.
        const isCut = Number(answer.headers?.["content-length"] ?? 0) > Buffer.byteLength(answer.body ?? "");
        if (isCut)
            response.write(answer.body, () => response.destroy());
        else
            response.end(answer.body);
    }
    forward(request, response) {
        const { method, url = "/", headers } = request;
        const onward = send(new URL(url, this.target), { method, headers, agent: this.agent }, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
        });
        onward.on("error", () => response.destroy());
        response.on("close", () => onward.destroy());
        request.pipe(onward);
    }
}
/** The operation that a request asks for, in the services' own words. */
function operationOf({ method, url = "/", headers }) {
    const target = headers["x-amz-target"];
    if (typeof target === "string")
        return target.slice(target.indexOf(".") + 1);
    if (url.endsWith("/async-invocations"))
        return "InvokeEndpointAsync";
    if (url.includes("list-type=2"))
        return "ListObjectsV2";
    if (/[?&]uploads\b/.test(url))
        return "CreateMultipartUpload";
    if (url.includes("uploadId=")) {
        return { PUT: "UploadPart", POST: "CompleteMultipartUpload", DELETE: "AbortMultipartUpload" }[String(method)] ?? "ListParts";
    }
    return `${method?.charAt(0)}${method?.slice(1).toLowerCase()}Object`;
}
/** How DynamoDB and SQS refuse. */
export function jsonFault(status, name, message = name) {
    return {
        status,
        headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": name },
        body: JSON.stringify({ __type: `com.amazonaws#${name}`, message }),
    };
}
/** How S3 refuses; a HEAD's answer has no body. */
export function s3Fault(status, code, message = code) {
    return {
        status,
        headers: { "content-type": "application/xml" },
        body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    };
}
