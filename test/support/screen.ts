import { Terminal } from "@xterm/headless";

/** A terminal's window, as its user sees it: cursor movements and erased lines included. */
export class Screen {
  private readonly terminal: Terminal;
  private written: Promise<void> = Promise.resolve();

  constructor(
    readonly columns = 80,
    readonly rows = 24,
  ) {
    this.terminal = new Terminal({ cols: columns, rows, scrollback: 10_000, convertEol: true, allowProposedApi: true });
  }

  /** Shows what a program writes. */
  write(data: Uint8Array | string): void {
    const shown = new Promise<void>((resolve) => this.terminal.write(data, resolve));
    this.written = this.written.then(() => shown);
  }

  /** What is left in the end, from the first line on: a line that the terminal had to break is one. */
  async lines(): Promise<string[]> {
    await this.written;
    const { active } = this.terminal.buffer;
    const lines: string[] = [];
    for (let index = 0; index < active.length; index++) {
      const line = active.getLine(index);
      if (line === undefined) continue;
      if (line.isWrapped && lines.length > 0) lines.push(`${lines.pop()}${line.translateToString(true)}`);
      else lines.push(line.translateToString(true));
    }
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** The same as text. */
  async text(): Promise<string> {
    return (await this.lines()).join("\n");
  }
}
