import { seededRandom } from "../../local/faults/random";
import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import path from "node:path";
import { OcrEngine } from "../../examples/ocr/engine";
import { characterErrorRate } from "../../examples/ocr/errorRate";
import { renderPage } from "../../examples/ocr/render";
import { createOcrServer } from "../../examples/ocr/server";
const pages = path.join(process.cwd(), "examples/ocr/pages");
const page = (name) => readFile(path.join(pages, name));
/** Letters and digits that the engine mixes up now and then on words that are no words: l and I, 0 and O. */
const tolerableErrorRate = 0.03;
/** The same words again for the same seed. */
function random(seed) {
    const { next } = seededRandom(seed);
    return (bound) => (next() * 2 ** 32) % bound;
}
const vocabulary = ("amber anchor basket bridge candle canvas corner cotton dragon engine falcon fabric garden ginger hammer harbor island jacket " +
    "kernel ladder lantern marble meadow mirror needle number orange packet paper pencil pepper planet pocket quarter ribbon river saddle " +
    "shadow silver summer tablet temple thunder timber tunnel valley velvet violin walnut window winter yellow zipper").split(" ");
describe("the pages of the OCR model", () => {
    for (const name of ["note", "invoice", "letter"]) {
        it(`shows on the ${name} what its text says, drawn again to the byte`, async () => {
            const drawn = await renderPage(await readFile(path.join(pages, `${name}.txt`), "utf8"));
            expect(drawn.equals(await page(`${name}.png`)), "run npm run pages").to.equal(true);
            expect(drawn.length).to.be.at.most(170_000);
        });
    }
    it("has one that stops half-way, broken on purpose", async () => {
        const whole = await page("note.png");
        expect((await page("broken.png")).equals(whole.subarray(0, whole.length / 2))).to.equal(true);
    });
});
describe("the OCR model", () => {
    let engine;
    let server;
    let url;
    before(async () => {
        engine = new OcrEngine();
        server = createOcrServer(engine).listen(0, "127.0.0.1");
        await once(server, "listening");
        url = `http://127.0.0.1:${server.address().port}`;
        await engine.loaded();
    });
    after(async () => {
        server.close();
        server.closeAllConnections();
        await engine.close();
    });
    async function invoke(image, headers = { "Content-Type": "image/png" }) {
        const response = await fetch(`${url}/invocations`, { method: "POST", body: new Uint8Array(image), headers });
        return { status: response.status, body: (await response.json()), headers: response.headers };
    }
    for (const name of ["note", "invoice", "letter"]) {
        it(`reads the shipped ${name} as its text says, or the first run of a new user fails`, async () => {
            const { status, body } = await invoke(await page(`${name}.png`));
            expect(status).to.equal(200);
            expect(characterErrorRate(body["text"], await readFile(path.join(pages, `${name}.txt`), "utf8"))).to.equal(0);
        });
    }
    it("reads words that nobody chose: it recognizes, it doesn't remember", async () => {
        const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
        const next = random(seed);
        const line = () => Array.from({ length: 6 }, () => vocabulary[next(vocabulary.length)]).join(" ");
        const text = [line(), line(), line(), `${line()} ${next(9000) + 1000}`].join("\n");
        const { body } = await invoke(await renderPage(text));
        expect(characterErrorRate(body["text"], text), `SEED=${seed} drew\n${text}\nand it read\n${body["text"]}`).to.be.at.most(tolerableErrorRate);
    });
    it("answers JSON with its length, which SageMaker requires", async () => {
        const response = await new Promise((resolve, reject) => {
            const request = httpRequest(`${url}/invocations`, { method: "POST", headers: { "Content-Type": "image/png" } }, (answer) => {
                let body = "";
                answer.on("data", (chunk) => (body += chunk.toString()));
                answer.on("end", () => resolve({ length: answer.headers["content-length"], chunked: answer.headers["transfer-encoding"], body }));
            });
            request.on("error", reject);
            page("note.png").then((image) => request.end(image), reject);
        });
        expect({ length: response.length, chunked: response.chunked }).to.deep.equal({
            length: String(Buffer.byteLength(response.body)),
            chunked: undefined,
        });
        expect(Object.keys(JSON.parse(response.body))).to.deep.equal(["text", "confidence"]);
    });
    it("gives each word with its place when asked", async () => {
        const { body } = await invoke(await page("note.png"), {
            "Content-Type": "application/octet-stream",
            "X-Amzn-SageMaker-Custom-Attributes": "words",
        });
        const words = body["words"];
        expect(words.map(({ text }) => text).join(" ")).to.equal("Shopping for Saturday: six eggs, brown bread, a bag of apples and two candles for the cake.");
        expect(words[0]?.box).to.have.all.keys("left", "top", "right", "bottom");
    });
    const notAnImage = "the body is not an image: send a PNG, JPEG or TIFF file as it is, not base64 and not a form";
    const refused = [
        ["an empty body", () => Buffer.alloc(0), "image/png", "the body is empty: send the bytes of an image"],
        ["text", () => Buffer.from("hello"), "image/png", notAnImage],
        ["base64", async () => Buffer.from((await page("note.png")).toString("base64")), "application/octet-stream", notAnImage],
        ["the page that is broken on purpose", () => page("broken.png"), "image/png", "the image can't be decoded: it is damaged or cut off"],
        [
            "a type that it can't read",
            () => page("note.png"),
            "application/pdf",
            'Content-Type "application/pdf" is not supported: send image/png, image/jpeg, image/tiff, application/octet-stream',
        ],
    ];
    for (const [what, body, contentType, error] of refused) {
        it(`refuses ${what} with a sentence that helps, and stays ready`, async () => {
            const answer = await invoke(await body(), { "Content-Type": contentType });
            expect({ status: answer.status, body: answer.body }).to.deep.equal({ status: 400, body: { error } });
            expect((await fetch(`${url}/ping`)).status).to.equal(200);
        });
    }
    it("answers each of many callers at once with their own page", async () => {
        const names = ["note", "invoice", "note", "invoice"];
        const answers = await Promise.all(names.map(async (name) => invoke(await page(`${name}.png`))));
        expect(answers.map(({ body }) => body["text"].slice(0, 7))).to.deep.equal(["Shoppin", "INVOICE", "Shoppin", "INVOICE"]);
    });
    it("fails the one request when its engine dies, says so on /ping, and reads on with a new one", async () => {
        const { thread } = await engine.current;
        const cut = invoke(await page("letter.png"));
        await once(server, "request");
        await thread.terminate();
        const { status, body } = await cut;
        const pinged = (await fetch(`${url}/ping`)).status;
        const next = await invoke(await page("note.png"));
        expect({ status, body, pinged, next: next.status }).to.deep.equal({
            status: 500,
            body: { error: "the OCR engine failed: its thread ended with code 1" },
            pinged: 503,
            next: 200,
        });
        expect((await fetch(`${url}/ping`)).status).to.equal(200);
    });
});
describe("the OCR model as a process", () => {
    let child;
    afterEach(() => child.kill("SIGKILL"));
    it("listens where SageMaker says, and SIGTERM lets it finish the page that it reads", async () => {
        child = spawn(process.execPath, [path.join(__dirname, "../../examples/ocr/server.js")], {
            env: { ...process.env, SAGEMAKER_BIND_TO_PORT: "0", PORT: "1" },
            stdio: ["ignore", "pipe", "ignore"],
        });
        const [greeting] = (await once(child.stdout, "data"));
        const [, port] = /^listening on 127\.0\.0\.1:(\d+)\n$/.exec(greeting.toString()) ?? expect.fail(greeting.toString());
        // The engine still loads: the request waits for it, and so does the end.
        const answer = new Promise((resolve, reject) => {
            const request = httpRequest(`http://127.0.0.1:${port}/invocations`, { method: "POST", headers: { "Content-Type": "image/png", Expect: "100-continue" } }, (response) => {
                response.resume();
                resolve(response.statusCode);
            });
            request.on("error", reject);
            request.on("continue", () => {
                child.kill("SIGTERM");
                page("note.png").then((image) => request.end(image), reject);
            });
        });
        expect(await answer).to.equal(200);
        expect(await once(child, "exit")).to.deep.equal([0, null]);
    });
});
