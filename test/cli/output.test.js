import { expect } from "chai";
import { Checklist } from "../../cli/checklist";
import { Output } from "../../cli/output";
/** Output on a stream of its own, and what was written there. */
function written(isTTY, json = false) {
    let text = "";
    const stream = {
        isTTY,
        hasColors: () => true,
        write: (part) => {
            text += part;
            return true;
        },
    };
    return { output: new Output(json, { stdout: stream, stderr: stream }), text: () => text };
}
/** Clears the screen, sets the window's title, moves up a line; what a container may say. */
const evil = "too \u001b[2J\u001b]0;title\u0007dark\r\u001b[1A\u009b31m";
describe("what the command line prints of others' words", () => {
    it("does not steer a pipe's reader", () => {
        const { output, text } = written(false);
        output.show({}, (paint) => `${paint("green", "✔")} ${evil}`);
        new Checklist(output).add("job", { status: "failed", detail: evil });
        expect(text()).to.equal("✔ too dark\n✘ job: too dark\n");
    });
    it("does not steer a terminal, which keeps the command line's own colours", () => {
        const { output, text } = written(true);
        output.show({}, (paint) => `${paint("green", "✔")} ${evil}`);
        expect(text()).to.equal("\u001b[32m✔\u001b[39m too dark\n");
    });
    it("adds no row to a list", () => {
        const { output, text } = written(false);
        const columns = [{ name: "WORDS", value: ({ words }) => words }];
        output.table([{ words: `a\norder-2\tCOMPLETED${evil}` }], columns);
        expect(text()).to.equal("a order-2 COMPLETEDtoo dark\n");
    });
    it("is escaped as JSON", () => {
        const { output, text } = written(true, true);
        output.show({ words: "\u001b[2J\n\u009b" }, () => "");
        expect(text()).to.equal('{"words":"\\u001b[2J\\n\\u009b"}\n');
    });
});
