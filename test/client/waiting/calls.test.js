import { expect } from "chai";
import { clientError } from "../../../client/errors";
import { call, passes, pauseAfter } from "../../../client/waiting/calls";
import { at } from "../../../client/waiting/clock";
import { errorCodes } from "../../../core/records/errors";
import { createServiceClock } from "../../../core/serviceClock";
import { VirtualClock } from "../../../local/clock";
import { errorOf } from "../support";
describe("a call of a wait", () => {
    const needed = { action: "dynamodb:Query", resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs" };
    const never = new AbortController().signal;
    let own;
    beforeEach(() => (own = new VirtualClock(0)));
    /** An answer that comes only when the call is given up. */
    const silent = ({ abortSignal }) => new Promise((_, reject) => {
        abortSignal.addEventListener("abort", () => reject(Object.assign(new Error("aborted"), { name: "AbortError" })));
    });
    for (const [patience, seconds] of [
        [0, 10],
        [20_000, 30],
    ]) {
        it(`is given up when its answer takes more than ${seconds} s, so that a dead connection holds up no wait`, async () => {
            let ended;
            const waiting = errorOf(call(createServiceClock(own), never, needed, silent, patience)).then((error) => (ended = error));
            await own.advance(seconds * 1000 - 1);
            expect(ended).to.equal(undefined);
            await own.advance(1);
            await waiting;
            expect(ended).to.include({ code: "UNAVAILABLE", message: `dynamodb:Query: no answer within ${seconds} s.` });
        });
    }
    it("ends with its caller's abort, as that", async () => {
        const controller = new AbortController();
        const ended = errorOf(call(createServiceClock(own), controller.signal, needed, silent));
        controller.abort();
        expect((await ended).code).to.equal("ABORTED");
    });
    it("gives its answer, and no timer that keeps the process alive", async () => {
        const timers = new Set();
        const counting = {
            now: () => 0,
            setTimeout: () => {
                const timer = {};
                timers.add(timer);
                return timer;
            },
            clearTimeout: (timer) => void timers.delete(timer),
        };
        expect(await call(createServiceClock(counting), never, needed, () => Promise.resolve("answer"))).to.equal("answer");
        expect(timers.size).to.equal(0);
    });
    it("says which permission it lacks", async () => {
        const denied = () => Promise.reject(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
        expect(await errorOf(call(createServiceClock(own), never, needed, denied))).to.include({
            code: "ACCESS_DENIED",
            advice: `Add to the caller's role: {"Effect":"Allow","Action":"dynamodb:Query","Resource":"${needed.resource}"}`,
        });
    });
    it("is made again only after what passes", () => {
        expect(errorCodes.filter((code) => passes(clientError(code, "")))).to.deep.equal(["THROTTLED", "UNAVAILABLE"]);
    });
    it("is made again ever more rarely, but not more rarely than each half a minute, or the interval", () => {
        expect([1, 2, 5, 6, 20].map((failures) => pauseAfter(failures, 1000))).to.deep.equal([1000, 2000, 16_000, 30_000, 30_000]);
        expect([1, 2].map((failures) => pauseAfter(failures, 60_000))).to.deep.equal([60_000, 60_000]);
    });
    it("comes at its time, also one that is further away than Node's timers reach, unless it is taken back", async () => {
        const far = 2 ** 31 + 5000;
        const called = [];
        const clock = createServiceClock(own);
        at(clock, far, () => called.push(own.now()));
        at(clock, far, () => called.push(-1))();
        at(clock, -5, () => called.push(own.now()));
        expect(called).to.deep.equal([]);
        await own.advance(far - 1);
        expect(called).to.have.lengthOf(1);
        await own.advance(1);
        expect(called.at(-1)).to.equal(far);
    });
});
