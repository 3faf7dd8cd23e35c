import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { dynamoDbHandler } from "../../aws/dynamoDbHandler";
import { startJobTable } from "../support/jobPorts";
describe("the sweeper's lease in DynamoDB", () => {
    let table;
    before(async () => {
        table = await startJobTable();
    });
    after(() => table.close());
    const take = (owner, now) => table.sweeps.leases.take("sweep", owner, now, now + 60);
    it("is one owner's, who may renew it, until the moment at which it ends", async () => {
        expect([await take("a", 1000), await take("b", 1001), await take("a", 1020)]).to.deep.equal([true, false, true]);
        expect([await take("b", 1079), await take("b", 1080)]).to.deep.equal([false, true]);
    });
    it("is given back by its owner alone: who overslept must not end his successor's", async () => {
        await take("c", 2000);
        await take("d", 2060);
        await table.sweeps.leases.release("sweep", "c").catch(() => undefined);
        expect(await take("e", 2061)).to.equal(false);
        await table.sweeps.leases.release("sweep", "d");
        expect(await take("e", 2062)).to.equal(true);
    });
});
describe("what a handler reads of the table", () => {
    it("is what was written last: an older mark would have an effect in doubt that is done", async () => {
        const asked = [];
        const client = new DynamoDBClient({ region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
        client.middlewareStack.add(() => (args) => {
            asked.push(args.input.ConsistentRead);
            return Promise.resolve({ output: { $metadata: {} }, response: {} });
        }, { step: "initialize", priority: "low" });
        const { marks, records } = dynamoDbHandler(documents, client, "jobs");
        expect([await marks.get("#once/a"), await records.failures("a"), asked]).to.deep.equal([undefined, undefined, [true, true]]);
    });
});
