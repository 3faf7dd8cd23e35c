import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { handlerFunction } from "../../functions/handler";
import { inboxFunction } from "../../functions/inbox";
import { resultFunction } from "../../functions/result";
import { submitFunction } from "../../functions/submit";
import { sweepFunction } from "../../functions/sweep";
import { openJob } from "../../doubles/jobs";
import { startJobServices, submitSettings } from "../../doubles/jobServices";
import { deployed } from "../support/serialized";
/** JSON of arrays in arrays: Node reads it, and can't write it. */
const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
const own = (text) => JSON.parse(text);
/** What an attacker sends: what is wrong with it, status, field. */
const attacks = [
    ["an id that climbs", 400, "jobId", { input: 1, jobId: "../../output/1.other" }],
    ["an id of dots", 400, "jobId", { input: 1, jobId: ".." }],
    ["an id with a slash", 400, "jobId", { input: 1, jobId: "a/b" }],
    ["an id with a percent sign", 400, "jobId", { input: 1, jobId: "a%2fb" }],
    ["an id that names another kind of item", 400, "jobId", { input: 1, jobId: "#count" }],
    ["an id with a control character", 400, "jobId", { input: 1, jobId: "a\u001b[2J" }],
    ["an id with a line's end", 400, "jobId", { input: 1, jobId: "a\n" }],
    ["an id that is too long", 400, "jobId", { input: 1, jobId: "a".repeat(61) }],
    ["an id in a list", 400, "jobId", { input: 1, jobId: ["a"] }],
    ["a header in a header", 400, "customAttributes", { input: 1, customAttributes: "a\r\nX-Amzn-SageMaker-Inference-Id: 1.other" }],
    ["a header in a type", 400, "contentType", { input: 1, contentType: "text/plain\nA: b" }],
    [
        "metadata of too many entries",
        400,
        "metadata",
        { input: 1, metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`n${n}`, ""])) },
    ],
    ["metadata that is too long", 400, "metadata.a", { input: 1, metadata: { a: "x".repeat(1025) } }],
    ["metadata of objects", 400, "metadata.a", { input: 1, metadata: { a: { b: "c" } } }],
    ["metadata of a prototype", 400, "metadata.__proto__", { input: 1, metadata: own('{"__proto__":"x"}') }],
    ["a prototype", 400, "__proto__", own('{"input":1,"__proto__":{"jobId":"a"}}')],
    ["an input without a bottom", 400, "input", { input: deep }],
    ["metadata without a bottom", 400, "metadata.a", { input: 1, metadata: { a: deep } }],
    ["an id without a bottom", 400, "jobId", { input: 1, jobId: deep }],
    ["a stranger's bucket", 403, "inputLocation", { inputLocation: "s3://strangers/key" }],
    ["a bucket that begins alike", 403, "inputLocation", { inputLocation: "s3://service-evil/input/key" }],
    ["a bucket that ends alike", 403, "inputLocation", { inputLocation: "s3://my-uploads/key" }],
    ["two names in one", 400, "inputLocation", { inputLocation: "s3://uploads,scans/key" }],
    ["a prefix that begins alike", 403, "inputLocation", { inputLocation: "s3://service/input-evil/key" }],
    ["another job's result", 403, "inputLocation", { inputLocation: "s3://service/output/1.other/result" }],
    ["a key that climbs out of the prefix", 400, "inputLocation", { inputLocation: "s3://service/input/../output/secret" }],
    ["the same in percent-encoding", 400, "inputLocation", { inputLocation: "s3://service/input/%2e%2e/output/secret" }],
    ["a key with a line's end", 400, "inputLocation", { inputLocation: "s3://service/input/a\nb" }],
    ["a user in a bucket's name", 400, "inputLocation", { inputLocation: "s3://service@strangers/input/key" }],
    ["a location of another kind", 400, "inputLocation", { inputLocation: "file:///etc/passwd" }],
];
describe("from outside", () => {
    let services;
    let submit;
    const log = [];
    const context = { getRemainingTimeInMillis: () => 60_000 };
    let settings;
    before(async () => {
        services = await startJobServices();
        settings = { ...submitSettings(services), inboxPrefix: "inbox/", formerInboxPrefixes: [] };
        const handler = await deployed(submitFunction, { settings, log, speed: 20 });
        submit = (request) => handler(request, context);
    });
    beforeEach(() => {
        log.length = 0;
    });
    after(() => services.close());
    describe("a request is refused, and leaves neither object nor record nor call, with", () => {
        let objects;
        before(async () => {
            await services.putObject("output/secret", "secret");
            await services.putObject("output/1.other/result", "secret");
            objects = (await services.s3.send(new ListObjectsV2Command({ Bucket: "service" }))).KeyCount;
        });
        for (const [what, statusCode, field, request] of attacks) {
            it(what, async () => {
                const answer = await submit(request);
                expect([answer.statusCode, answer.error?.field]).to.deep.equal([statusCode, field]);
                expect(answer.error?.message.length).to.be.below(2500);
                expect((await services.s3.send(new ListObjectsV2Command({ Bucket: "service" }))).KeyCount).to.equal(objects);
                expect((await services.documents.send(new ScanCommand({ TableName: services.tableName }))).Items).to.deep.equal([]);
                expect(services.calls).to.deep.equal([]);
            });
        }
    });
    describe("of what is taken", () => {
        it("a prototype in the input is the model's to see, as it was sent", async () => {
            await submit({ jobId: "proto", input: own('{"__proto__":{"admin":true}}') });
            expect({}.admin).to.equal(undefined);
            const { inputBytes } = (await services.job("proto"));
            expect(inputBytes).to.equal('{"__proto__":{"admin":true}}'.length);
        });
        it("no function logs a payload, metadata, a header, or what a container says", async () => {
            const marker = "s3cr3t";
            const words = { metadata: { note: marker }, customAttributes: marker };
            const failure = `ClientError: Received server error (500) from model with message "${marker}"`;
            const reply = { status: 400, name: "ValidationError", message: marker };
            const due = { createdAt: new Date().toISOString(), submittedAt: new Date().toISOString(), dueAt: "2026-01-25T22:46:00.000Z" };
            // Submit: taken, in doubt, refused, not understood.
            await submit({ jobId: "taken", input: marker, ...words });
            services.answers.push("drop");
            await submit({ jobId: "doubt", input: marker, ...words });
            services.answers.push(reply);
            await submit({ jobId: "refused", input: marker, ...words });
            await submit({ jobId: "taken", input: `${marker} again` });
            await submit({ input: 1, jobId: `${marker}/${marker}`, [marker]: marker, metadata: { [`${marker} `]: marker } });
            await submit({ inputLocation: `s3://strangers/${marker}` });
            // Inbox: an upload, and one that the service refuses.
            const inbox = await deployed(inboxFunction, { settings, log, speed: 20 });
            await services.putObject("inbox/page.txt", marker, "text/plain");
            const { Contents = [] } = await services.s3.send(new ListObjectsV2Command({ Bucket: "service", Prefix: "inbox/" }));
            const object = { key: "inbox/page.txt", eTag: Contents[0]?.ETag, sequencer: "1" };
            services.answers.push(reply);
            await inbox({ Records: [{ s3: { bucket: { name: "service" }, object } }] }, context);
            await inbox({ Records: [{ s3: marker }] }, context);
            // Result: a failure in the container's words, one nobody knows, and text that is no notification.
            const result = await deployed(resultFunction, { settings, log, speed: 20 });
            await services.putJob(openJob({ jobId: "failed", ...words }));
            const message = { invocationStatus: "Failed", failureReason: failure, requestParameters: { endpointName: "ocr" } };
            const texts = [{ ...message, inferenceId: "1.failed" }, { ...message, inferenceId: "1.nobody" }, { [marker]: marker }].map((value) => JSON.stringify(value));
            await result({ Records: [...texts, `{"${marker}": ${marker}`].map((Message) => ({ Sns: { MessageId: "m", Message } })) }, context);
            // Sweep: a failure and a result that nobody told.
            const sweep = await deployed(sweepFunction, { settings, log, speed: 20 });
            const failureLocation = await services.putObject("failure/marker-error.out", marker, "text/plain");
            await services.putObject("output/1.done/result", marker, "text/plain");
            await services.putJob(openJob({ jobId: "lost", ...words, ...due, failureLocation }));
            await services.putJob(openJob({ jobId: "done", ...words, ...due }));
            await sweep({}, context);
            // A user's handler that fails over a result.
            const environment = { ENDPOINT_NAME: "ocr", JOB_TABLE_NAME: services.tableName, HANDLER_NAME: "shop/prod/ocr-completed-store" };
            const handler = await deployed(handlerFunction(["COMPLETED"], async (_job, context) => {
                throw new Error(`can't store ${String(await context.readResult())}`);
            }), { environment, log });
            const ended = (await services.job("done"));
            const Message = JSON.stringify({ schemaVersion: 1, job: ended });
            expect(await handler({ Records: [{ Sns: { MessageId: "m", Message } }] }, context).then(() => "ran", String)).to.contain(marker);
            const records = await Promise.all(["failed", "lost", "refused", "done"].map(async (jobId) => (await services.job(jobId))));
            expect(records.map(({ state }) => state)).to.deep.equal(["FAILED", "FAILED", "FAILED", "COMPLETED"]);
            const said = new Set(log.map((line) => JSON.parse(line).message));
            expect([...said].sort(), log.join("\n")).to.include.members([
                "handler failed",
                "invocation in doubt",
                "invocation refused",
                "notification dropped",
                "notification ignored",
                "request refused",
                "S3 event dropped",
                "swept",
            ]);
            expect(log.filter((line) => line.includes(marker))).to.deep.equal([]);
        });
    });
});
