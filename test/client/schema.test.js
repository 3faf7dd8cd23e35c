import { expect } from "chai";
import { clientError } from "../../client/errors";
import { checkValue } from "../../client/schema";
describe("a value that a validator checks", () => {
    const check = (validate, value = 1) => checkValue({ "~standard": { version: 1, vendor: "test", validate } }, value, "input", (message, details) => clientError("BAD_INPUT", message, details)).catch((error) => {
        const { message, field, cause } = error;
        return { message, field, ...(cause === undefined ? {} : { cause }) };
    });
    it("is what the validator makes of it, at once or later", async () => {
        expect([await check((value) => ({ value: [value] })), await check(async () => ({ value: 2 }))]).to.deep.equal([[1], 2]);
    });
    it("is refused with five complaints at most, each with the path of its field", async () => {
        const issues = [
            { message: "no page", path: ["pages", { key: 3 }, "text"] },
            { message: "wrong" },
            ...Array.from({ length: 5 }, (_, index) => ({ message: `m${index}`, path: [index] })),
        ];
        const five = "input.pages.3.text: no page; input: wrong; input.0: m0; input.1: m1; input.2: m2";
        expect(await check(() => ({ issues }))).to.deep.equal({ message: `${five}; and 2 more`, field: "input.pages.3.text" });
        expect(await check(() => ({ issues: issues.slice(0, 5) }))).to.deep.equal({ message: five, field: "input.pages.3.text" });
        expect(await check(() => ({ issues: [{ message: "wrong" }] }))).to.deep.equal({ message: "input: wrong", field: "input" });
        expect(await check(() => ({ issues: [] }))).to.deep.equal({ message: "", field: "input" });
    });
    it("is refused with the validator's own failure", async () => {
        const cause = new TypeError("no schema");
        const failing = (error) => () => {
            throw error;
        };
        expect(await check(failing(cause))).to.deep.equal({ message: "input: the schema failed: no schema", field: "input", cause });
        expect(await check(failing("text"))).to.deep.equal({ message: "input: the schema failed: text", field: "input", cause: "text" });
    });
});
