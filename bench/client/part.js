import { table } from "../measure";
/** For a terminal. */
export function asText({ title, rows, aims }) {
    return [title, table(rows), ...aims.map(({ what, met }) => `  ${what}: ${met ? "met" : "missed"}`)].join("\n");
}
/** For docs/benchmarks.md. */
export function asMarkdown({ title, rows, aims }) {
    const [head = [], ...rest] = rows;
    const line = (cells) => `| ${cells.join(" | ")} |`;
    const ruler = head.map((_, index) => (index === 0 ? "---" : "---:"));
    const list = aims.map(({ what, met }) => `- ${what}: ${met ? "met" : "missed"}`);
    return [`**${title}**`, "", line(head), line(ruler), ...rest.map(line), "", ...list].join("\n");
}
