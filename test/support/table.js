import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createStore, DynamoDbEngine } from "../../local/dynamodb/engine";
/**
 * A client of a DynamoDB of its own, which really judges conditions: the SDK writes and reads its calls as always, and dynalite's engine
 * answers them in this process, without sockets and signatures.
 */
export function inProcessDynamoDb() {
    const region = "eu-west-1";
    const engine = new DynamoDbEngine(createStore(region, "000000000000"));
    const handle = async ({ headers, body }) => {
        const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
        const answer = await engine.call(operation, JSON.parse(Buffer.from(body).toString()));
        const text = Buffer.from(JSON.stringify(answer.body));
        return { response: { statusCode: answer.status, headers: { "content-type": "application/x-amz-json-1.0" }, body: text } };
    };
    return new DynamoDBClient({
        region,
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
        signer: { sign: (request) => Promise.resolve(request) },
        requestHandler: { handle, destroy: () => void engine.close() },
    });
}
