import { stripVTControlCharacters } from "node:util";
import { columnsOf, rowsOf } from "./width";

/** Below which height a terminal shows nothing that is worth reading; some say that they have no rows. */
const leastRows = 4;

/** Several lines of a terminal that are drawn over themselves. Longer ones are left to the terminal to break. */
export class LiveFrame {
  private drawn: readonly string[] = [];

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /**
   * Draws `body` with `footer` below it, in place of what was drawn before. Lines of the body that don't fit the terminal are counted
   * instead: nothing can be drawn over that has left it.
   */
  draw(body: string, footer: readonly string[]): void {
    const room = Math.max(leastRows, this.stream.rows || 24) - 1 - this.height(footer);
    const lines = body.split("\n");
    let shown = lines;
    while (this.height(shown) > room && shown.length > 1)
      shown = [...lines.slice(0, shown.length - 2), more(lines.length - shown.length + 2)];
    const all = [...shown, ...footer];
    this.stream.write(`${this.erased()}${all.join("\n")}\n`);
    this.drawn = all;
  }

  /** Moves to where the frame began, as wide as the terminal is now, and erases from there on. */
  private erased(): string {
    const rows = this.height(this.drawn);
    return rows === 0 ? "" : `\r\u001b[${rows}A\u001b[J`;
  }

  private height(lines: readonly string[]): number {
    const columns = columnsOf(this.stream);
    return lines.reduce((rows, line) => rows + rowsOf(stripVTControlCharacters(line), columns), 0);
  }
}

function more(count: number): string {
  return `… ${count} more ${count === 1 ? "line" : "lines"}`;
}
