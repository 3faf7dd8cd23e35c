import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { dynamoDbJobs } from "../../aws/dynamoDbJobs";
import { jobTable } from "../../core/records/table";
import { startJobServices } from "../../doubles/jobServices";
import { openJob } from "../../doubles/jobs";
describe("the job table in DynamoDB", () => {
    let services;
    let client;
    let jobs;
    before(async () => {
        services = await startJobServices();
        client = new DynamoDBClient({});
        jobs = dynamoDbJobs(documents, client, services.tableName);
    });
    after(async () => {
        client.destroy();
        await services.close();
    });
    async function indexed(name, key) {
        const { hashKey } = jobTable.indexes[name];
        const { Items = [] } = await services.documents.send(new documents.QueryCommand({
            TableName: services.tableName,
            IndexName: name,
            KeyConditionExpression: "#key = :key",
            ExpressionAttributeNames: { "#key": hashKey },
            ExpressionAttributeValues: { ":key": key },
        }));
        return Items.map((item) => item["jobId"]);
    }
    it("gives an id to one job only", async () => {
        const job = openJob({ jobId: "taken" });
        expect([await jobs.create(job), await jobs.create({ ...job, state: "ACCEPTED" })]).to.deep.equal([true, false]);
        expect(await jobs.get("taken")).to.deep.equal(job);
        expect(await jobs.get("free")).to.equal(undefined);
    });
    it("shows a job where somebody looks for it, for as long as there is something to look for", async () => {
        const job = openJob({ jobId: "found", waiter: "client-1", dueShard: 7, createdDay: "2026-02-01" });
        await jobs.create(job);
        const where = async () => [await indexed("due", 7), await indexed("ended", "client-1"), await indexed("created", "2026-02-01")];
        expect(await where()).to.deep.equal([["found"], [], ["found"]]);
        await jobs.change("found", { states: ["SUBMITTED"] }, { set: { state: "FAILED", endedAt: job.createdAt } });
        expect(await where()).to.deep.equal([["found"], ["found"], ["found"]]);
        await jobs.change("found", { states: ["FAILED"] }, { set: { announcedAt: job.createdAt }, remove: ["dueAt", "dueShard"] });
        expect(await where()).to.deep.equal([[], ["found"], ["found"]]);
    });
    for (const [what, expected] of [
        ["its state is another", { states: ["INVOKING"] }],
        ["its attempt is another", { states: ["SUBMITTED"], attempt: 1 }],
        ["its attempt is older", { states: ["SUBMITTED"], attemptAtLeast: 3 }],
        ["it lacks what must be there", { states: ["SUBMITTED"], present: "refusal" }],
        ["it has what must not be there", { states: ["SUBMITTED"], absent: "submittedAt" }],
    ]) {
        it(`changes nothing of a job when ${what}`, async () => {
            const job = openJob({ jobId: what.replaceAll(" ", "-"), attempt: 2 });
            await jobs.create(job);
            expect(await jobs.change(job.jobId, expected, { set: { state: "FAILED" } })).to.equal(undefined);
            expect(await jobs.get(job.jobId)).to.deep.equal(job);
        });
    }
    it("changes what is as expected, and only what was asked for", async () => {
        const { submittedAt, ...job } = openJob({ jobId: "changed", attempt: 2 });
        await jobs.create({ ...job, submittedAt });
        const expected = {
            states: ["INVOKING", "SUBMITTED"],
            attemptAtLeast: 1,
            present: "submittedAt",
            absent: "error",
        };
        const changed = await jobs.change("changed", expected, {
            set: { state: "INVOKING", outputLocation: undefined },
            remove: ["submittedAt"],
        });
        expect(changed).to.deep.equal({ ...job, state: "INVOKING" });
        expect(await jobs.get("changed")).to.deep.equal(changed);
    });
    it("reads what was written last: an older record would start an attempt again", async () => {
        const asked = [];
        const watched = new DynamoDBClient({});
        watched.middlewareStack.add((next) => (args) => {
            asked.push(args.input.ConsistentRead);
            return next(args);
        }, { step: "initialize" });
        await dynamoDbJobs(documents, watched, services.tableName).get("free");
        watched.destroy();
        // The double has no replicas that could lag behind.
        expect(asked).to.deep.equal([true]);
    });
    it("never makes a job by changing one that isn't there", async () => {
        expect(await jobs.change("ghost", { states: ["SUBMITTED"] }, { set: { state: "FAILED" } })).to.equal(undefined);
        expect(await jobs.get("ghost")).to.equal(undefined);
    });
});
