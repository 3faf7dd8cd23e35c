var __addDisposableResource = (this && this.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (this && this.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
import { GetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { readdirSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SageMakerAsyncClient } from "../../client";
import { pack, unpackInto } from "../support/packed";
import { CloudUnderTest, root } from "../support/service";
/** The examples that this file runs; the others have a test of their own. */
const programs = ["inbox", "keep-results", "office-hours", "private-network", "two-services", "worker"];
describe("examples/, with the packed package on one embedded cloud", function () {
    this.timeout(180_000);
    let folder;
    let cloud;
    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "sagemaker-async-examples-"));
        await cp(path.join(root, "examples"), folder, { recursive: true });
        await unpackInto(folder, await pack());
        cloud = await CloudUnderTest.start();
    });
    after(async () => {
        await cloud.close();
        await rm(folder, { recursive: true, force: true });
    });
    const deploy = async (name) => (await cloud.cloud.deploy({ directory: path.join(folder, name), stack: "local" })).outputs;
    const submit = async (submitFunction, request) => {
        const answer = await cloud.lambda.send(new InvokeCommand({ FunctionName: submitFunction, Payload: JSON.stringify(request) }));
        return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
    };
    const handled = (functionName) => cloud.event((event) => event.kind === "function" && event.change === "succeeded" && event.functionName.startsWith(functionName));
    it("are each run here or by a test of their own", () => {
        const folders = readdirSync(path.join(root, "examples"), { withFileTypes: true }).flatMap((entry) => entry.isDirectory() ? [entry.name] : []);
        expect(folders.sort()).to.deep.equal([...programs, "consumer", "ocr"].sort());
    });
    it("keep-results puts a result into its table, and publishes a failure with its advice", async () => {
        const outputs = await deploy("keep-results");
        const arn = outputs.failuresTopic.replace(":sns:", ":sqs:");
        const Statement = [{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: arn }];
        const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
        const { QueueUrl = "" } = await cloud.sqs.send(new CreateQueueCommand({ QueueName: arn.slice(arn.lastIndexOf(":") + 1), Attributes: { Policy } }));
        await cloud.sns.send(new SubscribeCommand({ TopicArn: outputs.failuresTopic, Protocol: "sqs", Endpoint: arn }));
        await submit(outputs.submitFunction, { jobId: "page-1", input: { text: "a page" } });
        await handled("pages-completed-keep");
        const table = new DynamoDBClient(cloud.settings);
        const { Item } = await table.send(new GetItemCommand({ TableName: outputs.pagesTable, Key: { jobId: { S: "page-1" } } }));
        table.destroy();
        expect(Item?.["text"]?.S).to.equal('{"text":"a page"}');
        await submit(outputs.submitFunction, { jobId: "page-2", inputBase64: "aGk=", contentType: "image/png" });
        const { Subject, Message } = JSON.parse(await cloud.receive(QueueUrl));
        expect(Subject).to.equal("A page failed");
        expect(Message).to.match(/^page-2: .*\(415\) from model.* Read the container's log and the failure object/);
    });
    it("inbox answers an upload beside it", async () => {
        const { bucket } = await deploy("inbox");
        await cloud.put(bucket, "inbox/monday/scan.json", '{"page":1}');
        await handled("scans-completed-answer");
        expect(await cloud.text(`s3://${bucket}/answers/scan.json.json`)).to.equal('{"page":1}');
    });
    it("worker's queue brings the client the end of a job that it submitted", async () => {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const { outputs, consumerQueueUrl } = await deploy("worker");
            const client = __addDisposableResource(env_1, SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs }, { consumerQueueUrl }), true);
            const result = await client.invoke({ minutes: 3 });
            expect(result).to.deep.include({ success: true, data: { minutes: 3 } });
        }
        catch (e_1) {
            env_1.error = e_1;
            env_1.hasError = true;
        }
        finally {
            const result_1 = __disposeResources(env_1);
            if (result_1)
                await result_1;
        }
    });
    it("two-services has two endpoints that share nothing", async () => {
        const { ocr, speech } = await deploy("two-services");
        const answer = await submit(speech.submitFunctionName, { input: "hello", waitSeconds: 30 });
        expect(answer).to.deep.include({ statusCode: 200, body: "hello" });
        expect([ocr.endpointName === speech.endpointName, ocr.bucketName === speech.bucketName]).to.deep.equal([false, false]);
    });
    it("private-network works under its own key's policy", async () => {
        const { submitFunction } = await deploy("private-network");
        expect(await submit(submitFunction, { input: "sealed", waitSeconds: 30 })).to.deep.include({ statusCode: 200, body: "sealed" });
    });
    it("office-hours deploys its hours and alarms, and answers", async () => {
        const { submitFunction, alarmTopic } = await deploy("office-hours");
        expect(alarmTopic).to.match(/^arn:aws:sns:/);
        expect(await submit(submitFunction, { input: "claim", waitSeconds: 30 })).to.deep.include({ statusCode: 200, body: "claim" });
    });
});
