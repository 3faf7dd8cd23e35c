import { expect } from "chai";
import { readProcesses, sumOf } from "../../servers/usage";
describe("what a model server uses", () => {
    const listed = [
        "    1     0     1   900 00:00:09",
        "   50     1    50  1000 00:00:01",
        "   60    50    60  2000 00:01:02",
        "   61     1    60  3000 1-02:03:04",
        "   70    50    50  4000    0:05.25",
        "garbage",
    ].join("\n");
    it("is read from ps as Linux and macOS print it", () => {
        expect(readProcesses(listed).map(({ pid, cpuSeconds }) => [pid, cpuSeconds])).to.deep.equal([
            [1, 9],
            [50, 1],
            [60, 62],
            [61, 93_784],
            [70, 5.25],
        ]);
    });
    it("counts a server that left its parent, as Java does, and nothing of the cloud's own", () => {
        expect(sumOf(readProcesses(listed), 50)).to.deep.equal({ residentBytes: 5000 * 1024, cpuSeconds: 93_846 });
    });
});
