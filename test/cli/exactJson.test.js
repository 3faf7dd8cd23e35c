import { expect } from "chai";
import { shownData } from "../../cli/commands/result";
import { exactJson } from "../../cli/exactJson";
const answer = '{"id":12345678901234567890,"part":0.5,"text":"1","most":1e999}';
describe("exactJson", () => {
    it("writes the model's own digits, in one line and in many", () => {
        const { value } = exactJson(answer);
        expect(JSON.stringify(value)).to.equal(answer);
        expect(JSON.stringify(value, null, 2).split("\n")[1]).to.equal('  "id": 12345678901234567890,');
    });
    it("prints them with --json too", () => {
        expect(JSON.stringify(shownData(Buffer.from(answer), "application/json"))).to.equal(`{"data":${answer}}`);
    });
    it("prints a result that only says that it is JSON as the text that it is", () => {
        expect(shownData(Buffer.from("{12345678901234567890"), "application/json")).to.deep.equal({ data: "{12345678901234567890" });
    });
});
