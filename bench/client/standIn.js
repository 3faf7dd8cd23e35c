import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
/** What every answer is late by: a round trip to AWS from the same region, with some time for the service. */
export const addedMilliseconds = 20;
/** Starts stand-ins in a process of their own. @param delayMilliseconds what every answer is late by */
export async function startStandIn(delayMilliseconds) {
    const child = fork(__filename, [String(delayMilliseconds)], { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const [port] = (await once(child, "message"));
    return {
        url: `http://127.0.0.1:${port}`,
        async counted() {
            child.send("count");
            const [count] = (await once(child, "message"));
            return count;
        },
        async close() {
            const closed = once(child, "close");
            child.disconnect();
            await closed;
        },
    };
}
/** Records of jobs that are being submitted. */
const items = new Map();
/** A table as far as submitting reads what it has written. The floor is up, as it is while jobs are submitted. */
function answerOfTable(target, body) {
    const call = JSON.parse(body.toString());
    const { Key, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = call;
    const jobId = (Key ?? call.Item)?.jobId.S ?? "";
    switch (target) {
        case "PutItem":
            items.set(jobId, call.Item ?? {});
            return "{}";
        case "GetItem": {
            if (jobId === "#floor")
                return JSON.stringify({ Item: { ...Key, state: { S: "up" }, setAt: { S: new Date().toISOString() } } });
            const Item = items.get(jobId);
            return JSON.stringify({ Item });
        }
        case "UpdateItem": {
            const Attributes = { ...items.get(jobId) };
            for (const [name, attribute] of Object.entries(names)) {
                const value = values[`:${name.slice(1)}`];
                if (value !== undefined)
                    Attributes[attribute] = value;
            }
            // Nobody reads it again: twenty thousand of them would be much to have in memory.
            if (Attributes["state"].S === "SUBMITTED")
                items.delete(jobId);
            else
                items.set(jobId, Attributes);
            return call.ReturnValues === "ALL_NEW" ? JSON.stringify({ Attributes }) : "{}";
        }
        default:
            throw new Error(`the stand-in has no ${target}`);
    }
}
function answerTo(request, body) {
    const { method, url = "", headers } = request;
    const target = headers["x-amz-target"];
    if (typeof target === "string") {
        const type = { "Content-Type": "application/x-amz-json-1.0" };
        return { status: 200, headers: type, body: answerOfTable(target.slice(target.indexOf(".") + 1), body) };
    }
    if (url.endsWith("/async-invocations")) {
        const id = headers["x-amzn-sagemaker-inference-id"] ?? "none";
        const location = (name) => `s3://bench/${name}/${String(id)}`;
        return {
            status: 202,
            headers: {
                "Content-Type": "application/json",
                "X-Amzn-SageMaker-OutputLocation": location("output"),
                "X-Amzn-SageMaker-FailureLocation": location("failure"),
            },
            body: JSON.stringify({ InferenceId: id }),
        };
    }
    const xml = (text) => ({ status: 200, headers: { "Content-Type": "application/xml", ETag: '"0"' }, body: text });
    if (method === "POST" && url.includes("uploads")) {
        return xml("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    }
    if (method === "POST")
        return xml("<CompleteMultipartUploadResult><ETag>0</ETag></CompleteMultipartUploadResult>");
    return { status: 200, headers: { ETag: '"0"' } };
}
function serve(delayMilliseconds) {
    let calls = 0;
    process.on("disconnect", () => process.exit(0));
    process.on("message", () => {
        process.send?.(calls);
        calls = 0;
    });
    const server = createServer((request, response) => {
        const chunks = [];
        const isTable = request.headers["x-amz-target"] !== undefined;
        request.on("data", (chunk) => isTable && chunks.push(chunk));
        request.on("end", () => {
            calls++;
            const { status, headers, body = "" } = answerTo(request, Buffer.concat(chunks));
            const answer = () => response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
            if (delayMilliseconds === 0)
                answer();
            else
                setTimeout(answer, delayMilliseconds);
        });
    });
    server.keepAliveTimeout = 60_000;
    server.listen(0, "127.0.0.1", () => process.send?.(server.address().port));
}
if (require.main === module)
    serve(Number(process.argv[2]));
