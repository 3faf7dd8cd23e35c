import { expect } from "chai";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { deploymentOf, showDeployment } from "../../../local/commands/progress";
/** A stream that keeps what is written: a terminal, or a pipe. */
function recorder(isTTY) {
    const written = [];
    const stream = new PassThrough();
    stream.on("data", (data) => written.push(data.toString()));
    return {
        stream: Object.assign(stream, { isTTY, columns: 100, rows: 20 }),
        text: () => stripVTControlCharacters(written.join("")),
    };
}
const bucket = { urn: "urn:bucket", type: "aws:s3/bucket:Bucket", name: "pages" };
const topic = { urn: "urn:topic", type: "aws:sns/topic:Topic", name: "ends" };
const events = [
    { kind: "component", urn: "urn:group", type: "test:index:Group", name: "group", parent: undefined },
    { kind: "resource", change: "creating", ...bucket, parent: "urn:group" },
    { kind: "message", severity: "warning", text: "mind the gap" },
    { kind: "message", severity: "output", text: "a line of the program" },
    { kind: "resource", change: "creating", ...topic, parent: undefined },
    { kind: "resource", change: "created", ...bucket, milliseconds: 12 },
    { kind: "resource", change: "created", ...topic, milliseconds: 1234 },
];
function deployment(onEvent) {
    events.forEach(onEvent);
    return Promise.resolve("outputs");
}
describe("The progress of a deployment", () => {
    const ci = process.env["CI"];
    beforeEach(() => delete process.env["CI"]);
    afterEach(() => {
        if (ci !== undefined)
            process.env["CI"] = ci;
    });
    it("is a line for each resource and message where nobody watches", async () => {
        const { stream, text } = recorder(false);
        expect(await showDeployment("shop/dev", deployment, stream)).to.equal("outputs");
        expect(text().replace(/in \d+ ms/, "in N ms")).to.equal([
            "Deploying shop/dev",
            "  warning: mind the gap",
            "  a line of the program",
            "  created aws:s3/bucket:Bucket pages (12 ms)",
            "  created aws:sns/topic:Topic ends (1.2 s)",
            "Deployed shop/dev: 2 resources in N ms",
            "",
        ].join("\n"));
    });
    it("is a list that folds into one line on a terminal, and keeps the program's messages", async () => {
        const { stream, text } = recorder(true);
        expect(await showDeployment("shop/dev", deployment, stream)).to.equal("outputs");
        expect(text().replace(/in \d+ ms/g, "in N ms")).to.match(/✔ Deployed shop\/dev: 2 resources in N ms\nwarning: mind the gap\na line of the program\n$/);
    });
    it("hands on what the cloud warns of meanwhile, in a pipe too: a model that does not answer is waited for half an hour", async () => {
        const { stream, text } = recorder(false);
        const warning = "The container (`sleep 1000`) does not listen on the port in PORT (1234) at 127.0.0.1 and is waited for";
        const cloud = {
            events: new EventEmitter(),
            deploy: async () => {
                cloud.events.emit("event", { kind: "warning", message: warning });
                return { project: "shop", stack: "dev", outputs: {}, secretNames: [] };
            },
        };
        await showDeployment("shop/dev", deploymentOf(cloud, { directory: ".", stack: "dev" }), stream);
        cloud.events.emit("event", { kind: "warning", message: "later" });
        expect(text().replace(/in \d+ ms/, "in N ms")).to.equal(`Deploying shop/dev\n  warning: ${warning}\nDeployed shop/dev: nothing changed in N ms\n`);
    });
    it("leaves a failure's words to its caller", async () => {
        const failed = { kind: "resource", change: "failed", ...bucket, milliseconds: 3, reason: "no room" };
        const failing = (onEvent) => {
            onEvent(failed);
            return Promise.reject(new Error("no room"));
        };
        for (const isTTY of [false, true]) {
            const { stream, text } = recorder(isTTY);
            expect(await showDeployment("shop/dev", failing, stream).catch(String)).to.equal("Error: no room");
            expect(text()).not.to.include("Deployed");
            expect(text()).not.to.include("no room");
        }
    });
});
