import { Terminal } from "@xterm/headless";
/** A terminal's window, as its user sees it: cursor movements and erased lines included. */
export class Screen {
    columns;
    rows;
    terminal;
    written = Promise.resolve();
    constructor(columns = 80, rows = 24) {
        this.columns = columns;
        this.rows = rows;
        this.terminal = new Terminal({ cols: columns, rows, scrollback: 10_000, convertEol: true, allowProposedApi: true });
    }
    /** Shows what a program writes. */
    write(data) {
        const shown = new Promise((resolve) => this.terminal.write(data, resolve));
        this.written = this.written.then(() => shown);
    }
    /** What is left in the end, from the first line on: a line that the terminal had to break is one. */
    async lines() {
        await this.written;
        const { active } = this.terminal.buffer;
        const lines = [];
        for (let index = 0; index < active.length; index++) {
            const line = active.getLine(index);
            if (line === undefined)
                continue;
            if (line.isWrapped && lines.length > 0)
                lines.push(`${lines.pop()}${line.translateToString(true)}`);
            else
                lines.push(line.translateToString(true));
        }
        while (lines.at(-1) === "")
            lines.pop();
        return lines;
    }
    /** The same as text. */
    async text() {
        return (await this.lines()).join("\n");
    }
}
