import { expect } from "chai";
import { ScaledClock } from "../../../local/clock";
import { drawPlan } from "../../../local/faults/plan";
import { CloudUnderTest, ServiceUnderTest } from "../../support/service";
/** How often an application sends a job again that was not taken. */
const tries = 8;
async function submitted(service, request) {
    for (let left = tries; left > 0; left--) {
        try {
            const { error } = await service.submit(request);
            if (error?.retryable !== true)
                return true;
        }
        catch {
            // Its function was killed: an application asks again.
        }
    }
    return (await service.record(request.jobId)) !== undefined;
}
/** Runs one plan from start to end. Returns the jobs that were accepted, their ends, and which faults happened. */
async function run(seed, jobs) {
    const cloud = await CloudUnderTest.start({ clock: new ScaledClock(120), faults: drawPlan(seed, jobs) });
    try {
        const service = await ServiceUnderTest.follow(cloud, await cloud.deployOwn());
        const accepted = [];
        for (let index = 1; index <= jobs; index++) {
            const jobId = `job-${index}`;
            const bounds = { requestTtlSeconds: 60, invocationTimeoutSeconds: 30 };
            const onDoubt = index % 3 === 0 ? "wait" : "rerun";
            if (await submitted(service, { jobId, input: { text: jobId }, onDoubt, ...bounds }))
                accepted.push(jobId);
        }
        const ended = await Promise.all(accepted.map((jobId) => service.end(jobId)));
        return { accepted, ended, happened: cloud.events.filter(({ kind }) => kind === "fault").length };
    }
    finally {
        await cloud.close();
    }
}
describe("the simulator's plans on the embedded cloud", function () {
    this.timeout(240_000);
    it("leave no accepted job open, and none in doubt that may run again", async () => {
        for (const { accepted, ended, happened } of await Promise.all([run(1, 10), run(2, 10)])) {
            expect(ended.map(({ jobId }) => jobId)).to.deep.equal(accepted);
            expect(ended.filter(({ error, onDoubt }) => error?.code === "IN_DOUBT" && onDoubt === "rerun")).to.deep.equal([]);
            expect(happened).to.be.above(3);
        }
    });
});
