/** How often expired items are looked for. The service promises days and takes minutes. */
const sweepMilliseconds = 60_000;
/** Items that expired longer ago are left alone, as the service leaves them. */
const fiveYearsSeconds = 5 * 365 * 86_400;
/** Time to live by the cloud's clock. */
export class Expiry {
    engine;
    clock;
    attributes;
    timer;
    sweeping = Promise.resolve();
    closed = false;
    /** @param attributes of the tables that have one, by table */
    constructor(engine, clock, attributes) {
        this.engine = engine;
        this.clock = clock;
        this.attributes = attributes;
    }
    /** From the first table that has one. */
    start() {
        this.timer ??= this.clock.setTimeout(() => this.sweep(), sweepMilliseconds);
    }
    async close() {
        this.closed = true;
        this.clock.clearTimeout(this.timer);
        await this.sweeping;
    }
    sweep() {
        this.sweeping = this.expireAll().finally(() => {
            if (!this.closed)
                this.timer = this.clock.setTimeout(() => this.sweep(), sweepMilliseconds);
        });
    }
    async expireAll() {
        for (const [tableName, ttlAttribute] of this.attributes())
            await this.expire(tableName, ttlAttribute);
    }
    async expire(TableName, ttlAttribute) {
        const now = Math.floor(this.clock.now() / 1000);
        const expired = {
            ExpressionAttributeNames: { "#ttl": ttlAttribute },
            ExpressionAttributeValues: { ":now": { N: String(now) }, ":old": { N: String(now - fiveYearsSeconds) } },
        };
        const condition = "#ttl < :now AND #ttl > :old";
        for await (const Key of this.engine.keys(TableName, { ...expired, FilterExpression: condition })) {
            // An item that was given more time meanwhile stays.
            await this.engine.call("DeleteItem", { TableName, Key, ...expired, ConditionExpression: condition });
        }
    }
}
