import { printable } from "./output";
import { columnsOf, cut } from "./width";

/** How often the line is drawn at most. */
const intervalMilliseconds = 100;
const clear = "\r\u001b[2K";

/** One line of a terminal that is drawn over itself. Does nothing without a terminal. */
export class LiveLine {
  private drawnAt = 0;

  /** @param stream the terminal; undefined in a pipe and with `--json` */
  constructor(private readonly stream: NodeJS.WriteStream | undefined) {}

  /** Shows what goes on, cut at the terminal's width. */
  show(text: string): void {
    const now = performance.now();
    if (this.stream === undefined || now - this.drawnAt < intervalMilliseconds) return;
    this.drawnAt = now;
    this.stream.write(`${clear}… ${cut(printable(text), columnsOf(this.stream) - 3)}`);
  }

  /** Takes the line away: before something is said, and at the end. */
  clear(): void {
    if (this.drawnAt === 0) return;
    this.drawnAt = 0;
    this.stream?.write(clear);
  }
}
