import { expect } from "chai";
import stringWidth from "string-width";
import { cut, padded, rowsOf, width } from "../../cli/width";

describe("the columns that a text takes", () => {
  it("are as string-width counts them, also where it is not asked", () => {
    const differing = Array.from({ length: 0x3000 - 0x20 }, (_, index) => String.fromCharCode(index + 0x20)).filter(
      (character) => width(character) !== stringWidth(character),
    );

    expect(differing).to.deep.equal([]);
    expect(["scan.png", "été – “ü”…", "報告書", "e\u0301", "👩‍🔬", "한글", "\u001b[32m報\u001b[39m", ""].map(width)).to.deep.equal([
      8, 10, 6, 1, 2, 4, 2, 0,
    ]);
  });

  it("are what a name is filled up to, and what it is cut at, between whole characters", () => {
    expect([padded("報告", 6), padded("報告書", 5), cut("報告書", 5), cut("👩‍🔬👩‍🔬", 3), cut("", 3)]).to.deep.equal([
      "報告  ",
      "報告書",
      "報告",
      "👩‍🔬",
      "",
    ]);
    expect([rowsOf("報告書", 4), rowsOf("報告書", 6), rowsOf("報告書", 5), rowsOf("abc", 2), rowsOf("", 2)]).to.deep.equal([2, 1, 2, 2, 1]);
  });
});
