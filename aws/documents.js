/**
 * A client of the job table, which leaves out what is undefined.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function documentClient(library, client) {
    return library.DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
/** What a conditional write answers; undefined when its condition failed. (ALL_OLD on failure would save a read, but not every DynamoDB has it.) */
export async function unlessConditionFailed(write) {
    try {
        return await write;
    }
    catch (error) {
        if (error.name === "ConditionalCheckFailedException")
            return undefined;
        throw error;
    }
}
/** Whether a conditional write happened. */
export async function happened(write) {
    return (await unlessConditionFailed(write)) !== undefined;
}
