import { table } from "../measure";

/** What one part of the bench found. */
export interface Part {
  title: string;
  /** The first is the head. */
  rows: string[][];
  /** What should hold, in words, and whether it does. */
  aims: { what: string; met: boolean }[];
}

/** For a terminal. */
export function asText({ title, rows, aims }: Part): string {
  return [title, table(rows), ...aims.map(({ what, met }) => `  ${what}: ${met ? "met" : "missed"}`)].join("\n");
}

/** For docs/benchmarks.md. */
export function asMarkdown({ title, rows, aims }: Part): string {
  const [head = [], ...rest] = rows;
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const ruler = head.map((_, index) => (index === 0 ? "---" : "---:"));
  const list = aims.map(({ what, met }) => `- ${what}: ${met ? "met" : "missed"}`);
  return [`**${title}**`, "", line(head), line(ruler), ...rest.map(line), "", ...list].join("\n");
}
