import { expect } from "chai";
import { Checklist } from "../../cli/checklist";
import { facts, Output } from "../../cli/output";

/** Output on a stream of its own, and what was written there. */
function written(isTTY: boolean, json = false): { output: Output; text: () => string } {
  let text = "";
  const stream = {
    isTTY,
    hasColors: () => true,
    write: (part: string) => {
      text += part;
      return true;
    },
  } as unknown as NodeJS.WriteStream;
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

  it("leads to no console for a log of the embedded cloud, and to AWS's for one there", () => {
    const said = (account: string) =>
      `ClientError: Received client error (400) from model. See https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#a:group=/b in account ${account} for more information. The model said: no`;
    const { output, text } = written(false);

    output.show({}, () => facts([["error", said("000000000000")]], (_, name) => name, undefined));
    output.show({}, () => said("123456789012"));

    expect(text()).to.equal(`  error  ClientError: Received client error (400) from model. The model said: no\n${said("123456789012")}\n`);
  });

  it("leaves an address whole that has no room beside its name", () => {
    const location = `s3://bucket/output/${"x".repeat(50)}.out`;
    const shown = (columns: number | undefined) =>
      facts(
        [
          ["result", location],
          ["job", "order-1"],
        ],
        (_, name) => name,
        columns,
      );

    expect(shown(80)).to.equal(`  result\n    ${location}\n  job     order-1`);
    expect(shown(200)).to.equal(`  result  ${location}\n  job     order-1`);
    expect(shown(undefined)).to.equal(shown(200));
  });

  it("adds no row to a list", () => {
    const { output, text } = written(false);
    const columns = [{ name: "WORDS", value: ({ words }: { words: string }) => words }];

    output.table([{ words: `a\norder-2\tCOMPLETED${evil}` }], columns);

    expect(text()).to.equal("a order-2 COMPLETEDtoo dark\n");
  });

  it("leaves a terminal's last columns out where an id is long, rather than break every row", () => {
    let text = "";
    const write = (part: string) => (text += part) !== "";
    const stream = { isTTY: true, columns: 80, hasColors: () => false, write } as unknown as NodeJS.WriteStream;
    const output = new Output(false, { stdout: stream, stderr: stream });
    const column = (name: string, width: number) => ({ name, value: () => name[0]?.toLowerCase().repeat(width) });

    output.table([{}], [column("JOB", 60), column("STATE", 9), column("AGE", 6), column("TOOK", 5)]);
    output.table([{}], [column("JOB", 26), column("STATE", 9), column("AGE", 6), column("TOOK", 5)]);

    const rows = text.split("\n");
    expect(rows[1]).to.equal(`${"j".repeat(60)}  ${"s".repeat(9)}  ${"a".repeat(6)}`);
    expect(rows[3]).to.equal(`${"j".repeat(26)}  ${"s".repeat(9)}  ${"a".repeat(6)}  ${"t".repeat(5)}`);
  });

  it("keeps a terminal's columns below each other whatever the script, and counts those of wide characters for what fits", () => {
    let text = "";
    const write = (part: string) => (text += part) !== "";
    const stream = { isTTY: true, columns: 20, hasColors: () => false, write } as unknown as NodeJS.WriteStream;
    const output = new Output(false, { stdout: stream, stderr: stream });
    const columns = ["FILE", "ANSWER", "AGE"].map((name, index) => ({ name, value: (row: readonly string[]) => row[index] }));

    output.table(
      [
        ["scan.png", "same", "1 s"],
        ["報告書", "同じ", "2 s"],
        ["e\u0301te\u0301", "👩‍🔬", "3 s"],
      ],
      columns,
    );
    expect(text).to.equal("FILE      ANSWER\nscan.png  same\n報告書    同じ\ne\u0301te\u0301       👩‍🔬\n");
    expect(
      facts(
        [
          ["名前", "a"],
          ["id", "b"],
        ],
        (_, name) => name,
        80,
      ),
    ).to.equal("  名前  a\n  id    b");
  });

  it("is wrapped at 80 columns where a terminal says that it has none", () => {
    let text = "";
    const write = (part: string) => (text += part) !== "";
    const stream = { isTTY: true, columns: 0, hasColors: () => false, write } as unknown as NodeJS.WriteStream;
    const output = new Output(false, { stdout: stream, stderr: stream });
    const words = "word ".repeat(20).trim();

    output.note(words);
    output.error({ code: "BAD_INPUT", message: words, retryable: false, advice: "" });
    output.show({}, () => output.fit(words, 2));
    output.table(
      [{ words }],
      [
        { name: "WORDS", value: (row) => row.words },
        { name: "MORE", value: () => "more" },
        { name: "LAST", value: () => "last" },
      ],
    );

    expect(text.split("\n").map((line) => line.length)).to.deep.equal([79, 19, 76, 36, 76, 26, 105, 105, 0]);
  });

  it("is escaped as JSON", () => {
    const { output, text } = written(true, true);

    output.show({ words: "\u001b[2J\n\u009b" }, () => "");

    expect(text()).to.equal('{"words":"\\u001b[2J\\n\\u009b"}\n');
  });
});
