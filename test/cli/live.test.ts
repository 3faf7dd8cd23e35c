import { expect } from "chai";
import { LiveFrame } from "../../cli/liveFrame";
import { LiveLine } from "../../cli/liveLine";
import { Screen } from "../support/screen";

/** A terminal as a command's stream. */
const streamOf = (screen: Screen) =>
  ({
    isTTY: true,
    columns: screen.columns,
    rows: screen.rows,
    write: (data: string) => (screen.write(data), true),
  }) as unknown as NodeJS.WriteStream;

describe("what is drawn over itself on a terminal", () => {
  it("leaves nothing of a frame behind whose lines of Chinese the terminal broke in two", async () => {
    const screen = new Screen(21, 10);
    const frame = new LiveFrame(streamOf(screen));

    // 21 columns have room for ten such characters, not for ten and a half.
    frame.draw(`${"文".repeat(20)}\n${"文".repeat(21)}`, ["foot"]);
    frame.draw("second", ["foot"]);

    expect(await screen.lines()).to.deep.equal(["second", "foot"]);
  });

  it("leaves nothing of a line behind: it is cut by the columns that its characters take", async () => {
    const screen = new Screen(20, 5);
    const line = new LiveLine(streamOf(screen));

    line.show(`${"文".repeat(30)}.png`);
    expect(await screen.lines()).to.deep.equal([`… ${"文".repeat(8)}`]);
    line.clear();

    expect(await screen.lines()).to.deep.equal([]);
  });
});
