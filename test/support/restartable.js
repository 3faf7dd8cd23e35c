import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { keepInDirectory } from "../../local/kept";
/** Makes one in a temporary folder. */
export function restartable() {
    const directory = mkdtempSync(path.join(tmpdir(), "restartable-"));
    let last;
    return {
        open: () => {
            last?.close();
            return (last = keepInDirectory(directory));
        },
        remove: () => {
            last?.close();
            rmSync(directory, { recursive: true });
        },
    };
}
