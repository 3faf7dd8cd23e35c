import { documentClient, happened } from "./documents";
/**
 * What users' handlers use of the job table in DynamoDB: marks of their effects, and their failures in jobs' records.
 *
 * Names no other attribute than `jobId`, `endedAt` and `handlerFailures` of a record, and returns none: a handler's role is held to that.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbHandler(library, client, tableName) {
    const documents = documentClient(library, client);
    const table = {
        name: tableName,
        documents,
        at: (jobId) => ({ TableName: tableName, Key: { jobId } }),
        change(key, condition, update, names, values) {
            const expressions = { ConditionExpression: condition, UpdateExpression: update };
            const placeholders = { ExpressionAttributeNames: names, ExpressionAttributeValues: values };
            return happened(documents.send(new library.UpdateCommand({ ...table.at(key), ...expressions, ...placeholders })));
        },
    };
    return { marks: onceMarks(library, table), records: handlerRecords(library, table) };
}
function onceMarks(library, { name, documents, at, change }) {
    return {
        begin(mark) {
            const put = { TableName: name, Item: mark, ConditionExpression: "attribute_not_exists(jobId)" };
            return happened(documents.send(new library.PutCommand(put)));
        },
        async get(key) {
            const { Item } = await documents.send(new library.GetCommand({ ...at(key), ConsistentRead: true }));
            return Item;
        },
        async finish(key, doneAt, owner) {
            const names = { "#doneAt": "doneAt", "#owner": "owner" };
            await change(key, "#owner = :owner", "SET #doneAt = :doneAt", names, { ":doneAt": doneAt, ":owner": owner });
        },
        async forget(key, owner) {
            const condition = { ConditionExpression: "#owner = :owner", ExpressionAttributeNames: { "#owner": "owner" } };
            await happened(documents.send(new library.DeleteCommand({ ...at(key), ...condition, ExpressionAttributeValues: { ":owner": owner } })));
        },
    };
}
function handlerRecords(library, { documents, at, change }) {
    return {
        async failures(jobId) {
            const get = new library.GetCommand({ ...at(jobId), ConsistentRead: true, ProjectionExpression: "handlerFailures" });
            const { Item } = await documents.send(get);
            return Item?.["handlerFailures"];
        },
        async failed({ jobId, endedAt }, handlerName, failure) {
            const one = "#failures.#handler";
            const names = { "#failures": "handlerFailures", "#endedAt": "endedAt" };
            const named = { ...names, "#handler": handlerName };
            const first = { ...failure, count: 1 };
            const same = "#endedAt = :endedAt AND";
            const times = { ...named, "#error": "error", "#at": "at", "#count": "count" };
            const more = `SET ${one}.#error = :error, ${one}.#at = :at, ${one}.#count = ${one}.#count + :one`;
            const moreValues = { ":endedAt": endedAt, ":error": failure.error, ":at": failure.at, ":one": 1 };
            if (await change(jobId, `${same} attribute_exists(${one})`, more, times, moreValues))
                return;
            const none = "attribute_exists(#failures) AND attribute_not_exists(#failures.#handler)";
            const values = { ":endedAt": endedAt, ":first": first };
            // Handlers fail side by side: whoever is first makes the map.
            for (let tries = 0; tries < 2; tries++) {
                if (await change(jobId, `${same} ${none}`, `SET ${one} = :first`, named, values))
                    return;
                const map = { ":endedAt": endedAt, ":map": { [handlerName]: first } };
                if (await change(jobId, `${same} attribute_not_exists(#failures)`, "SET #failures = :map", names, map))
                    return;
            }
        },
        async recovered({ jobId, endedAt }, handlerName) {
            const names = { "#failures": "handlerFailures", "#handler": handlerName, "#endedAt": "endedAt" };
            const condition = "#endedAt = :endedAt AND attribute_exists(#failures.#handler)";
            await change(jobId, condition, "REMOVE #failures.#handler", names, { ":endedAt": endedAt });
        },
    };
}
