import { expect } from "chai";
import { Quiet } from "../../../local/lambda/quiet";
describe("since when a worker only waits", () => {
    it("is the last moment at which it was known to work, and the next work ends it", () => {
        const quiet = new Quiet();
        const seen = [
            { active: 100, idle: 0, at: 1000 },
            { active: 350, idle: 0, at: 1250 },
            { active: 355, idle: 245, at: 1500 },
            { active: 360, idle: 490, at: 1750 },
            { active: 460, idle: 640, at: 2000 },
        ].map(({ at, ...times }) => {
            quiet.report(times, at);
            return quiet.since;
        });
        expect(seen).to.deep.equal([undefined, undefined, 1250, 1250, undefined]);
    });
    it("is not known of an invocation that has just begun: what the last one waited for is over", () => {
        const quiet = new Quiet();
        quiet.report({ active: 0, idle: 0 }, 1000);
        quiet.report({ active: 0, idle: 250 }, 1250);
        quiet.reset();
        quiet.report({ active: 0, idle: 500 }, 1500);
        expect(quiet.since).to.equal(undefined);
    });
});
