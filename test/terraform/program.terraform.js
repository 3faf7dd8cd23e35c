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
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListEndpointConfigsCommand, ListEndpointsCommand, ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { SageMakerAsyncClient } from "../../client";
import { EmbeddedCloud } from "../../local/embeddedCloud";
import { root } from "../support/service";
import { importBlocks } from "./imports";
import { terraformCommand, Workspace } from "./workspace";
/** Changes of the settings that are applied one after the other, each on top of those before it. */
const changes = {
    "another instance type": { instanceType: "ml.g5.4xlarge" },
    "another capacity": { maxCapacity: "3" },
    "alarms and a dashboard": { alarmsEnabled: "true", dashboardEnabled: "true" },
    "tags on everything": { tags: '{"team":"ocr"}' },
    "other retentions": { logRetentionDays: "60", inputExpirationDays: "10", jobRetentionDays: "60" },
    "no inbox": { inboxEnabled: "false" },
    "no notifications": { notificationsEnabled: "false" },
    "warm hours": { warmHours: '["mon-fri 08:00-18:00"]' },
    "all as it was": {},
};
/** What no import can read: it stands in the configuration alone. */
const notImported = new Set([
    "filename",
    "source_code_hash",
    "force_destroy",
    "publish",
    "skip_destroy",
    "confirmation_timeout_in_minutes",
    "endpoint_auto_confirms",
]);
describe("the program as a Terraform configuration, with the real AWS provider", function () {
    this.timeout(900_000);
    let cloud;
    let workspace;
    let command;
    const settings = {};
    before(async function () {
        const found = await terraformCommand();
        if (found === undefined) {
            console.log("    skipped: there is no terraform or tofu on the PATH. Install one (https://developer.hashicorp.com/terraform/install) and run this again.");
            return this.skip();
        }
        command = found;
        cloud = await EmbeddedCloud.start({
            modelCommands: { directory: root, command: `node ${path.join(root, "build/test/support/modelServer.js")}` },
        });
        workspace = new Workspace(command, cloud);
        const provider = await workspace.initialize();
        if (provider === undefined) {
            console.log("    skipped: the AWS provider can't be had. Reach its registry, or name a mirror in TF_CLI_CONFIG_FILE, and run this again.");
            return this.skip();
        }
        console.log(`    ${command} with the AWS provider ${provider}`);
        await workspace.write();
    });
    after(async () => {
        workspace?.remove();
        await cloud?.close();
    });
    it("creates every resource, and finds nothing to change the second time", async () => {
        const wanted = await workspace.plan();
        expect([...new Set(wanted.flatMap(({ actions }) => actions))]).to.deep.equal(["create"]);
        await workspace.apply();
        expect((await workspace.state()).map(({ address }) => address).sort()).to.deep.equal(wanted.map(({ address }) => address).sort());
        expect(await workspace.plan()).to.deep.equal([]);
    });
    it("finds nothing that has drifted", async () => {
        expect(await workspace.drift()).to.deep.equal([]);
    });
    it("imports each resource into another state as it is", async () => {
        const other = new Workspace(command, cloud);
        try {
            await other.initialize();
            await other.write();
            writeFileSync(path.join(other.directory, "imports.tf"), importBlocks(await workspace.state()));
            const unread = (await other.plan()).filter(({ address }) => address.startsWith("aws_")).map(withoutUnreadable);
            expect(unread.filter(({ actions, attributes }) => actions.join() !== "update" || attributes.length > 0)).to.deep.equal([]);
        }
        finally {
            other.remove();
        }
    });
    it("runs a job on what Terraform made", async () => {
        const env_1 = { stack: [], error: void 0, hasError: false };
        try {
            const outputs = (await workspace.outputs());
            const client = __addDisposableResource(env_1, SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.endpointUrl, outputs }), true);
            const result = await client.invoke({ say: "hello" }, { timeoutSeconds: 60 });
            expect(result.success, JSON.stringify(result)).to.equal(true);
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
    for (const [title, change] of Object.entries(changes)) {
        it(`applies ${title}, and finds nothing to change afterwards`, async () => {
            if (Object.keys(change).length === 0)
                Object.keys(settings).forEach((name) => delete settings[name]);
            Object.assign(settings, change);
            await workspace.write(settings);
            const wanted = await workspace.plan();
            expect(wanted).to.not.have.length(0);
            await workspace.apply();
            expect(await workspace.plan()).to.deep.equal([]);
        });
    }
    it("applies a key for all that is stored, and its removal", async () => {
        const kms = new KMSClient(clientSettings(cloud));
        const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
        kms.destroy();
        await workspace.write({ kmsKeyArn: KeyMetadata?.Arn ?? "" });
        await workspace.apply();
        expect(await workspace.plan(), "with the key").to.deep.equal([]);
        await workspace.write();
        await workspace.apply();
        expect(await workspace.plan(), "without it").to.deep.equal([]);
    });
    it("destroys everything: nothing is left in the cloud", async () => {
        await workspace.destroy();
        expect(await workspace.state()).to.deep.equal([]);
        expect(await leftIn(cloud)).to.deep.equal([]);
    });
});
function withoutUnreadable({ attributes, ...change }) {
    return { ...change, attributes: attributes.filter((name) => !notImported.has(name)) };
}
function clientSettings({ endpointUrl, region }) {
    return { endpoint: endpointUrl, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}
/** Names of all that the cloud still has. */
async function leftIn(cloud) {
    const settings = clientSettings(cloud);
    const sageMaker = new SageMakerClient(settings);
    const cloudWatch = new CloudWatchClient(settings);
    const lists = await Promise.all([
        new S3Client(settings).send(new ListBucketsCommand({})).then(({ Buckets }) => Buckets),
        new SNSClient(settings).send(new ListTopicsCommand({})).then(({ Topics }) => Topics),
        new SQSClient(settings).send(new ListQueuesCommand({})).then(({ QueueUrls }) => QueueUrls),
        new DynamoDBClient(settings).send(new ListTablesCommand({})).then(({ TableNames }) => TableNames),
        new LambdaClient(settings).send(new ListFunctionsCommand({})).then(({ Functions }) => Functions),
        new CloudWatchLogsClient(settings).send(new DescribeLogGroupsCommand({})).then(({ logGroups }) => logGroups),
        new EventBridgeClient(settings).send(new ListRulesCommand({})).then(({ Rules }) => Rules),
        cloudWatch.send(new DescribeAlarmsCommand({})).then(({ MetricAlarms }) => MetricAlarms),
        cloudWatch.send(new ListDashboardsCommand({})).then(({ DashboardEntries }) => DashboardEntries),
        sageMaker.send(new ListEndpointsCommand({})).then(({ Endpoints }) => Endpoints),
        sageMaker.send(new ListEndpointConfigsCommand({})).then(({ EndpointConfigs }) => EndpointConfigs),
        sageMaker.send(new ListModelsCommand({})).then(({ Models }) => Models),
    ]);
    return lists.flatMap((list) => (list ?? []));
}
