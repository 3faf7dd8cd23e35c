import { expect } from "chai";
import { comparisonOf, differences, type Comparison } from "../../cli/difference";

const answer = (body: string | number[]) => ({
  body: typeof body === "string" ? Buffer.from(body) : Uint8Array.from(body),
  contentType: undefined,
});
const compare = (a: string | number[], b: string | number[], as: Comparison, tolerance = 0) =>
  differences(answer(a), answer(b), as, tolerance);

describe("differences between an asynchronous and a real-time answer", () => {
  it("are none for JSON that is written another way, but for its bytes", () => {
    expect(compare('{"a": 1, "b": [true, null]}', '{"b":[true,null],"a":1.0}', "json")).to.deep.equal([]);
    expect(compare('{"a": 1}', '{"a":1}', "bytes")).to.deep.equal([{ at: "byte 5", left: "0x20 of 8 bytes", right: "0x31 of 7 bytes" }]);
  });

  it("are named by their place", () => {
    expect(compare('{"a": {"b c": [1, 2]}, "x": 1}', '{"a": {"b c": [1, 3, 4]}, "y": null}', "json")).to.deep.equal([
      { at: '$.a["b c"][1]', left: 2, right: 3 },
      { at: '$.a["b c"][2]', left: undefined, right: 4 },
      { at: "$.x", left: 1, right: undefined },
      { at: "$.y", left: undefined, right: null },
    ]);
    expect(compare([1, 2], [1, 2, 3], "bytes")).to.deep.equal([{ at: "byte 2", left: "its end, after 2 bytes", right: "0x03 of 3 bytes" }]);
    expect(compare("[1]", "one", "json")).to.deep.equal([{ at: "$", left: "JSON", right: "not JSON" }]);
  });

  it("of numbers count beyond the tolerance only: absolute below 1, relative above", () => {
    expect(compare("[0.1, 1000]", "[0.1005, 1000.5]", "numbers", 0.001)).to.deep.equal([]);
    expect(compare("[0.1, 1000]", "[0.102, 1002]", "numbers", 0.001)).to.deep.equal([
      { at: "$[0]", left: 0.1, right: 0.102 },
      { at: "$[1]", left: 1000, right: 1002 },
    ]);
    expect(compare('["1"]', "[1]", "numbers", 1)).to.deep.equal([{ at: "$[0]", left: "1", right: 1 }]);
  });

  it("of CSV are those of its values", () => {
    expect(compare("a,0.5\nb,0.25\n", "a;0.5001 b,0.25", "numbers", 0.001)).to.deep.equal([]);
    expect(compare("0.5,0.25", "0.5,0.75", "numbers", 0.001)).to.deep.equal([{ at: "value 2", left: 0.25, right: 0.75 }]);
  });

  it("are looked for in JSON when both answers are, else in their bytes", () => {
    expect(comparisonOf(answer("[1]"), answer("{}"))).to.equal("json");
    expect(comparisonOf(answer("[1]"), answer("one"))).to.equal("bytes");
    expect(comparisonOf(answer([0xff]), answer([0xff]))).to.equal("bytes");
  });

  it("end after twenty: more say nothing new", () => {
    const list = (from: number) => JSON.stringify(Array.from({ length: 50 }, (_, index) => from + index));

    expect(compare(list(0), list(100), "json")).to.have.length(20);
  });
});
