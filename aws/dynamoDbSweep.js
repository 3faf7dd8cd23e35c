import { jobTable } from "../core/records/table";
import { documentClient, happened } from "./documents";
/**
 * What the sweeper alone uses of the job table in DynamoDB: the due index, its lease and its count.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbSweep(library, client, tableName) {
    const documents = documentClient(library, client);
    async function put(item, condition, values) {
        const names = condition === undefined ? undefined : { "#owner": "owner", ...(condition.includes("#until") ? { "#until": "until" } : {}) };
        const command = new library.PutCommand({
            TableName: tableName,
            Item: item,
            ConditionExpression: condition,
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
        });
        return happened(documents.send(command));
    }
    return {
        due: {
            async page(shard, { until, limit, after }) {
                const { Items = [], LastEvaluatedKey } = await documents.send(new library.QueryCommand({
                    TableName: tableName,
                    IndexName: jobTable.indexes.due.name,
                    KeyConditionExpression: `#shard = :shard${until === undefined ? "" : " AND #due <= :until"}`,
                    ExpressionAttributeNames: {
                        "#shard": jobTable.indexes.due.hashKey,
                        ...(until === undefined ? {} : { "#due": jobTable.indexes.due.rangeKey }),
                    },
                    ExpressionAttributeValues: { ":shard": shard, ":until": until },
                    Limit: limit,
                    ExclusiveStartKey: after,
                }));
                return { entries: Items, next: LastEvaluatedKey };
            },
        },
        leases: {
            take(name, owner, now, until) {
                const isFree = "attribute_not_exists(#until) OR #until <= :now OR #owner = :owner";
                return put({ jobId: `#lease/${name}`, owner, until }, isFree, { ":owner": owner, ":now": now });
            },
            async release(name, owner) {
                await put({ jobId: `#lease/${name}`, owner }, "#owner = :owner", { ":owner": owner });
            },
        },
        counts: {
            async put(count) {
                await put(count);
            },
        },
    };
}
