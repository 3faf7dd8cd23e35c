import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { request } from "node:http";
import { ServiceError } from "../../local/wire";
import { startTestCloud } from "../support/cloudContext";
/** What a user of an SDK sees of a refusal. */
async function refusal(call) {
    try {
        await call;
    }
    catch (error) {
        const { name, message, $metadata } = error;
        return { name, message, status: $metadata?.httpStatusCode };
    }
    return expect.fail("was accepted");
}
describe("the front of the embedded cloud", () => {
    let cloud;
    beforeEach(async () => {
        cloud = await startTestCloud();
    });
    afterEach(() => cloud.close());
    const calls = {
        s3: () => new S3Client(cloud.client).send(new GetObjectCommand({ Bucket: "b", Key: "k" })),
        sns: () => new SNSClient(cloud.client).send(new PublishCommand({ TopicArn: "t", Message: "m" })),
        sqs: () => new SQSClient(cloud.client).send(new ReceiveMessageCommand({ QueueUrl: `${cloud.client.endpoint}/000000000000/q` })),
        dynamodb: () => new DynamoDBClient(cloud.client).send(new ListTablesCommand({})),
        lambda: () => new LambdaClient(cloud.client).send(new InvokeCommand({ FunctionName: "f" })),
        sagemaker: () => new SageMakerRuntimeClient(cloud.client).send(new InvokeEndpointAsyncCommand({ EndpointName: "e", InputLocation: "s3://b/k" })),
    };
    for (const [service, call] of Object.entries(calls)) {
        it(`says in ${service}'s own shape that the service isn't there, so that the SDK shows what is missing`, async () => {
            expect(await refusal(call())).to.deep.equal({
                name: "NotImplemented",
                message: `The embedded cloud does not support the service "${service}".`,
                status: 501,
            });
        });
        it(`hands ${service}'s errors to its SDK with code, message and status`, async () => {
            cloud.add({ wire: { [service]: async () => Promise.reject(new ServiceError("Refused", "Because <of> this & that.", 409)) } });
            expect(await refusal(call())).to.deep.equal({ name: "Refused", message: "Because <of> this & that.", status: 409 });
        });
    }
    it("gives a service the request as it was sent, and who signed it", async () => {
        const requests = [];
        cloud.add({
            wire: {
                lambda: async (request) => {
                    requests.push(request);
                    return { status: 200, headers: { "content-type": "application/json" }, body: "{}" };
                },
            },
        });
        await new LambdaClient(cloud.client).send(new InvokeCommand({ FunctionName: "f", Qualifier: "a b", Payload: '{"n":1}' }));
        expect(requests.map(({ method, path, query, body, accessKeyId }) => ({ method, path, query: [...query], body: String(body), accessKeyId }))).to.deep.equal([
            {
                method: "POST",
                path: "/2015-03-31/functions/f/invocations",
                query: [["Qualifier", "a b"]],
                body: '{"n":1}',
                accessKeyId: "AKIATEST",
            },
        ]);
    });
    it("answers each call with a request id, for support and for logs", async () => {
        cloud.add({ wire: { dynamodb: async () => ({ status: 200, body: '{"TableNames":[]}' }) } });
        const { $metadata } = await new DynamoDBClient(cloud.client).send(new ListTablesCommand({}));
        expect($metadata.requestId).to.match(/^[0-9a-f-]{36}$/);
    });
    it("speaks CBOR to clients that do, or they could not read why they were refused", async () => {
        const response = await fetch(`${cloud.client.endpoint}/service/GraniteServiceVersion20100801/operation/GetDashboard`, {
            method: "POST",
            headers: {
                "smithy-protocol": "rpc-v2-cbor",
                "content-type": "application/cbor",
                authorization: "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0",
            },
        });
        const body = Buffer.from(await response.arrayBuffer());
        const message = 'The embedded cloud does not support the service "monitoring".';
        const expected = Buffer.concat([
            Buffer.of(0xa2, 0x66),
            Buffer.from("__type"),
            Buffer.of(0x6e),
            Buffer.from("NotImplemented"),
            Buffer.of(0x67),
            Buffer.from("message"),
            Buffer.of(0x7a, 0, 0, 0, message.length),
            Buffer.from(message),
        ]);
        expect({ status: response.status, body: body.toString("hex") }).to.deep.equal({ status: 501, body: expected.toString("hex") });
    });
    it("refuses a call that nobody signed", async () => {
        const response = await fetch(cloud.client.endpoint, { method: "POST", headers: { "x-amz-target": "DynamoDB_20120810.ListTables" } });
        expect({ status: response.status, body: await response.json() }).to.deep.equal({
            status: 403,
            body: { __type: "MissingAuthenticationToken", message: "Request is missing Authentication Token" },
        });
    });
    it("refuses a body that no service would take, instead of filling the memory", async () => {
        cloud.add({ wire: { dynamodb: async () => ({ status: 200 }) } });
        const response = await fetch(cloud.client.endpoint, {
            method: "POST",
            body: Buffer.alloc(16 * 1024 * 1024 + 1),
            headers: {
                "x-amz-target": "DynamoDB_20120810.PutItem",
                authorization: "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            },
        });
        expect(response.status).to.equal(413);
    });
    it("takes the archive of a function of 50 MB, which is 67 MB on its way", async () => {
        cloud.add({ wire: { lambda: async ({ body }) => ({ status: 200, body: String(body.length) }) } });
        const authorization = "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
        const answer = await fetch(`${cloud.client.endpoint}/2015-03-31/functions`, {
            method: "POST",
            body: Buffer.alloc(70_167_211),
            headers: { authorization },
        });
        expect(await answer.text()).to.equal("70167211");
    });
    it("is its own proxy for a client whose endpoint got a prefix, as that of S3 Control does", async () => {
        const seen = [];
        cloud.add({
            streams: {
                s3: async ({ url, headers: { host } }, response) => {
                    seen.push({ url, host });
                    response.end("here");
                },
            },
        });
        const { host, port } = new URL(cloud.client.endpoint);
        const answer = await new Promise((resolve, reject) => {
            const path = `http://000000000000.127.0.0.1:${port}/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab?x=1`;
            request({ host: "127.0.0.1", port, path, headers: { host: `000000000000.127.0.0.1:${port}` } }, (response) => response.on("data", (bytes) => resolve(String(bytes))))
                .on("error", reject)
                .end();
        });
        expect({ answer, seen }).to.deep.equal({ answer: "here", seen: [{ url: "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab?x=1", host }] });
    });
    describe("refuses a client that signs for another region, which AWS would, so that a program is not tried in the wrong one", () => {
        const refusals = {
            s3: {
                name: "AuthorizationHeaderMalformed",
                message: "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
                status: 400,
            },
            sns: { name: "SignatureDoesNotMatch", message: "Credential should be scoped to a valid region, not 'us-east-1'. ", status: 403 },
            sqs: { name: "SignatureDoesNotMatch", message: "Credential should be scoped to a valid region, not 'us-east-1'. ", status: 403 },
            lambda: {
                name: "InvalidSignatureException",
                message: "Credential should be scoped to a valid region, not 'us-east-1'. ",
                status: 403,
            },
            dynamodb: {
                name: "InvalidSignatureException",
                message: "Credential should be scoped to a valid region, not 'us-east-1'. ",
                status: 400,
            },
        };
        for (const [service, expected] of Object.entries(refusals)) {
            it(service, async () => {
                const elsewhere = await startTestCloud({ region: "eu-west-1" });
                cloud.client.endpoint = elsewhere.client.endpoint;
                expect(await refusal(calls[service]())).to.deep.equal(expected);
                await elsewhere.close();
            });
        }
        it("but not one of a service that is in no region", async () => {
            const elsewhere = await startTestCloud({ region: "eu-west-1" });
            elsewhere.add({ wire: { iam: async () => ({ status: 200, body: "in" }) } });
            const authorization = "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
            const answer = await fetch(elsewhere.client.endpoint, { method: "POST", headers: { authorization } });
            expect(await answer.text()).to.equal("in");
            await elsewhere.close();
        });
    });
    it("does not let two services answer for one name", () => {
        cloud.add({ wire: { sns: async () => ({ status: 200 }) } });
        expect(() => cloud.add({ wire: { sns: async () => ({ status: 200 }) } })).to.throw('two services of the embedded cloud answer for "sns"');
    });
});
