import { expect } from "chai";
import fc from "fast-check";
import { errorCodes } from "../../core/records/errors";
import { clientError } from "../../client/errors";
import { retry } from "../../client/retry";
import { errorOf } from "./support";
describe("trying again", () => {
    function trying(codes, maxAttempts = 3, random = 1) {
        const pauses = [];
        let tries = 0;
        const clock = {
            now: () => 0,
            sleep: async (milliseconds) => void pauses.push(milliseconds),
        };
        const work = async () => {
            const code = codes[tries++];
            if (code !== undefined)
                throw clientError(code, `try ${tries}`);
            return "done";
        };
        return { result: retry(work, { maxAttempts, clock, random: () => random }), pauses, tries: () => tries };
    }
    it("pauses at random, up to twice as long each time", async () => {
        const longest = trying(["THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT"], 10);
        const halved = trying(["THROTTLED", "THROTTLED"], 10, 0.5);
        expect([await longest.result, await halved.result]).to.deep.equal(["done", "done"]);
        expect([longest.pauses, halved.pauses]).to.deep.equal([
            [500, 1000, 2000, 4000],
            [250, 500],
        ]);
    });
    it("never pauses for longer than 20 s", async () => {
        const { result, pauses } = trying(Array(9).fill("THROTTLED"), 10);
        await result;
        expect(Math.max(...pauses)).to.equal(20_000);
    });
    for (const code of errorCodes) {
        const isRetried = ["THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT"].includes(code);
        it(`${isRetried ? "tries again" : "does not try again"} after ${code}`, async () => {
            const { result, tries } = trying([code]);
            const outcome = await result.catch(() => "failed");
            expect([outcome, tries()]).to.deep.equal(isRetried ? ["done", 2] : ["failed", 1]);
        });
    }
    it("ends with the last attempt's error, which carries all of them", async () => {
        const error = await errorOf(trying(["THROTTLED", "UNAVAILABLE", "MODEL_ERROR"]).result);
        expect([error.code, error.retryable, error.message]).to.deep.equal([
            "MODEL_ERROR",
            false,
            "3 attempts failed, the last one with: try 3",
        ]);
        expect(error.attempts?.map(({ code, message }) => `${code} ${message}`)).to.deep.equal([
            "THROTTLED try 1",
            "UNAVAILABLE try 2",
            "MODEL_ERROR try 3",
        ]);
    });
    it("makes as many attempts as it may, and no more, whatever they fail with", async () => {
        await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom(...errorCodes), { maxLength: 12 }), fc.integer({ min: 1, max: 10 }), async (codes, most) => {
            const { result, tries } = trying(codes, most);
            await result.catch(() => undefined);
            expect(tries()).to.be.at.most(Math.min(most, codes.length + 1));
        }));
    });
    const failing = () => Promise.reject(clientError("THROTTLED", "busy"));
    it("does not do again what can't be done again, and says so by its one error", async () => {
        const clock = { sleep: () => Promise.reject(new Error("it paused")) };
        const error = await errorOf(retry(failing, { maxAttempts: 5, clock, random: () => 1, repeatable: () => false }));
        expect([error.message, error.attempts]).to.deep.equal(["busy", undefined]);
    });
    it("ends with the caller's abort: before a pause with the failure, in it with the abort", async () => {
        const aborted = AbortSignal.abort(new Error("enough"));
        const clock = { sleep: () => Promise.reject(new Error("it paused")) };
        const before = await errorOf(retry(failing, { maxAttempts: 5, clock, random: () => 1, signal: aborted }));
        const controller = new AbortController();
        const pauses = [];
        const sleep = async (milliseconds, signal) => {
            pauses.push([milliseconds, signal]);
            controller.abort(new Error("enough"));
        };
        const { signal } = controller;
        const within = await retry(failing, { maxAttempts: 5, clock: { sleep }, random: () => 1, signal }).catch(String);
        expect([before.message, within, pauses]).to.deep.equal(["busy", "Error: enough", [[500, signal]]]);
    });
    it("keeps what the last error says to do, about which field of which job", async () => {
        const last = clientError("MODEL_ERROR", "no", { advice: "Look.", field: "input", jobId: "order-1" });
        const work = [clientError("THROTTLED", "busy"), last];
        const clock = { sleep: () => Promise.resolve() };
        const error = await errorOf(retry(() => Promise.reject(work.shift()), { maxAttempts: 5, clock, random: () => 1 }));
        expect(error).to.include({ advice: "Look.", field: "input", jobId: "order-1", cause: last });
    });
});
