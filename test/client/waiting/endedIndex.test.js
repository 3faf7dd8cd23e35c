import { expect } from "chai";
import { EndedIndex } from "../../../client/waiting/endedIndex";
import { VirtualClock } from "../../../local/clock";
import { errorOf } from "../support";
import { ended, iso, start, tableOf } from "./answeringTable";
const { signal } = new AbortController();
describe("the index of ended jobs", () => {
    it("is read from before the wait began, page by page, then from a little before the newest end, and once a minute from far back", async () => {
        const own = new VirtualClock(start);
        const pages = [{ Items: [ended("a", -3)], LastEvaluatedKey: { jobId: "a" } }, { Items: [ended("b", 1)] }, { Items: [] }, {}];
        const { table, asked } = tableOf(own, ...pages);
        const index = new EndedIndex(table, "client-1");
        const told = [];
        const look = () => index.look(({ jobId }) => told.push(jobId), signal);
        await own.advance(10_000);
        await look();
        await own.advance(20_000);
        await look();
        await own.advance(40_000);
        await look();
        expect(told).to.deep.equal(["a", "b"]);
        const query = (after, ExclusiveStartKey) => ({
            TableName: "jobs",
            IndexName: "ended",
            KeyConditionExpression: "#waiter = :waiter AND #endedAt > :after",
            ExpressionAttributeNames: { "#waiter": "waiter", "#endedAt": "endedAt" },
            ExpressionAttributeValues: { ":waiter": "client-1", ":after": after },
            ExclusiveStartKey,
        });
        expect(asked).to.deep.equal([
            query(iso(-905)),
            query(iso(-905), { jobId: "a" }),
            // Ends are stamped 9 s behind this clock: the newest was of second 1, seen at second 10. Five seconds are read again.
            query(iso(-4)),
            // Of the look before, at second 30, by the same clock; and a quarter of an hour and a minute before that.
            query(iso(21 - 5 - 900 - 60)),
        ]);
    });
    it("is read again as it was after a look that failed half-way", async () => {
        const own = new VirtualClock(start);
        const failure = Object.assign(new Error("no"), { name: "AccessDeniedException" });
        const { table, asked } = tableOf(own, {}, failure, {});
        const index = new EndedIndex(table, "client-1");
        await index.look(() => undefined, signal);
        await own.advance(1000);
        const error = await errorOf(index.look(() => undefined, signal));
        await own.advance(1000);
        await index.look(() => undefined, signal);
        expect(error.advice).to.contain('"dynamodb:Query","Resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/jobs/index/ended"');
        expect(asked.map(({ ExpressionAttributeValues }) => ExpressionAttributeValues[":after"])).to.deep.equal([
            iso(-905),
            iso(-905),
            iso(-905),
        ]);
    });
    it("does not let an end from the future hide those to come", async () => {
        const own = new VirtualClock(start);
        const { table, asked } = tableOf(own, { Items: [ended("future", 3600)] }, {});
        const index = new EndedIndex(table, "client-1");
        await index.look(() => undefined, signal);
        await own.advance(30_000);
        await index.look(() => undefined, signal);
        expect((asked[1]?.["ExpressionAttributeValues"])[":after"]).to.equal(iso(25));
    });
});
