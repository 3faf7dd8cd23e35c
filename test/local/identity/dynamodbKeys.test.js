import { expect } from "chai";
import { dynamodbKeys } from "../../../local/identity/actions/dynamodbKeys";
const jobId = { S: "order-1" };
describe("what a call of DynamoDB tells policies", () => {
    const cases = [
        [
            "whose item is read, and that all of it is",
            "GetItem",
            { Key: { jobId } },
            "jobId",
            { "dynamodb:leadingkeys": ["order-1"], "dynamodb:attributes": ["jobId"], "dynamodb:select": "ALL_ATTRIBUTES" },
        ],
        [
            "which attributes are asked for, by their own names",
            "GetItem",
            { Key: { jobId }, ProjectionExpression: "#failures.a[0].b, state", ExpressionAttributeNames: { "#failures": "handlerFailures" } },
            "jobId",
            {
                "dynamodb:leadingkeys": ["order-1"],
                "dynamodb:attributes": ["handlerFailures", "state", "jobId"],
                "dynamodb:select": "SPECIFIC_ATTRIBUTES",
            },
        ],
        [
            "what is changed and looked at, no word, function or value among it, and what is answered",
            "UpdateItem",
            {
                Key: { jobId },
                UpdateExpression: "SET #f.#h = if_not_exists(count, :zero), b = :b REMOVE c[1]",
                ConditionExpression: "attribute_exists(#f) AND NOT (endedAt BETWEEN :a AND :b)",
                ExpressionAttributeNames: { "#f": "handlerFailures", "#h": "print" },
                ExpressionAttributeValues: { ":a": { S: "x" } },
                ReturnValues: "ALL_NEW",
            },
            "jobId",
            {
                "dynamodb:leadingkeys": ["order-1"],
                "dynamodb:attributes": ["handlerFailures", "endedAt", "count", "b", "c", "jobId"],
                "dynamodb:returnvalues": "ALL_NEW",
            },
        ],
        [
            "what is written whole",
            "PutItem",
            { Item: { jobId, state: { S: "OPEN" } } },
            "jobId",
            { "dynamodb:leadingkeys": ["order-1"], "dynamodb:attributes": ["jobId", "state"] },
        ],
        [
            "which partition of an index is queried",
            "Query",
            {
                IndexName: "due",
                KeyConditionExpression: "#s = :s AND dueAt <= :now",
                ExpressionAttributeNames: { "#s": "dueShard" },
                ExpressionAttributeValues: { ":s": { N: "3" }, ":now": { S: "t" } },
                Select: "COUNT",
            },
            "dueShard",
            { "dynamodb:leadingkeys": ["3"], "dynamodb:attributes": ["dueShard", "dueAt"], "dynamodb:select": "COUNT" },
        ],
        [
            "every item of a batch",
            "BatchWriteItem",
            { Writes: [{ PutRequest: { Item: { jobId, a: { N: "1" } } } }, { DeleteRequest: { Key: { jobId: { S: "order-2" } } } }] },
            "jobId",
            { "dynamodb:leadingkeys": ["order-1", "order-2"], "dynamodb:attributes": ["jobId", "a"] },
        ],
        ["nothing of whose items a scan reads", "Scan", {}, "jobId", { "dynamodb:select": "ALL_ATTRIBUTES" }],
        [
            "nothing of items of a table that is not there",
            "GetItem",
            { Key: { jobId }, ReturnConsumedCapacity: "TOTAL" },
            undefined,
            { "dynamodb:attributes": ["jobId"], "dynamodb:select": "ALL_ATTRIBUTES", "dynamodb:returnconsumedcapacity": "TOTAL" },
        ],
    ];
    for (const [what, operation, input, hashKey, expected] of cases) {
        it(what, () => {
            expect(dynamodbKeys(operation, input, hashKey)).to.deep.equal(expected);
        });
    }
});
