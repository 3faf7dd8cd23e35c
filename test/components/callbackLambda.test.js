import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CallbackLambda } from "../../components/callbackLambda";
import { deploy } from "../../doubles/deploy";
import { root } from "../../doubles/program";
import { filesOf, graphOf, inputsOf, treatmentOf } from "../support/readable";
const args = {
    factory: () => {
        const greeting = process.env["GREETING"];
        return async (event) => `${greeting} ${String(event)}`;
    },
    environment: { GREETING: "hello" },
    statements: [{ sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::scans/*"] }],
    timeoutSeconds: 30,
    memoryMb: 128,
    logRetentionDays: 7,
};
describe("CallbackLambda", () => {
    it("is a function with exactly the role that it was given, and a log of its own", async () => {
        const deployment = await deploy(() => void new CallbackLambda("hello", args));
        expect(graphOf(deployment)).to.deep.equal([
            "aws:cloudwatch/logGroup:LogGroup hello",
            "aws:iam/role:Role hello",
            "aws:iam/rolePolicy:RolePolicy hello",
            "aws:lambda/function:Function hello",
        ]);
        expect(await inputsOf(deployment, "aws:cloudwatch/logGroup:LogGroup", "hello")).to.deep.equal({ retentionInDays: 7 });
        expect(await inputsOf(deployment, "aws:iam/role:Role", "hello")).to.deep.equal({
            assumeRolePolicy: {
                Version: "2012-10-17",
                Statement: [{ Sid: "LambdaAssumes", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
            },
        });
        expect(await inputsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "hello")).to.deep.equal({
            role: "hello-0a1b2c3",
            policy: {
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "WriteLog",
                        Effect: "Allow",
                        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                        Resource: "arn:aws:logs:eu-west-1:123456789012:log-group:hello-0a1b2c3:*",
                    },
                    { Sid: "Read", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::scans/*" },
                ],
            },
        });
        expect(await inputsOf(deployment, "aws:lambda/function:Function", "hello")).to.deep.equal({
            code: ["__index.js"],
            handler: "__index.handler",
            runtime: "nodejs24.x",
            architectures: ["arm64"],
            timeout: 30,
            memorySize: 128,
            role: "arn:aws:iam::123456789012:role/hello-0a1b2c3",
            environment: { variables: { GREETING: "hello" } },
            loggingConfig: { logFormat: "Text", logGroup: "hello-0a1b2c3" },
        });
        expect(treatmentOf(deployment, "aws:lambda/function:Function", "hello")).to.deep.equal({
            dependsOn: ["aws:iam/rolePolicy:RolePolicy hello"],
        });
    });
    it("packs the same archive whatever the settings: a change of them is no change of code", async () => {
        const codeWith = async (GREETING) => {
            const { resources } = await deploy(() => void new CallbackLambda("hello", { ...args, environment: { GREETING } }));
            return filesOf(resources.find(({ type }) => type === "aws:lambda/function:Function")?.inputs["code"]);
        };
        const once = await codeWith("hello");
        expect(await codeWith("good day")).to.deep.equal(once);
        expect(once["__index.js"]).to.contain('process.env["GREETING"]');
    });
    it("packs a package of the user's when it is asked for, and nothing else", async () => {
        const deployment = await deploy(() => void new CallbackLambda("hello", { ...args, packages: ["commander"] }));
        const { code } = await inputsOf(deployment, "aws:lambda/function:Function", "hello");
        expect(code).to.deep.equal(["__index.js", "node_modules/commander"]);
    });
    it("hears one topic, and only what its filter lets through", async () => {
        const topicArn = "arn:aws:sns:eu-west-1:123456789012:jobs";
        const deployment = await deploy(() => {
            new CallbackLambda("hello", args).subscribeTo("hello-jobs", topicArn, { state: ["COMPLETED"] });
        });
        expect(await inputsOf(deployment, "aws:lambda/permission:Permission", "hello-jobs")).to.deep.equal({
            action: "lambda:InvokeFunction",
            function: "hello-0a1b2c3",
            principal: "sns.amazonaws.com",
            sourceArn: topicArn,
        });
        expect(await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "hello-jobs")).to.deep.equal({
            topic: topicArn,
            protocol: "lambda",
            endpoint: "arn:aws:lambda:eu-west-1:123456789012:function:hello-0a1b2c3",
            filterPolicy: { state: ["COMPLETED"] },
        });
        expect(treatmentOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "hello-jobs")).to.deep.equal({
            dependsOn: ["aws:lambda/permission:Permission hello-jobs"],
        });
    });
    it("refuses what Lambda refuses, before anything is created", async () => {
        let thrown;
        const deployment = await deploy(() => {
            try {
                new CallbackLambda("hello", { ...args, timeoutSeconds: 901, memoryMb: 64 });
            }
            catch (error) {
                thrown = error;
            }
        });
        expect(deployment.resources).to.deep.equal([]);
        expect(thrown.message).to.equal([
            'function "hello" can\'t be set up:',
            "  timeoutSeconds: got 901, expected a whole number from 1 to 900",
            "  memoryMb: got 64, expected a whole number from 128 to 10240",
        ].join("\n"));
    });
    it("fails the deployment when a closure can't be serialized", async () => {
        const native = Math.max.bind(undefined, 1);
        const run = deploy(() => void new CallbackLambda("hello", { ...args, factory: () => async (event) => native(Number(event)) }));
        expect(await run.then(() => "deployed", (error) => error.message)).to.contain("Error serializing");
    });
    it("is the only place that makes a function: any other way gets full-access policies and every package", () => {
        const sources = readdirSync(join(root, "components")).filter((name) => name.endsWith(".ts"));
        const makers = sources.filter((name) => /new aws\.lambda\.(Callback)?Function/.test(readFileSync(join(root, "components", name), "utf8")));
        expect(makers).to.deep.equal(["callbackLambda.ts"]);
    });
});
