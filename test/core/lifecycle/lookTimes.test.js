import { expect } from "chai";
import { deadlineOf, nextLook } from "../../../core/lifecycle/lookTimes";
import { openJob } from "../../../doubles/jobs";
describe("when an open job is looked at", () => {
    const submittedAt = "2026-01-25T22:46:00.000Z";
    const start = Date.parse(submittedAt);
    const job = openJob({ jobId: "looked-at", submittedAt, requestTtlSeconds: 21_600, invocationTimeoutSeconds: 3600 });
    /** Ages, in minutes, at which it is looked at until the service can't end it any more. */
    function ages(notificationsEnabled) {
        const looks = [];
        for (let now = start; now < deadlineOf(job); looks.push((now - start) / 60_000)) {
            now = nextLook({ notificationsEnabled }, job, now);
        }
        return looks;
    }
    it("makes a job whose notification was lost at most twice as late, and no more than half an hour", () => {
        expect(ages(true)).to.deep.equal([5, 10, 20, 40, 70, 100, 130, 160, 190, 220, 250, 280, 310, 340, 370, 400, 430, 440]);
    });
    it("is each minute at first where nothing but looking ends it, and each five minutes later on", () => {
        const looks = ages(false).map(Math.round);
        expect(looks.slice(0, 12)).to.deep.equal([1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 19, 24]);
        expect(looks.slice(-3)).to.deep.equal([434, 439, 440]);
    });
    it("is not sooner than the next minute's sweep, nor later than five minutes, to the second", () => {
        const gap = (age) => (nextLook({ notificationsEnabled: false }, job, start + age * 1000) - start) / 1000 - age;
        expect([239, 244, 1196, 1204].map(gap)).to.deep.equal([60, 61, 299, 300]);
    });
    it("is as long as the service may still end it, and clocks may differ by a quarter of an hour", () => {
        expect((deadlineOf(job) - start) / 1000).to.equal(21_600 + 3600 + 900 + 300);
    });
    it("goes on after that, so that a look that failed is not the last", () => {
        const late = deadlineOf(job) + 1;
        expect(nextLook({ notificationsEnabled: true }, job, late) - late).to.equal(300_000);
    });
    it("counts from the call when the service's answer is not known", () => {
        const { submittedAt: _, ...lost } = openJob({
            jobId: "lost",
            state: "INVOKING",
            invokingAt: submittedAt,
            createdAt: "2026-01-25T20:00:00.000Z",
        });
        expect(deadlineOf(lost)).to.equal(deadlineOf(job));
    });
});
