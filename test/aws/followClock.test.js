import { once } from "node:events";
import { createServer } from "node:http";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import * as runtimeLibrary from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { followClock } from "../../aws/followClock";
import { sageMakerEndpoint, singleTryClient } from "../../aws/sageMakerEndpoint";
import { createServiceClock } from "../../core/serviceClock";
import { systemClock } from "../../client/waiting/clock";
const hour = 3_600_000;
describe("SDK clients whose machine's clock is off", () => {
    let server;
    let requests = [];
    /** By how much the service's clock is ahead of this machine's. */
    let ahead = 0;
    /** Whether answers come from a cache. */
    let cached = false;
    before(async () => {
        // As AWS does it: five minutes off is refused, whatever is asked.
        server = createServer((request, response) => {
            request.resume();
            const target = String(request.headers["x-amz-target"] ?? request.url);
            const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers["x-amz-date"])) ?? [];
            const [year = 0, month = 1, ...rest] = parts.map(Number);
            const signedAt = Date.UTC(year, month - 1, ...rest);
            requests.push({ target, signedAt });
            const now = Date.now() + ahead;
            const head = { date: new Date(now).toUTCString(), "content-type": "application/x-amz-json-1.0", ...(cached && { age: "3600" }) };
            if (request.method === "HEAD")
                return response.writeHead(404, head).end();
            if (Math.abs(signedAt - now) > 300_000) {
                const error = { __type: "InvalidSignatureException", message: "Signature expired: 1 is now earlier than 2 (3 - 5 min.)" };
                return response.writeHead(403, { ...head, "x-amzn-errortype": error.__type }).end(JSON.stringify(error));
            }
            if (!target.endsWith("PutItem"))
                return response.writeHead(202, head).end("{}");
            const error = { __type: "ConditionalCheckFailedException", message: "The conditional request failed" };
            response.writeHead(400, head).end(JSON.stringify(error));
        });
        await once(server.listen(0, "127.0.0.1"), "listening");
    });
    beforeEach(() => (requests = []));
    after(() => server.close());
    const settings = () => ({
        endpoint: `http://127.0.0.1:${server.address().port}`,
        region: "eu-west-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const put = new PutItemCommand({ TableName: "jobs", Item: { jobId: { S: "a" } } });
    for (const [word, off] of [
        ["an hour behind", hour],
        ["an hour ahead", -hour],
    ]) {
        it(`tell the service's time with their first call, refused or not, ${word}`, async () => {
            ahead = off;
            const clock = createServiceClock(systemClock);
            const client = new DynamoDBClient(settings());
            followClock(client, clock);
            await client.send(new GetItemCommand({ TableName: "jobs", Key: { jobId: { S: "a" } } }));
            expect(Math.abs(clock.stamp() - Date.now() - off)).to.be.lessThan(30_000);
            expect(requests.map(({ signedAt }) => Math.abs(signedAt - Date.now() - off) < 30_000)).to.deep.equal([false, true]);
        });
        it(`send what was refused for another reason no second time, ${word}`, async () => {
            ahead = off;
            const dynamodb = new DynamoDBClient(settings());
            const s3 = new S3Client({ ...settings(), forcePathStyle: true });
            for (const client of [dynamodb, s3])
                followClock(client, createServiceClock(systemClock));
            const failed = async (call) => call.then(String, (error) => error.name);
            const first = await failed(dynamodb.send(put));
            requests = [];
            const names = [first, await failed(dynamodb.send(put)), await failed(s3.send(new HeadObjectCommand({ Bucket: "b", Key: "k" })))];
            expect(names).to.deep.equal(["ConditionalCheckFailedException", "ConditionalCheckFailedException", "NotFound"]);
            expect(requests.length).to.equal(2);
        });
        it(`have a refused signature of InvokeEndpointAsync tried again instead of failing the job, ${word}`, async () => {
            ahead = off;
            const endpoint = sageMakerEndpoint(runtimeLibrary, singleTryClient(runtimeLibrary, settings()));
            const input = { location: "s3://bucket/input" };
            const call = { endpointName: "ocr", inferenceId: "1.a", input, invocationTimeoutSeconds: 60, requestTtlSeconds: 60 };
            const first = await endpoint.invoke(call);
            const second = await endpoint.invoke(call);
            expect([first.kind, first.kind === "refused" && [first.error.code, first.error.retryable], second.kind]).to.deep.equal([
                "refused",
                ["UNAVAILABLE", true],
                "taken",
            ]);
        });
    }
    it("believe no answer that lay in a cache, and nothing after they are left", async () => {
        ahead = 0;
        const client = new DynamoDBClient(settings());
        const [follower, left] = [createServiceClock(systemClock), createServiceClock(systemClock)];
        followClock(client, follower);
        followClock(client, left)();
        const known = [];
        for (cached of [true, false]) {
            await client.send(new GetItemCommand({ TableName: "jobs", Key: { jobId: { S: "a" } } }));
            known.push(follower.isKnown);
        }
        expect([known, left.isKnown]).to.deep.equal([[false, true], false]);
    });
});
