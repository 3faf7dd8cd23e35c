import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
/** What a stack puts before, between and after the pieces of the model's text. NumPy takes no string of half a gigabyte, so MLflow gets many. */
const wrapping = { bytes: ["", "", ""], json: ['{"inputs":["', '","', '"]}'] };
const pieceBytes = 2 ** 20;
/**
 * Writes a file of `bytes` bytes, letters of which no two pieces are the same, as the stack takes it; keeps it for the next run.
 *
 * @param folder where it is written
 */
export function makeInput(folder, takes, bytes) {
    const file = path.join(folder, `${takes}-${bytes}.${takes === "json" ? "json" : "bin"}`);
    const summary = `${file}.expected`;
    const [before, between, after] = wrapping[takes];
    if (!existsSync(summary) || !existsSync(file) || statSync(file).size !== bytes) {
        mkdirSync(folder, { recursive: true });
        const unfinished = `${file}.${process.pid}`;
        const hash = createHash("sha256");
        const descriptor = openSync(unfinished, "w");
        writeSync(descriptor, before);
        let contentBytes = 0;
        for (let left = bytes - before.length - after.length; left > 0;) {
            // What is left must hold what stands between.
            const size = left > pieceBytes + between.length ? pieceBytes : left;
            const piece = Buffer.alloc(size, `piece ${contentBytes} `);
            hash.update(piece);
            writeSync(descriptor, piece);
            contentBytes += size;
            left -= size;
            if (left > 0)
                left -= writeSync(descriptor, between);
        }
        writeSync(descriptor, after);
        closeSync(descriptor);
        renameSync(unfinished, file);
        writeFileSync(summary, JSON.stringify({ bytes: contentBytes, sha256: hash.digest("hex") }));
    }
    return { url: pathToFileURL(file), bytes, expected: JSON.parse(readFileSync(summary, "utf8")) };
}
/** A request for a behaviour, as the stack takes it. */
export function requestFor(takes, behaviour) {
    const text = JSON.stringify(behaviour);
    return Buffer.from(takes === "json" ? JSON.stringify({ inputs: [text] }) : text);
}
/** What the model answered, out of what the stack puts around it. */
export function answerIn(takes, result) {
    return takes === "json" ? result?.predictions : result;
}
