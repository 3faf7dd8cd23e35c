import { text } from "./table";
const expressions = ["ProjectionExpression", "ConditionExpression", "FilterExpression", "KeyConditionExpression", "UpdateExpression"];
const words = new Set(["SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"]);
/** Lists of names, and maps by name, of the days before expressions. */
const nameLists = ["AttributesToGet"];
const nameMaps = ["Key", "Item", "Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter"];
const reads = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);
/**
 * What a call on one table tells policies: whose items, which of their attributes, and what of them is answered.
 *
 * A read that names no attributes asks for all of them, and says so in `dynamodb:Select`.
 *
 * @param input parameters of a call, or of one table of a batch
 * @param hashKey of the table, or of the index that is read; without one nothing is said of whose items
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function dynamodbKeys(operation, input, hashKey) {
    const names = (input["ExpressionAttributeNames"] ?? {});
    const leading = hashKey === undefined ? [] : leadingKeys(input, hashKey, names);
    const attributes = attributeNames(input, names);
    const named = input["ProjectionExpression"] ?? input["AttributesToGet"];
    const select = text(input, "Select") || (named === undefined ? "ALL_ATTRIBUTES" : "SPECIFIC_ATTRIBUTES");
    return {
        ...(leading.length > 0 && { "dynamodb:leadingkeys": leading }),
        ...(attributes.length > 0 && { "dynamodb:attributes": attributes }),
        ...(reads.has(operation) && { "dynamodb:select": select }),
        ...(typeof input["ReturnValues"] === "string" && { "dynamodb:returnvalues": input["ReturnValues"] }),
        ...(typeof input["ReturnConsumedCapacity"] === "string" && { "dynamodb:returnconsumedcapacity": input["ReturnConsumedCapacity"] }),
    };
}
function leadingKeys(input, hashKey, names) {
    const items = [input["Key"], input["Item"], ...itemsOf(input)].flatMap((item) => valueOf(item?.[hashKey]));
    const values = (input["ExpressionAttributeValues"] ?? {});
    const equalities = text(input, "KeyConditionExpression").matchAll(/(#?\w+)\s*=\s*(:\w+)/g);
    const queried = [...equalities].flatMap(([, name = "", value = ""]) => ((names[name] ?? name) === hashKey ? valueOf(values[value]) : []));
    const old = input["KeyConditions"]?.[hashKey];
    return [...items, ...queried, ...(old?.AttributeValueList ?? []).flatMap(valueOf)];
}
/** Of one table of a batch. */
function itemsOf(input) {
    const writes = (input["Writes"] ?? []);
    return [
        ...(input["Keys"] ?? []),
        ...writes.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key),
    ];
}
function attributeNames(input, names) {
    const inExpressions = expressions.flatMap((name) => topLevelNames(text(input, name), names));
    const inLists = nameLists.flatMap((name) => (input[name] ?? []));
    const inMaps = [...nameMaps.map((name) => input[name]), ...itemsOf(input)].flatMap((map) => Object.keys(map ?? {}));
    return [...new Set([...inExpressions, ...inLists, ...inMaps])];
}
/** The attributes that an expression is about: `#a.b[0]` is about the first. Functions and values are none. */
function topLevelNames(expression, names) {
    const paths = expression.match(/[:#]?\w+(?:\.#?\w+|\[\d+\])*(?:\s*\()?/g) ?? [];
    return paths
        .filter((path) => !path.startsWith(":") && !path.endsWith("(") && !/^\d/.test(path) && !words.has(path.toUpperCase()))
        .map((path) => path.replace(/[.[].*$/s, ""))
        .map((name) => names[name] ?? name);
}
function valueOf(value) {
    return Object.values(value ?? {}).map(String);
}
