import { Terminal, type IBufferCell } from "@xterm/headless";

/** Size of a character's cell in the picture. */
const cell = { width: 8.4, height: 18 };
const margin = 14;

const background = "#1b1f24";
const foreground = "#d7dde4";
/** The sixteen colours that programs name. */
const palette = [
  ["#3b4048", "#e5707a", "#7cc38a", "#d9b76a", "#6fa8e8", "#c08bdc", "#5fbcc4", "#d7dde4"],
  ["#7b8490", "#ff8d96", "#97dda5", "#f0cf84", "#8fc0fa", "#d6a5ee", "#7fd6dd", "#ffffff"],
].flat();

/** A terminal's window as an SVG: what is left on it of `written`, as wide as `columns`, in the colours that were meant. */
export async function terminalPicture(written: string, columns: number, title: string): Promise<string> {
  const terminal = new Terminal({ cols: columns, rows: 200, convertEol: true, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { active } = terminal.buffer;
  const rows: string[] = [];
  let last = -1;
  for (let y = 0; y < active.length; y++) {
    const line = active.getLine(y);
    const cells = Array.from({ length: columns }, (_, x) => line?.getCell(x)).filter((each) => each !== undefined);
    const text = runs(cells);
    if (text !== "") last = y;
    rows.push(text === "" ? "" : `<text y="${margin + (y + 1) * cell.height - 5}">${text}</text>`);
  }
  terminal.dispose();
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = (last + 1) * cell.height + 2 * margin;
  const style = `font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="${foreground}" xml:space="preserve"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="6" fill="${background}"/>`,
    `<g ${style}>`,
    ...rows.filter((row) => row !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** A line's text in parts of one look each, every part where its first cell is: no viewer's font moves it. */
function runs(cells: readonly IBufferCell[]): string {
  const parts: { x: number; look: string; text: string }[] = [];
  cells.forEach((each, x) => {
    const look = lookOf(each);
    const text = each.getChars() || " ";
    const part = parts.at(-1);
    if (part?.look === look) part.text += text;
    else parts.push({ x, look, text });
  });
  return parts
    .filter(({ text }) => text.trim() !== "")
    .map(({ x, look, text }) => `<tspan x="${(margin + x * cell.width).toFixed(1)}"${look}>${escaped(text.trimEnd())}</tspan>`)
    .join("");
}

function lookOf(each: IBufferCell): string {
  const colour = each.isFgPalette() ? palette[each.getFgColor()] : undefined;
  return [
    colour === undefined ? "" : ` fill="${colour}"`,
    each.isBold() ? ' font-weight="bold"' : "",
    each.isDim() ? ' opacity="0.65"' : "",
  ].join("");
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}
