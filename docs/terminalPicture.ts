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

/** What a program wrote at once, and how many seconds after the recording began. */
export interface Written {
  seconds: number;
  text: string;
}

/** A terminal's window as an SVG: what is left on it of `written`, as wide as `columns`, in the colours that were meant. */
export async function terminalPicture(written: string, columns: number, title: string): Promise<string> {
  const terminal = new Terminal({ cols: columns, rows: 200, convertEol: true, allowProposedApi: true });
  const rows = await after(terminal, written);
  terminal.dispose();
  const last = rows.findLastIndex((row) => row !== "");
  return drawing(
    columns,
    last + 1,
    title,
    rows.flatMap((row, y) => (row === "" ? [] : placed(y, row))),
  );
}

/** What is drawn less than this after what stands already is one picture with it: spinners turn faster than anybody reads. */
const frameSeconds = 0.2;
/** A pause in which nothing is drawn is shortened to this. */
const pauseSeconds = 2;
/** How long the end stays before it begins again. */
const endSeconds = 12;

/**
 * A recorded terminal as an SVG that moves: it plays at the speed of the recording, pauses shortened, and begins again. Where its viewer wants no
 * motion, it is the end alone.
 */
export async function terminalRecording(recorded: readonly Written[], columns: number, rows: number, title: string): Promise<string> {
  const terminal = new Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  const frames: { from: number; rows: string[] }[] = [];
  let [now, before] = [0, 0];
  for (const { seconds, text } of recorded) {
    now += Math.min(seconds - before, pauseSeconds);
    before = seconds;
    const shown = await after(terminal, text);
    const frame = frames.at(-1);
    if (frame !== undefined && now - frame.from < frameSeconds) frame.rows = shown;
    else if (frame?.rows.join("\n") !== shown.join("\n")) frames.push({ from: now, rows: shown });
  }
  terminal.dispose();
  const total = now + endSeconds;
  const ends = (index: number) => frames[index + 1]?.from ?? total;

  // A row that stays for several frames is written once.
  const parts: { y: number; row: string; from: number; to: number }[] = [];
  for (let y = 0; y < rows; y++) {
    frames.forEach((frame, index) => {
      const row = frame.rows[y] ?? "";
      const part = parts.at(-1);
      if (part?.y === y && part.row === row && part.to === frame.from) part.to = ends(index);
      else parts.push({ y, row, from: frame.from, to: ends(index) });
    });
  }
  const names = new Map<string, string>();
  const drawn = parts
    .filter(({ row }) => row !== "")
    .map(({ y, row, from, to }) => {
      const [begin, end] = [from, to].map((seconds) => `${((seconds / total) * 100).toFixed(2)}%`);
      const steps = `${from > 0 ? "0%{opacity:0}" : ""}${begin}{opacity:1}${to < total ? `${end}{opacity:0}` : ""}`;
      const name = names.get(steps) ?? `t${names.size}`;
      names.set(steps, name);
      return placed(y, row, ` class="${to < total ? "past " : ""}${name}"`);
    });
  const animations = [...names].map(
    ([steps, name]) => `@keyframes ${name}{${steps}}.${name}{animation:${name} ${total.toFixed(1)}s step-end infinite}`,
  );
  const still = "@media (prefers-reduced-motion:reduce){text{animation:none!important}.past{opacity:0}}";
  return drawing(columns, rows, title, [`<style>${animations.join("")}${still}</style>`, ...drawn]);
}

/** The rows of the window once `written` is there. */
async function after(terminal: Terminal, written: string): Promise<string[]> {
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, y) => {
    const line = active.getLine(active.baseY + y);
    return runs(Array.from({ length: terminal.cols }, (_, x) => line?.getCell(x)).filter((each) => each !== undefined));
  });
}

function drawing(columns: number, rows: number, title: string, parts: readonly string[]): string {
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = rows * cell.height + 2 * margin;
  const style = `font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="${foreground}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="6" fill="${background}"/>`,
    `<g ${style}>`,
    ...parts,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function placed(y: number, row: string, attributes = ""): string {
  return `<text y="${margin + (y + 1) * cell.height - 5}"${attributes}>${row}</text>`;
}

/** A line's text in parts of one look each, every part where its first cell is, and no blanks but single ones: no viewer moves it. */
function runs(cells: readonly IBufferCell[]): string {
  const parts: { x: number; look: string; text: string }[] = [];
  cells.forEach((each, x) => {
    const look = lookOf(each);
    const text = each.getChars() || " ";
    const part = parts.at(-1);
    const isApart = part?.text.endsWith(" ") === true && text !== " " && !/\S $/.test(part.text);
    if (part?.look === look && !isApart) part.text += text;
    else parts.push({ x, look, text });
  });
  return parts
    .filter(({ text }) => text.trim() !== "")
    .map(({ x, look, text }) => {
      const left = x + text.length - text.trimStart().length;
      return `<tspan x="${(margin + left * cell.width).toFixed(1)}"${look}>${escaped(text.trim())}</tspan>`;
    })
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
