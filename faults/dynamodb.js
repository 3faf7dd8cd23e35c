import { createRequire } from "node:module";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { DynamoDbEngine } from "../local/dynamodb/engine";
import { serviceError } from "./sdk";
const load = createRequire(__filename);
const { matchesExprFilter } = load("dynalite/db");
/** Parses a call's expressions and leaves them in the call; answers with what is wrong with them. */
const { validateExpressions } = load("dynalite/validations");
/**
 * DynamoDB in memory: dynalite's own validation, condition and update expressions over a store that answers at once.
 * What it answers is held to real dynalite by a property test.
 */
export class DynamoDbDouble {
    table;
    now;
    conditionalWrites;
    later;
    history = [];
    items = new Map();
    /** What the indexes know: they follow the table. */
    indexed = new Map();
    engine;
    /** Items as the document client reads them: each is read many times, and written once. */
    records = new WeakMap();
    writer = "";
    /** Called with the key of each item that is read, and by whom. */
    onRead = () => undefined;
    /** Called with each write that was applied. */
    onWrite = () => undefined;
    constructor(table, now, 
    /** Without, every condition holds: what the check of the check needs. */
    conditionalWrites = true, 
    /** Runs something when an index has caught up. */
    later = (run) => run()) {
        this.table = table;
        this.now = now;
        this.conditionalWrites = conditionalWrites;
        this.later = later;
        this.engine = new DynamoDbEngine(this.store());
    }
    /** The record with a key, as the document client reads it. */
    item(key) {
        return this.read(this.items.get(key));
    }
    read(item) {
        if (item === undefined)
            return undefined;
        const record = this.records.get(item) ?? unmarshalled(item);
        this.records.set(item, record);
        return record;
    }
    /** Every key there is. */
    keys() {
        return [...this.items.keys()];
    }
    operations = {
        Get: (input, { caller }) => {
            this.onRead(String(input["Key"]["jobId"]), caller.functionName);
            return this.call("GetItem", input);
        },
        Put: (input, { caller }) => this.write("PutItem", input, caller),
        Update: (input, { caller }) => this.write("UpdateItem", input, caller),
        Delete: (input, { caller }) => this.write("DeleteItem", input, caller),
        Query: async (input) => this.query(input),
    };
    write(operation, input, caller) {
        this.writer = caller.functionName;
        if (this.conditionalWrites)
            return this.call(operation, input);
        const { ConditionExpression: ignored, ...rest } = input;
        return this.call(operation, unused(rest, String(ignored)));
    }
    async call(operation, input) {
        const { status, body } = await this.engine.call(operation, wired(input));
        if (status === 200)
            return plain(body);
        throw serviceError(String(body["__type"]).split("#").at(-1), String(body["message"] ?? body["Message"]), status);
    }
    /** Over a sparse index, in the order of its range key; every projected attribute is there to read. */
    query(input) {
        const index = this.table.GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === input["IndexName"]);
        if (!index)
            throw serviceError("ValidationException", `The table does not have the specified index: ${String(input["IndexName"])}`, 400);
        const keys = index.KeySchema.map(({ AttributeName }) => AttributeName);
        const range = keys[1];
        const tableKey = this.table.KeySchema[0].AttributeName;
        const parsed = wired(input);
        const problem = validateExpressions(parsed);
        if (problem !== undefined)
            throw serviceError("ValidationException", problem, 400);
        const from = parsed["ExclusiveStartKey"];
        const matching = (condition) => (item) => condition === undefined || matchesExprFilter(item, condition.expression);
        const orderOf = (item) => `${String(Object.values(item[range] ?? {})[0])}\u0000${String(item[tableKey]?.["S"])}`;
        const direction = input["ScanIndexForward"] === false ? -1 : 1;
        const compare = (one, other) => orderOf(one) < orderOf(other) ? -direction : orderOf(one) > orderOf(other) ? direction : 0;
        const rest = [...this.indexed.values()]
            .filter((item) => keys.every((key) => key in item) && matching(parsed._keyCondition)(item))
            .filter((item) => from === undefined || compare(item, from) > 0)
            .sort(compare);
        const limit = input["Limit"] ?? 1000;
        const page = rest.slice(0, limit);
        const last = page.at(-1);
        const shown = page.filter(matching(parsed._filter)).map((item) => projected(item, index.Projection, [...keys, tableKey]));
        return {
            ...(input["Select"] === "COUNT" ? {} : { Items: shown.map((item) => unmarshalled(item)) }),
            Count: shown.length,
            ScannedCount: page.length,
            // A full page is never known to be the last.
            ...(page.length === limit && last
                ? { LastEvaluatedKey: unmarshall(Object.fromEntries([...keys, tableKey].map((key) => [key, last[key]]))) }
                : {}),
        };
    }
    /** What dynalite's actions ask of a store, answered synchronously: a call is one step of the simulation. */
    store() {
        const { items } = this;
        // Indexes are not kept but looked up: the actions then have nothing to do for them.
        const table = { ...this.table, TableStatus: "ACTIVE", GlobalSecondaryIndexes: undefined };
        // The table has no range key: dynalite's key is one way to write the hash key.
        const byKey = {
            lock: (_key, run) => run((callback) => callback),
            get(key, callback) {
                const item = items.get(keyIn(key));
                if (item)
                    callback(null, item);
                else
                    callback(Object.assign(new Error("not found"), { name: "NotFoundError" }));
            },
            put: (key, item, callback) => {
                this.record(keyIn(key), items.get(keyIn(key)), item);
                items.set(keyIn(key), item);
                this.later(() => this.index(keyIn(key)));
                callback(null);
            },
            del: (key, callback) => {
                this.record(keyIn(key), items.get(keyIn(key)), undefined);
                items.delete(keyIn(key));
                this.later(() => this.index(keyIn(key)));
                callback(null);
            },
        };
        const store = {
            options: { maxItemSize: 400 * 1024 },
            tableDb: { awsAccountId: "", awsRegion: "" },
            lifecycleManager: { gracefulClose: () => Promise.resolve() },
            getTable: (_name, callback) => callback(null, table),
            getItemDb: () => byKey,
        };
        return store;
    }
    index(key) {
        const item = this.items.get(key);
        if (item)
            this.indexed.set(key, item);
        else
            this.indexed.delete(key);
    }
    record(key, before, after) {
        const write = { at: this.now(), by: this.writer, key, before: this.read(before), after: this.read(after) };
        this.history.push(write);
        this.onWrite(write);
    }
}
/** Dynalite writes a string key as `<prefix>/<hexadecimal digits>/`. */
function keyIn(key) {
    return Buffer.from(key.split("/")[1] ?? "", "hex").toString();
}
function projected(item, { ProjectionType, NonKeyAttributes = [] }, keys) {
    if (ProjectionType === "ALL")
        return item;
    return Object.fromEntries(Object.entries(item).filter(([name]) => keys.includes(name) || NonKeyAttributes.includes(name)));
}
const documents = ["Item", "Key", "ExpressionAttributeValues", "ExclusiveStartKey"];
/** A document client's input in DynamoDB's JSON. */
function wired(input) {
    const marshalled = (value) => {
        const item = Object.entries(marshall(value, { removeUndefinedValues: true }));
        return Object.fromEntries(item.map(([name, of]) => [name, "B" in of ? { B: Buffer.from(of["B"]).toString("base64") } : of]));
    };
    return Object.fromEntries(given(input).map(([name, value]) => [name, documents.includes(name) ? marshalled(value) : value]));
}
/** DynamoDB's answer as a document client reads it. */
function plain(body) {
    return Object.fromEntries(given(body).map(([name, value]) => [name, ["Item", "Attributes"].includes(name) ? unmarshalled(value) : value]));
}
/** Bytes are text on the wire, and in the table behind it. */
function unmarshalled(item) {
    const read = Object.entries(item).map(([name, value]) => [name, "B" in value ? { B: Buffer.from(String(value["B"]), "base64") } : value]);
    return unmarshall(Object.fromEntries(read));
}
/** As over the wire: what is undefined is not there. */
function given(object) {
    return Object.entries(object).filter(([, value]) => value !== undefined);
}
/** Without its condition a call may not name what only the condition used. */
function unused(input, condition) {
    const text = input["UpdateExpression"] ?? "";
    const kept = (of) => {
        const named = Object.entries((of ?? {})).filter(([name]) => !new RegExp(`${name}\\b`).test(condition) || new RegExp(`${name}\\b`).test(text));
        return named.length === 0 ? undefined : Object.fromEntries(named);
    };
    return {
        ...input,
        ExpressionAttributeNames: kept(input["ExpressionAttributeNames"]),
        ExpressionAttributeValues: kept(input["ExpressionAttributeValues"]),
    };
}
