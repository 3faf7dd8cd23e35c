import { expect } from "chai";
import fc from "fast-check";
import { losesDigits, unsafeNumberIn } from "../../../core/messages/numbers";
describe("numbers of JSON", () => {
    for (const [json, loses] of [
        ['{"id":12345678901234567890}', true],
        ["[-9007199254740993]", true],
        ["9007199254740991", false],
        ["[9007199254740992]", false],
        ["1e400", true],
        ["[-1E+999]", true],
        ["1e300", false],
        ["1e0400", true],
        ["1234567890123456789.5", false],
        ['{"id":"12345678901234567890', false],
        ["0.12345678901234567890", false],
        ['"12345678901234567890"', false],
        [String.raw `{"a\\":"\"12345678901234567890","b":12345678901234567890}`, true],
        [String.raw `{"a":"\\\"12345678901234567890"}`, false],
        ['{"12345678901234567890":1}', false],
        [`["${'x\\"'.repeat(500_000)}1234567890123456"]`, false],
    ]) {
        it(`${loses ? "change" : "stay as they are"} when JavaScript reads ${json.slice(0, 60)}`, () => {
            expect(losesDigits(json)).to.equal(loses);
        });
    }
    it("change exactly where a whole number comes back with other digits", () => {
        fc.assert(fc.property(fc.bigInt(-(2n ** 66n), 2n ** 66n), fc.string(), (number, text) => {
            const json = `{"text":${JSON.stringify(text)},"n":[${number}]}`;
            expect(losesDigits(json)).to.equal(!JSON.stringify(JSON.parse(json)).endsWith(`[${number}]}`));
        }));
    });
    for (const [value, found] of [
        [{ ids: [1, { of: 12345678901234567890 }] }, { at: "input.ids[1].of", value: 12345678901234567000 }],
        [[-(2 ** 53)], { at: "input[0]", value: -(2 ** 53) }],
        [Infinity, { at: "input", value: Infinity }],
        [{ most: Number.MAX_SAFE_INTEGER, least: Number.MIN_SAFE_INTEGER, part: 0.1, none: null, text: "12345678901234567890" }, undefined],
    ]) {
        it(`are found in what was read where their digits may be lost: ${found?.at ?? "nowhere"}`, () => {
            expect(unsafeNumberIn(value, "input")).to.deep.equal(found);
        });
    }
});
