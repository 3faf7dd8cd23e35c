import { expect } from "chai";
import { cellText, failures, table, withTable, type Results } from "../../servers/results";

describe("results of model servers", () => {
  const results: Results = {
    b: {
      in: { holds: "yes", note: "3 s", date: "2026-01-02" },
      stop: { holds: "measured", note: "is cut", date: "2026-01-02" },
    },
    c: {
      in: { holds: "no", note: "413 | closed", date: "2026-01-03" },
      stop: { holds: "skipped", note: "no Java", date: "2026-01-02" },
    },
  };
  const rows = table(
    results,
    [
      { name: "in", title: "7 MB in" },
      { name: "stop", title: "a stop" },
      { name: "new", title: "not tried yet" },
    ],
    [
      { name: "a", title: "A" },
      { name: "b", title: "B" },
      { name: "c", title: "C" },
    ],
  );

  it("show what does not hold, what was skipped and what was never tried apart", () => {
    expect(rows).to.deep.equal([
      "|  | B | C |",
      "| --- | --- | --- |",
      "| 7 MB in | yes: 3 s | **no**: 413 \\| closed |",
      "| a stop | is cut | skipped: no Java |",
      "| not tried yet |  |  |",
      "| measured on | 2026-01-02 | 2026-01-02, 2026-01-03 |",
    ]);
    expect(cellText({ holds: "yes", note: "" })).to.equal("yes");
  });

  it("fail the run for each cell that is false, and for no other", () => {
    expect(failures(results)).to.deep.equal(["c: in: 413 | closed"]);
  });

  it("go into their place on the page, and only there", async () => {
    expect(await withTable("# P\n\n<!-- servers -->\n\nold\n\n<!-- /servers -->\n\nrest\n", ["| a |", "| --- |"])).to.equal(
      "# P\n\n<!-- servers -->\n\n| a   |\n| --- |\n\n<!-- /servers -->\n\nrest\n",
    );
    expect(await withTable("# P\n", []).catch((error: Error) => error.message)).to.equal(
      "the page has no region <!-- servers --> … <!-- /servers -->",
    );
  });
});
