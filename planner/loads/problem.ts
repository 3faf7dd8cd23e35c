/** A load that can't be used: what is wrong, and what to do about it, in words for whoever gave it. */
export class LoadProblem extends Error {
  constructor(
    message: string,
    /** What to do. Empty when the message says it. */
    readonly advice = "",
  ) {
    super(message);
  }
}

/** How many wrong rows are quoted; of the others it is reported how many there are. */
const mostQuoted = 10;

/** Wrong rows of a trace, of which the first are kept. */
export class WrongRows {
  private readonly quoted: string[] = [];
  private count = 0;

  /** @param line where the row stands, from 1 */
  add(line: number, got: string, expected: string): void {
    this.count += 1;
    if (this.quoted.length < mostQuoted) this.quoted.push(`line ${line}: got ${shortened(got)}, expected ${expected}`);
  }

  /** @throws LoadProblem that quotes them, when there are any */
  refuse(name: string): void {
    if (this.count === 0) return;
    const rows = this.count === 1 ? "1 row that can't be read" : `${this.count} rows that can't be read`;
    const more = this.count > this.quoted.length ? [`… and ${this.count - this.quoted.length} more`] : [];
    throw new LoadProblem([`${name} has ${rows}:`, ...this.quoted, ...more].join("\n"), "Correct or remove them: no row is skipped.");
  }
}

function shortened(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 60 ? `${quoted.slice(0, 59)}…"` : quoted;
}
