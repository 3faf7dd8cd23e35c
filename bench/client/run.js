/** `npm run bench:client`: how fast a result is known and what that costs, beside what people use without this client. */
import { machine } from "../measure";
import { detection } from "./detection";
import { handles } from "./handles";
import { asMarkdown, asText } from "./part";
import { submission } from "./submission";
const parts = { detection, submission, handles };
async function main(args) {
    const names = args.filter((arg) => arg !== "--markdown");
    const unknown = names.filter((name) => !(name in parts));
    if (unknown.length > 0)
        throw new Error(`unknown part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
    const isMarkdown = args.includes("--markdown");
    console.log(isMarkdown ? machine().split("\n")[0] : machine());
    for (const [name, run] of Object.entries(parts)) {
        if (names.length > 0 && !names.includes(name))
            continue;
        const part = await run();
        console.log(`\n${isMarkdown ? asMarkdown(part) : asText(part)}`);
    }
}
main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
    console.error(`error: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(1);
});
