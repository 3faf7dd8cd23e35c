import { formatted } from "../docs/formatted";
import type { Cell } from "./properties";

/** A cell, and the day on which it was measured, UTC. */
export type DatedCell = Cell & { date: string };

/** What runs found of one stack, by the property's name. */
export type StackResult = Record<string, DatedCell>;

/** By the stack's name. */
export type Results = Record<string, StackResult>;

/** A row or a column: what it is called in a result, and in the table. */
interface Named {
  name: string;
  title: string;
}

const signs: Record<Cell["holds"], string> = { yes: "yes", no: "**no**", measured: "", skipped: "skipped" };

/** What a cell says in a table. */
export function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return [signs[cell.holds], cell.note].filter(Boolean).join(": ");
}

/** The table of properties by stacks, in Markdown. */
export function table(results: Results, properties: readonly Named[], stacks: readonly Named[]): string[] {
  const columns = stacks.filter(({ name }) => name in results);
  const rows = properties.map(({ name, title }) => [title, ...columns.map((stack) => cellText(results[stack.name]?.[name]))]);
  const dates = ["measured on", ...columns.map(({ name }) => days(results[name] ?? {}))];
  const head = ["", ...columns.map(({ title }) => title)];
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...[...rows, dates].map(line)];
}

function days(cells: StackResult): string {
  return [...new Set(Object.values(cells).map(({ date }) => date))].sort().join(", ");
}

/** A page with the table between `<!-- servers -->` and `<!-- /servers -->`. @throws Error when it has no such place */
export async function withTable(page: string, rows: readonly string[]): Promise<string> {
  const place = /<!-- servers -->[^]*<!-- \/servers -->/;
  if (!place.test(page)) throw new Error("the page has no region <!-- servers --> … <!-- /servers -->");
  const filled = page.replace(place, () => ["<!-- servers -->", "", ...rows, "", "<!-- /servers -->"].join("\n"));
  return formatted("servers.md", filled);
}

/** Every cell that is false, as `stack: property: what was seen`. */
export function failures(results: Results): string[] {
  return Object.entries(results).flatMap(([stack, cells]) =>
    Object.entries(cells).flatMap(([property, { holds, note }]) => (holds === "no" ? [`${stack}: ${property}: ${note}`] : [])),
  );
}
