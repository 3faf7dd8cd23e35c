import { createServer } from "node:http";
/**
 * A model that takes as long as its input says, `{ "milliseconds": 1500 }`, and says when it answered: the result is written
 * a few milliseconds later. With `--busy` it never answers.
 */
const isBusy = process.argv.includes("--busy");
createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
        const body = Buffer.concat(chunks);
        if (isBusy && request.method === "POST")
            return;
        const { milliseconds = 0 } = body.length > 0 ? JSON.parse(body.toString()) : {};
        setTimeout(() => {
            const answer = JSON.stringify({ answeredAt: Date.now() });
            response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length }).end(answer);
        }, milliseconds);
    });
}).listen(Number(process.env["PORT"]), "127.0.0.1");
