import { expect } from "chai";
import { matches, readPattern } from "../../../local/events/pattern";

const event = {
  source: "shop",
  detail: {
    job: { state: "FAILED", attempt: 2, error: { code: "MODEL_ERROR" }, metadata: { customer: "Acme", pages: ["1", "2"] }, waiter: null },
    items: [{ kind: "a" }, { kind: "b" }],
  },
};
const inJob = (wanted: object) => ({ detail: { job: wanted } });

const fitting: [string, object][] = [
  ["a value", { source: ["shop"] }],
  ["one of several", inJob({ state: ["EXPIRED", "FAILED"] })],
  ["fields that all fit", { source: ["shop"], ...inJob({ attempt: [2], error: { code: ["MODEL_ERROR"] } }) }],
  ["null", inJob({ waiter: [null] })],
  ["a member of an array", inJob({ metadata: { pages: ["2"] } })],
  ["an object in an array", { detail: { items: { kind: ["b"] } } }],
  ["prefix", inJob({ error: { code: [{ prefix: "MODEL_" }] } })],
  ["suffix", inJob({ error: { code: [{ suffix: "_ERROR" }] } })],
  ["wildcard", inJob({ error: { code: [{ wildcard: "M*L_*R" }] } })],
  ["equals-ignore-case", inJob({ metadata: { customer: [{ "equals-ignore-case": "ACME" }] } })],
  ["anything-but", inJob({ state: [{ "anything-but": ["COMPLETED", "CANCELLED"] }] })],
  ["anything-but a prefix", inJob({ state: [{ "anything-but": { prefix: "COMP" } }] })],
  ["a number between", inJob({ attempt: [{ numeric: [">", 1, "<=", 2] }] })],
  ["a field that is there", inJob({ state: [{ exists: true }] })],
  ["a field that is not", inJob({ endedBy: [{ exists: false }] })],
  ["one of two patterns", { $or: [{ source: ["others"] }, inJob({ state: ["FAILED"] })] }],
];

const unfitting: [string, object][] = [
  ["another value", { source: ["others"] }],
  ["text for a number", inJob({ attempt: ["2"] })],
  ["one field of two", { source: ["shop"], ...inJob({ state: ["COMPLETED"] }) }],
  ["a field that is not there", inJob({ endedBy: ["x"] })],
  ["anything-but what is there", inJob({ state: [{ "anything-but": "FAILED" }] })],
  ["anything-but without a value", inJob({ endedBy: [{ "anything-but": "x" }] })],
  ["a number beyond", inJob({ attempt: [{ numeric: ["<", 2] }] })],
  ["a wildcard's dot, which is a dot", inJob({ error: { code: [{ wildcard: "MODEL.ERROR" }] } })],
  ["neither of two patterns", { $or: [{ source: ["others"] }, inJob({ state: ["COMPLETED"] })] }],
];

const wrong: [string, string][] = [
  ["{", "it is not JSON"],
  ["{}", "an object with at least one field is expected"],
  ['{"source":"shop"}', '"source" must be an object or an array'],
  ['{"source":[]}', "source: empty arrays are not allowed"],
  ['{"detail":{}}', "detail: an empty object is not allowed"],
  ['{"detail":{"a":[{"begins":"x"}]}}', "detail.a: unrecognized match type begins"],
  ['{"detail":{"a":[{"numeric":["<"]}]}}', 'detail.a: numeric does not take ["<"]'],
  ['{"detail":{"a":[{"prefix":"x","suffix":"y"}]}}', "detail.a: only one operator is allowed in an object"],
  ['{"$or":[{"a":[1]}]}', "$or takes a list of two patterns or more"],
];

describe("event patterns: a rule on a laptop sees the events that it sees on AWS", () => {
  for (const [what, pattern] of fitting) {
    it(`fit by ${what}`, () => expect(matches(readPattern(JSON.stringify(pattern)), event)).to.equal(true));
  }
  for (const [what, pattern] of unfitting) {
    it(`do not fit by ${what}`, () => expect(matches(readPattern(JSON.stringify(pattern)), event)).to.equal(false));
  }
  for (const [text, reason] of wrong) {
    it(`are refused with what is wrong with them: ${text}`, () => {
      expect(() => readPattern(text)).to.throw(`Event pattern is not valid. Reason: ${reason}`);
    });
  }
});
