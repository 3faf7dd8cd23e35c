import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createStore, DynamoDbEngine, type Document } from "../../local/dynamodb/engine";

/** What the SDK asks of a transport, as far as a table's client does. */
interface Request {
  headers: Record<string, string>;
  body: Uint8Array;
}

/**
 * A client of a DynamoDB of its own, which really judges conditions: the SDK writes and reads its calls as always, and dynalite's engine
 * answers them in this process, without sockets and signatures.
 */
export function inProcessDynamoDb(): DynamoDBClient {
  const region = "eu-west-1";
  const engine = new DynamoDbEngine(createStore(region, "000000000000"));
  const handle = async ({ headers, body }: Request) => {
    const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
    const answer = await engine.call(operation, JSON.parse(new TextDecoder().decode(body)) as Document);
    const text = Buffer.from(JSON.stringify(answer.body));
    return { response: { statusCode: answer.status, headers: { "content-type": "application/x-amz-json-1.0" }, body: text } };
  };
  return new DynamoDBClient({
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    signer: { sign: (request: unknown) => Promise.resolve(request) } as never,
    requestHandler: { handle, destroy: () => void engine.close() } as never,
  });
}
