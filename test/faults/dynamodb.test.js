import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import dynalite from "dynalite";
import * as fc from "fast-check";
import { DynamoDbDouble } from "../../faults/dynamodb";
import { jobTable } from "../../core/records/table";
import { createJobTable } from "../../doubles/jobServices";
const tableName = "jobs";
const table = {
    TableName: tableName,
    AttributeDefinitions: jobTable.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: [{ AttributeName: "jobId", KeyType: "HASH" }],
    GlobalSecondaryIndexes: Object.values(jobTable.indexes).map((index) => ({
        IndexName: index.name,
        KeySchema: [
            { AttributeName: index.hashKey, KeyType: "HASH" },
            { AttributeName: index.rangeKey, KeyType: "RANGE" },
        ],
        Projection: {
            ProjectionType: index.projectionType,
            ...("nonKeyAttributes" in index ? { NonKeyAttributes: [...index.nonKeyAttributes] } : {}),
        },
    })),
};
const key = fc.constantFrom("a", "b", "#c");
const state = fc.constantFrom("ACCEPTED", "INVOKING", "COMPLETED");
const attempt = fc.integer({ min: 1, max: 4 });
const names = { "#state": "state", "#attempt": "attempt", "#mark": "mark", "#dueAt": "dueAt" };
const conditions = fc.constantFrom("attribute_not_exists(jobId)", "attribute_exists(jobId) AND #attempt >= :number", "#state IN (:text, :other) AND #attempt = :number", "attribute_not_exists(#mark) OR #mark < :number", "NOT (#state = :text) AND attribute_exists(#attempt)", "begins_with(#state, :text) AND #attempt BETWEEN :number AND :big", "#state <> :text AND contains(#state, :other)");
const updates = fc.constantFrom("SET #state = :text, #attempt = :number REMOVE #mark", "SET #mark = if_not_exists(#mark, :number), #dueAt = :due", "ADD #attempt :number SET #state = :other", "SET #attempt = #attempt + :number", "REMOVE #dueAt, #mark");
/** Only what a text uses may be named. */
function used(text, all) {
    const entries = Object.entries(all).filter(([name]) => new RegExp(`${name}(?![A-Za-z])`).test(text));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
const write = fc.record({ key, state, other: state, attempt, condition: fc.option(conditions), update: updates }).chain((given) => {
    // The order of items with the same range key is nobody's promise.
    const due = `${given.other}-${given.key}`;
    const values = { ":text": given.state, ":other": given.other, ":due": due, ":number": given.attempt, ":big": 9 };
    const expressions = (update) => {
        const text = `${given.condition ?? ""} ${update ?? ""}`;
        return {
            ...(given.condition === null ? {} : { ConditionExpression: given.condition }),
            ...(update === undefined ? {} : { UpdateExpression: update }),
            ExpressionAttributeNames: used(text, names),
            ExpressionAttributeValues: used(text, values),
        };
    };
    const Key = { jobId: given.key };
    const Item = { ...Key, state: given.state, attempt: given.attempt, dueShard: 1, dueAt: due, nested: { list: [1, "x", null, true] } };
    return fc.constantFrom({ operation: "Put", input: { Item, ...expressions() } }, { operation: "Update", input: { Key, ...expressions(given.update), ReturnValues: "ALL_NEW" } }, { operation: "Delete", input: { Key, ...expressions() } });
});
const read = fc.oneof(key.map((jobId) => ({ operation: "Get", input: { Key: { jobId }, ConsistentRead: true } })), fc.record({ forward: fc.boolean(), limit: fc.integer({ min: 1, max: 3 }), until: state }).map(({ forward, limit, until }) => ({
    operation: "Query",
    input: {
        IndexName: "due",
        KeyConditionExpression: "dueShard = :shard AND dueAt <= :until",
        ExpressionAttributeValues: { ":shard": 1, ":until": until },
        ScanIndexForward: forward,
        Limit: limit,
    },
})));
/** What a caller sees of a call: its answer without the transport's own, or its error. */
async function seen(call) {
    try {
        const { $metadata: _transport, ...answer } = (await call());
        return answer;
    }
    catch (error) {
        const { name, message, $metadata } = error;
        return { name, message, status: $metadata.httpStatusCode };
    }
}
describe("the simulator's DynamoDB", () => {
    it("answers every sequence of calls as dynalite does, conditions that fail included", async () => {
        const server = dynalite({ createTableMs: 0 });
        await once(server.listen(0, "127.0.0.1"), "listening");
        const client = new DynamoDBClient({
            endpoint: `http://127.0.0.1:${server.address().port}`,
            region: "eu-west-1",
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
            maxAttempts: 1,
        });
        const real = documents.DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
        const commands = {
            Put: documents.PutCommand,
            Update: documents.UpdateCommand,
            Get: documents.GetCommand,
            Delete: documents.DeleteCommand,
            Query: documents.QueryCommand,
        };
        await createJobTable(client, tableName);
        const caller = { functionName: "test", alive: true, jobId: undefined, kill: () => undefined };
        try {
            await fc.assert(fc.asyncProperty(fc.array(fc.oneof(write, write, read), { minLength: 5, maxLength: 25 }), async (steps) => {
                const double = new DynamoDbDouble(table, () => 0);
                for (const jobId of ["a", "b", "#c"])
                    await real.send(new documents.DeleteCommand({ TableName: tableName, Key: { jobId } }));
                for (const { operation, input } of steps) {
                    const call = { TableName: tableName, ...input };
                    const Command = commands[operation];
                    const answer = await seen(() => double.operations[operation]?.(call, { headers: {}, caller }));
                    expect(answer).to.deep.equal(await seen(() => real.send(new Command(call))), JSON.stringify({ operation, input }));
                }
            }), { numRuns: 60 });
        }
        finally {
            client.destroy();
            server.close();
        }
    });
});
