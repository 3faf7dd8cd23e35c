import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { watchHealth } from "../../../local/sagemaker/health";
const unhealthy = { what: "answered GET /ping with 500", isLate: false };
const late = { what: "did not answer GET /ping within 2 s", isLate: true };
describe("the health of an instance", () => {
    let clock;
    beforeEach(() => (clock = new VirtualClock()));
    afterEach(() => clock.close());
    /** What is done about an instance whose pings have these answers; `running` requests are on it. */
    async function watch(answers, running = 0, speed) {
        if (speed !== undefined)
            Object.defineProperty(clock, "speed", { value: speed });
        const left = [...answers];
        const told = [];
        let exit = () => undefined;
        const exited = new Promise((resolve) => (exit = resolve));
        const container = { exited, ping: async () => left.shift() };
        const instance = { id: "i-1", state: "inService", container, running };
        watchHealth(instance, { clock, warn: (text) => told.push(`warned: ${text}`), isUnhealthy: (text) => told.push(`replaced: ${text}`) });
        return { told, left, exit, pass: () => clock.advance(5000 * Math.max(1, speed ?? 1)) };
    }
    it("is lost after three misses in a row, and then nobody asks any more: a server that has failed for good goes on failing jobs", async () => {
        const { told, left, pass } = await watch([unhealthy, unhealthy, unhealthy, undefined]);
        await pass();
        await pass();
        expect(told).to.deep.equal([]);
        await pass();
        await pass();
        const reason = "answered GET /ping with 500, 3 times in a row";
        expect(told).to.deep.equal([`warned: The model server on i-1 ${reason}: the instance is replaced.`, `replaced: ${reason}`]);
        expect(left).to.deep.equal([undefined]);
    });
    it("is kept by a healthy answer in between", async () => {
        const { told, left, pass } = await watch([unhealthy, unhealthy, undefined, unhealthy, unhealthy, undefined]);
        for (let count = 1; count <= 6; count++)
            await pass();
        expect([told, left]).to.deep.equal([[], []]);
    });
    it("is warned of once when it does not answer beside its work, and kept: on SageMaker that instance would be at risk", async () => {
        const { told, pass } = await watch([late, late, late, late], 1);
        for (let count = 1; count <= 4; count++)
            await pass();
        expect(told.map((text) => text.replace(/:.*: /, ": "))).to.deep.equal([
            "warned: let the server answer GET /ping beside its work, in a thread or process of its own.",
        ]);
    });
    it("is lost when it does not answer although nothing runs on it", async () => {
        const { told, pass } = await watch([late, late, late]);
        for (let count = 1; count <= 3; count++)
            await pass();
        expect(told.at(-1)).to.equal("replaced: did not answer GET /ping within 2 s, 3 times in a row");
    });
    it("is asked for at the pace of the wall, however fast the cloud's clock runs", async () => {
        const { left, pass } = await watch([undefined, undefined], 0, 60);
        await clock.advance(299_999);
        expect(left.length).to.equal(2);
        await clock.advance(1);
        expect(left.length).to.equal(1);
        await pass();
        expect(left.length).to.equal(0);
    });
    it("is not asked for once it has ended", async () => {
        const { left, exit, pass } = await watch([unhealthy]);
        exit("ended");
        await pass();
        expect(left.length).to.equal(1);
    });
});
