import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { aim, median, repeat, root, seconds, table } from "./measure";
const runs = 3;
/** `npm start` as its user sees it: npm and the build are in the times. */
export async function firstRun() {
    const results = await repeat(runs, start);
    const of = (name) => median(results.map((result) => result[name]));
    const rows = [
        ["npm start, up to", "seconds"],
        ["deployed", seconds(of("deployed"))],
        ["first result", seconds(of("firstResult"))],
        ["end", seconds(of("end"))],
    ];
    return [`npm start (median of ${runs})`, table(rows), `  first result: ${aim(of("firstResult"), 12_000)}`].join("\n");
}
async function start() {
    const begin = performance.now();
    const since = () => performance.now() - begin;
    const child = spawn("npm", ["start", "--silent"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const times = { deployed: NaN, firstResult: NaN, end: NaN };
    const lines = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
        lines.push(line);
        if (line.startsWith("Deployed "))
            times.deployed = since();
        if (/^ {2}\S+: completed$/.test(line) && Number.isNaN(times.firstResult))
            times.firstResult = since();
    });
    const [exitCode] = (await once(child, "close"));
    if (exitCode !== 0)
        throw new Error(`npm start ended with exit code ${exitCode}:\n${lines.join("\n")}`);
    return { ...times, end: since() };
}
