import { expect } from "chai";
import { wrap } from "../../cli/wrap";

describe("wrap", () => {
  it("breaks between words, so that nothing runs over the terminal's edge", () => {
    expect(wrap("one two three four", 11, 2)).to.equal("  one two\n  three\n  four");
  });

  it("fills a line to its last column", () => {
    expect(wrap("one two three", 9, 2)).to.equal("  one two\n  three");
  });

  it("leaves a long word whole, which can then be copied", () => {
    expect(wrap("see https://example.com/a/long/address now", 12, 1)).to.equal(" see\n https://example.com/a/long/address\n now");
    expect(wrap("s3://b/報告書報告書.png", 10, 0)).to.equal("s3://b/報告書報告書.png");
  });

  it("counts columns, not characters: Chinese is two wide, and has no blanks to break at", () => {
    expect(wrap("文件 文件 文件", 11, 2)).to.equal("  文件 文件\n  文件");
    expect(wrap("错误: 无法读取输入文件 path", 10, 2)).to.equal("  错误:\n  无法读取\n  输入文件\n  path");
    expect(wrap("e\u0301te\u0301 plage", 9, 0)).to.equal("e\u0301te\u0301 plage");
  });

  it("keeps line breaks: a server's last lines stay lines", () => {
    expect(wrap("said:\nfirst\nsecond", 80, 4)).to.equal("    said:\n    first\n    second");
  });
});
