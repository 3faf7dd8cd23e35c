import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
const keyBytes = 32;
/**
 * The key that sessions of this user's consoles are signed with, kept between runs: a page whose server was started again goes on.
 * Where it can't be kept, this run has one of its own, and its pages are locked when it has ended.
 *
 * @param environment `XDG_STATE_HOME` is where such things are kept. @default ~/.local/state
 */
export function consoleKey(environment) {
    const folder = path.join(environment["XDG_STATE_HOME"] || path.join(homedir(), ".local/state"), "sagemaker-async");
    const file = path.join(folder, "console.key");
    const known = read(file);
    if (known !== undefined)
        return known;
    const key = randomBytes(keyBytes);
    try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        // Two that start at once: the first one's counts.
        writeFileSync(file, key, { mode: 0o600, flag: "wx" });
        return key;
    }
    catch {
        return read(file) ?? key;
    }
}
function read(file) {
    try {
        const key = readFileSync(file);
        return key.length === keyBytes ? key : undefined;
    }
    catch {
        return undefined;
    }
}
