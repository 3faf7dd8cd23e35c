import { expect } from "chai";
import { sweepFunction } from "../../functions/sweep";
import { violations } from "../support/conforms";
import { openJob } from "../../doubles/jobs";
import { startJobServices } from "../../doubles/jobServices";
import { deployed } from "../support/serialized";
describe("the sweep function, as Lambda runs it", () => {
    let services;
    let handler;
    let remainingMilliseconds;
    const log = [];
    before(async () => {
        services = await startJobServices();
        const settings = {
            endpointName: "ocr",
            bucketName: services.bucketName,
            inputPrefix: "input/",
            outputPrefix: "output/",
            jobTableName: services.tableName,
            jobsTopicArn: services.topicArn,
            notificationsEnabled: true,
            retentionDays: 30,
        };
        handler = await deployed(sweepFunction, { settings, log });
    });
    beforeEach(() => {
        log.length = 0;
        remainingMilliseconds = 300_000;
    });
    after(() => services.close());
    const run = () => handler({}, { getRemainingTimeInMillis: () => remainingMilliseconds });
    const lines = () => log.map((line) => JSON.parse(line));
    const past = "2026-01-25T22:46:00.000Z";
    const now = () => new Date().toISOString();
    it("ends what finished unnoticed, in its own words and the service's, and starts what was left", async () => {
        const times = { createdAt: now(), submittedAt: now(), dueAt: past };
        const done = await services.putObject("output/1.done/result", "[1]", "application/json");
        const failureLocation = await services.putObject("failure/uuid-error.out", '{"error":"too dark"}', "application/json");
        const inputLocation = await services.putObject("input/left/request.json", "1", "application/json");
        await services.putJob(openJob({ jobId: "done", ...times }));
        await services.putJob(openJob({ jobId: "failed", ...times, failureLocation }));
        const { attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt, ...job } = openJob({ jobId: "left", ...times });
        expect([attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt].length).to.equal(6);
        await services.putJob({ ...job, state: "ACCEPTED", inputLocation });
        const report = await run();
        expect([report?.looked, report?.failed, report?.unfinished, report?.count.open]).to.deep.equal([3, 0, false, 3]);
        const records = await Promise.all(["done", "failed", "left"].map(async (jobId) => (await services.job(jobId))));
        expect(records.flatMap((record) => violations("job", record))).to.deep.equal([]);
        expect(records.map(({ state, error }) => [state, error?.code, error?.message])).to.deep.equal([
            ["COMPLETED", undefined, undefined],
            ["FAILED", "MODEL_ERROR", "too dark"],
            ["SUBMITTED", undefined, undefined],
        ]);
        expect([records[0]?.outputLocation, typeof records[0]?.finishedAt]).to.deep.equal([done, "string"]);
        const events = await services.published();
        expect(events.map(({ event }) => event.job.jobId).sort()).to.deep.equal(["done", "failed"]);
        expect(lines().filter(({ message }) => message === "swept").length).to.equal(1);
    });
    it("counts what is open for those who submit, and looks again when the index says so and not before", async () => {
        const report = await run();
        expect([report?.looked, report?.count.states]).to.deep.equal([0, { ACCEPTED: 0, INVOKING: 0, SUBMITTED: 1 }]);
        expect(await services.job("#count")).to.deep.equal(report?.count);
    });
    it("stops in time, so that it is never killed in the middle of its work", async () => {
        await services.putJob(openJob({ jobId: "late", dueAt: past }));
        remainingMilliseconds = 1000;
        const report = await run();
        expect([report?.looked, report?.unfinished]).to.deep.equal([0, true]);
        expect(lines().filter(({ level }) => level === "warn").length).to.equal(1);
    });
});
