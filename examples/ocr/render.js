import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
/** A4 at 100 dots an inch is legible to people and to the engine, and small. */
const page = { width: 830, margin: 60, fontSize: 23, lineHeight: 34, columnWidth: 180 };
let fonts;
async function load() {
    await initWasm(await readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
    return [await readFile(require.resolve("@fontsource/source-serif-4/files/source-serif-4-latin-400-normal.woff2"))];
}
/**
 * Draws text, black on white, line for line, as a PNG as high as the text needs. A tab goes on at the next column.
 * The same text gives the same bytes on every machine.
 */
export async function renderPage(text) {
    const fontBuffers = await (fonts ??= load());
    const lines = text.trimEnd().split("\n");
    const words = lines.flatMap((line, row) => line.split("\t").map((cell, column) => {
        const x = page.margin + column * page.columnWidth;
        const y = page.margin + (row + 1) * page.lineHeight;
        return `<text x="${x}" y="${y}">${escape(cell)}</text>`;
    }));
    const height = 2 * page.margin + (lines.length + 1) * page.lineHeight;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${page.width}" height="${height}" font-size="${page.fontSize}">${words.join("")}</svg>`;
    return Buffer.from(new Resvg(svg, { background: "white", font: { fontBuffers } }).render().asPng());
}
function escape(text) {
    return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
/** Draws each text in `directory` beside it, and a page that is broken on purpose: one that stops half-way. */
export async function renderPages(directory) {
    const names = (await readdir(directory)).filter((name) => name.endsWith(".txt")).sort();
    for (const name of names) {
        const png = await renderPage(await readFile(join(directory, name), "utf8"));
        await writeFile(join(directory, name.replace(/txt$/, "png")), png);
        if (name === "note.txt")
            await writeFile(join(directory, "broken.png"), png.subarray(0, png.length / 2));
    }
}
if (require.main === module) {
    renderPages(join(process.cwd(), "examples/ocr/pages")).catch((error) => {
        console.error(error);
        process.exitCode = 1;
    });
}
