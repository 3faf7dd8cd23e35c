import { createRequire } from "node:module";
import { notSupported, ServiceError } from "../wire";
const load = createRequire(__filename);
/** What dynalite does, and all that it does. */
const operations = [
    "BatchGetItem",
    "BatchWriteItem",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeTable",
    "GetItem",
    "ListTables",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
    "UpdateTable",
];
/** Parameters with which a call asks for what happens anyway. */
const neutral = { ReturnValuesOnConditionCheckFailure: "NONE", TableClass: "STANDARD" };
/** Dynalite's own store. @param path of the folder that it keeps everything in. @default in memory */
export function createStore(region, accountId, path) {
    const database = load("dynalite/db");
    const store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, path });
    Object.assign(store.tableDb, { awsRegion: region, awsAccountId: accountId });
    return store;
}
/**
 * Dynalite without its server: the front has read the request already. Its HTTP handler would drop the parameters
 * that it doesn't know; here they are refused.
 */
export class DynamoDbEngine {
    store;
    validations = load("dynalite/validations");
    underWay = new Set();
    closing = false;
    known = new Map();
    constructor(store) {
        this.store = store;
        for (const operation of operations) {
            const file = operation.charAt(0).toLowerCase() + operation.slice(1);
            this.known.set(operation, {
                action: load(`dynalite/actions/${file}`),
                validation: load(`dynalite/validations/${file}`),
            });
        }
    }
    /** @throws ServiceError for an operation or parameter that isn't honoured */
    call(operation, parameters) {
        const found = this.known.get(operation);
        if (!found)
            throw notSupported(`DynamoDB's ${operation}`);
        const { action, validation } = found;
        for (const [name, value] of Object.entries(parameters)) {
            if (!(name in validation.types) && neutral[name] !== value)
                throw notSupported(`"${name}" in DynamoDB's ${operation}`);
        }
        // Dynalite would throw out of a callback, which ends the process.
        if (this.closing)
            throw new ServiceError("InternalServerError", "The embedded cloud is closing.", 500);
        const answer = new Promise((resolve, reject) => {
            const settle = (error, answer) => {
                if (!error)
                    resolve({ status: 200, body: answer });
                else if (error.statusCode !== undefined && error.body !== undefined)
                    resolve({ status: error.statusCode, body: error.body });
                else
                    reject(error);
            };
            try {
                action(this.store, this.checked(validation, parameters), settle);
            }
            catch (error) {
                settle(error, {});
            }
        });
        this.track(answer);
        return answer;
    }
    /** Validates the parameters of a call without making it. @throws ServiceError in the service's words */
    check(operation, parameters) {
        const { validation } = this.known.get(operation);
        try {
            this.checked(validation, parameters);
        }
        catch (error) {
            const { body, message } = error;
            throw new ServiceError(codeOf(body) ?? "ValidationException", messageOf(body) ?? message);
        }
    }
    /** Keys of a table's items, or of those that the parameters of a scan leave. */
    async *keys(TableName, scan = {}) {
        const { body: description } = await this.call("DescribeTable", { TableName });
        const schema = description["Table"].KeySchema;
        let ExclusiveStartKey;
        do {
            const { body: page } = await this.call("Scan", { TableName, ...scan, ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }) });
            for (const item of (page["Items"] ?? [])) {
                yield Object.fromEntries(schema.map(({ AttributeName: name }) => [name, item[name]]));
            }
            ExclusiveStartKey = page["LastEvaluatedKey"];
        } while (ExclusiveStartKey !== undefined);
    }
    checked({ types, custom }, parameters) {
        const data = this.validations.checkTypes({ ...parameters }, types);
        this.validations.checkValidations(data, types, custom, this.store);
        return data;
    }
    track(promise) {
        this.underWay.add(promise);
        void promise.catch(() => undefined).finally(() => this.underWay.delete(promise));
    }
    /** Waits for what is under way, and takes nothing more. */
    async close() {
        this.closing = true;
        await Promise.allSettled(this.underWay);
        await this.store.lifecycleManager.gracefulClose();
    }
}
/** The engine with what dynalite has no operations for: indexes that come and go. */
export class TableEngine extends DynamoDbEngine {
    store;
    constructor(store) {
        super(store);
        this.store = store;
    }
    /**
     * Changes a table's description and the indexes that are no longer in it. Whoever adds an index fills it by {@link reindex}.
     *
     * @param change of what DescribeTable answers
     */
    async redefine(tableName, change) {
        const { tableDb } = this.store;
        const before = await called((done) => tableDb.get(tableName, done));
        const after = change(before);
        await called((done) => tableDb.put(tableName, after, done));
        const kept = indexNames(after, "Global");
        for (const name of indexNames(before, "Global")) {
            if (!kept.includes(name))
                await called((done) => this.store.deleteIndexDb("Global", tableName, name, done));
        }
    }
    /** Makes a table's indexes anew from its items. */
    async rebuild(tableName) {
        const table = await called((done) => this.store.tableDb.get(tableName, done));
        for (const type of ["Local", "Global"]) {
            for (const name of indexNames(table, type))
                await called((done) => this.store.deleteIndexDb(type, tableName, name, done));
        }
        await this.reindex(tableName);
    }
    /** Writes every item into the table's indexes once more, while others read and write. */
    async reindex(TableName) {
        const filling = (async () => {
            for await (const Key of this.keys(TableName)) {
                const [hashKey] = Object.keys(Key);
                const unchanged = { ConditionExpression: "attribute_exists(#key)", ExpressionAttributeNames: { "#key": hashKey } };
                await this.call("UpdateItem", { TableName, Key, ...unchanged });
            }
        })();
        this.track(filling);
        await filling;
    }
}
/** An error's code, without the namespace before it. */
export function codeOf(body) {
    const type = body?.["__type"];
    return typeof type === "string" ? type.split("#").at(-1) : undefined;
}
/** An error's words; undefined where the engine has none. */
export function messageOf(body) {
    const message = body?.["message"] ?? body?.["Message"];
    return typeof message === "string" && message !== "" ? message : undefined;
}
function indexNames(table, type) {
    return (table[`${type}SecondaryIndexes`] ?? []).map(({ IndexName }) => IndexName);
}
function called(call) {
    return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
}
