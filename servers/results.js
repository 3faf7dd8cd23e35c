import * as prettier from "prettier";
const signs = { yes: "yes", no: "**no**", measured: "", skipped: "skipped" };
/** What a cell says in a table. */
export function cellText(cell) {
    if (cell === undefined)
        return "";
    return [signs[cell.holds], cell.note].filter(Boolean).join(": ");
}
/** The table of properties by stacks, in Markdown. */
export function table(results, properties, stacks) {
    const columns = stacks.filter(({ name }) => name in results);
    const rows = properties.map(({ name, title }) => [title, ...columns.map((stack) => cellText(results[stack.name]?.[name]))]);
    const dates = ["measured on", ...columns.map(({ name }) => days(results[name] ?? {}))];
    const head = ["", ...columns.map(({ title }) => title)];
    const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...[...rows, dates].map(line)];
}
function days(cells) {
    return [...new Set(Object.values(cells).map(({ date }) => date))].sort().join(", ");
}
/** A page with the table between `<!-- servers -->` and `<!-- /servers -->`. @throws Error when it has no such place */
export async function withTable(page, rows, options) {
    const place = /<!-- servers -->[^]*<!-- \/servers -->/;
    if (!place.test(page))
        throw new Error("the page has no region <!-- servers --> … <!-- /servers -->");
    const filled = page.replace(place, () => ["<!-- servers -->", "", ...rows, "", "<!-- /servers -->"].join("\n"));
    return prettier.format(filled, { ...options, parser: "markdown" });
}
/** Every cell that is false, as `stack: property: what was seen`. */
export function failures(results) {
    return Object.entries(results).flatMap(([stack, cells]) => Object.entries(cells).flatMap(([property, { holds, note }]) => (holds === "no" ? [`${stack}: ${property}: ${note}`] : [])));
}
