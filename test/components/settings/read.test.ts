import { expect } from "chai";
import { readText, writtenIn } from "../../../components/settings/read";
import type { Setting } from "../../../components/settings";

const setting = (type: Setting["type"], fields?: Record<string, Setting>): Setting => ({
  type,
  description: "x",
  ...(fields && { fields }),
});
const fields = { count: setting("integer"), isOn: setting("boolean"), name: setting("string"), states: setting("strings") };

describe("a setting in a stack file", () => {
  const cases: [type: Setting["type"], text: string, value: unknown][] = [
    ["string", "007", "007"],
    ["boolean", "true", true],
    ["boolean", "false", false],
    ["boolean", "yes", undefined],
    ["integer", "5", 5],
    ["integer", "-1", -1],
    ["integer", "999999999999999", 999_999_999_999_999],
    ["integer", "1234567890123456", undefined],
    ["integer", "5 GB", undefined],
    ["integer", "v5", undefined],
    ["integer", "1.5", undefined],
    ["integer", "", undefined],
    ["strings", '["a", 1]', ["a", 1]],
    ["strings", "[]", []],
    ["strings", "a,b", undefined],
    ["strings", '{"a": 1}', undefined],
    // `pulumi config set --path` stores what looks like a number or a boolean as one.
    ["map", '{"A": 1, "B": true, "C": "x", "D": null, "E": [1]}', { A: "1", B: "true", C: "x", D: null, E: [1] }],
    ["map", '["a"]', undefined],
    ["map", "null", undefined],
    ["map", "{", undefined],
    ["record", "5", undefined],
    ["record", "[]", undefined],
    ["records", "[]", undefined],
    ["records", "no JSON", undefined],
  ];
  for (const [type, text, value] of cases) {
    it(`is ${JSON.stringify(value)} as ${type} of ${JSON.stringify(text)}`, () => {
      expect(readText(setting(type), text)).to.deep.equal(value);
    });
  }

  it("is a record whose fields are read as the stack file's own text is, where they are text", () => {
    const text = JSON.stringify({ count: "5", isOn: "true", name: "true", states: '["a"]', other: "5", none: null });
    const record = { count: 5, isOn: true, name: "true", states: ["a"], other: "5", none: null };
    expect(readText(setting("record", fields), text)).to.deep.equal(record);
    // What says nothing of the type stays, for the check to name it; what has the type already stays, too.
    expect(readText(setting("record", fields), '{"count": "many", "isOn": false}')).to.deep.equal({ count: "many", isOn: false });
    expect(readText(setting("record"), '{"count": "5"}')).to.deep.equal({ count: "5" });
    expect(readText(setting("records", fields), JSON.stringify({ a: { count: "5" }, b: 7 }))).to.deep.equal({ a: { count: 5 }, b: 7 });
  });

  it("is shown in an error as its author wrote it: JSON as what it says, text as text", () => {
    for (const type of ["strings", "map", "record", "records"] as const) {
      expect(writtenIn(setting(type), '{"a": 1}')).to.deep.equal({ a: 1 });
      expect(writtenIn(setting(type), "a, b")).to.equal("a, b");
    }
    for (const type of ["string", "integer", "boolean"] as const) expect(writtenIn(setting(type), "5")).to.equal("5");
  });
});
