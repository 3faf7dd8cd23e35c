import { expect } from "chai";
import { sizes } from "../../../cli/containerCheck/contract";
import { excerpt, judgeConcurrency, judgeLength, judgeLong, judgeSize, judgeTermination, lanes, outcomeText, } from "../../../cli/containerCheck/judge";
import { grows, memoryOf } from "../../../cli/containerCheck/memory";
import { raise } from "../../../cli/containerCheck/mends";
const answered = {
    outcome: "answered",
    phase: "answering",
    status: 200,
    contentLength: 10,
    chunked: false,
    headersBytes: 80,
    sentBytes: 64,
    receivedBytes: 10,
    milliseconds: 20,
    start: "0123456789",
};
const silent = { ...answered, outcome: "silent", phase: "waiting", milliseconds: 5000 };
const sample = { content: undefined, contentType: "application/octet-stream" };
const nobody = { family: undefined, given: {} };
const [sevenMegabytes] = sizes;
describe("what the container check says", () => {
    describe("lanes", () => {
        const cases = [
            ["one worker: each waits for those before it", 8, [8, 16, 24, 32], 1],
            ["two workers", 10, [10, 10, 20, 20], 2],
            ["as many workers as requests", 10, [10, 10, 11, 12], undefined],
            ["a machine that all of them slow down", 10, [38, 39, 40, 40], undefined],
            ["one request", 10, [10], undefined],
        ];
        for (const [what, single, latencies, expected] of cases) {
            it(`tells a queue from a busy machine: ${what}`, () => expect(lanes(single, latencies)).to.equal(expected));
        }
    });
    it("does not call quick requests concurrent: they may queue unseen", () => {
        const finding = judgeConcurrency(2, 2, 3, [answered, answered], nobody, sample);
        expect([finding.verdict, finding.mend]).to.deep.equal([
            "could not be checked",
            "Name an input that the model computes for a second or more: --slow-sample FILE.",
        ]);
    });
    it("calls a short request no proof of a long one", () => {
        const finding = judgeLong(150, { ...answered, milliseconds: 4100 }, sample, nobody);
        expect(finding).to.deep.equal({
            check: "a request of 150 s",
            needed: true,
            verdict: "could not be checked",
            seen: "the longest request here took 4.1 s",
            mend: "Name an input that the model computes for 150 s or more: --slow-sample FILE.",
        });
    });
    it("names the variable of the family that cuts a long request", () => {
        const cut = { ...answered, status: 500, start: "Worker died.", milliseconds: 120_100 };
        const finding = judgeLong(150, cut, sample, { family: "torchserve", given: {} });
        expect([finding.verdict, finding.seen, finding.mend]).to.deep.equal([
            "does not hold",
            '500 "Worker died." after 120.1 s: cut off, or the model failed',
            'Set TS_DEFAULT_RESPONSE_TIMEOUT=3660 (unset: 120 seconds, then 500 "Worker died.").',
        ]);
    });
    it("does not say that an answer of 7 MB holds when the model answers ten bytes", () => {
        const [into, out] = judgeSize(sevenMegabytes, sevenMegabytes.bytes, answered, answered, sample, { family: "torchserve", given: {} });
        expect([into?.verdict, out?.verdict, out?.seen]).to.deep.equal(["holds", "could not be checked", "the answer has 10 bytes"]);
        expect(out?.mend).to.include("set TS_MAX_RESPONSE_SIZE=1073741824");
    });
    it("calls an input that the model refuses neither taken nor too large", () => {
        const refused = { ...answered, status: 400, start: "no page" };
        const [into] = judgeSize(sevenMegabytes, sevenMegabytes.bytes, refused, answered, sample, nobody);
        expect([into?.verdict, into?.seen]).to.deep.equal(["could not be checked", 'read, and answered 400 "no page" after 20 ms']);
    });
    it("tells an answer that breaks off from an input that is too large", () => {
        const half = { ...answered, outcome: "closed", contentLength: 7_340_032, receivedBytes: 6_553_500 };
        const findings = judgeSize(sevenMegabytes, sevenMegabytes.bytes, half, answered, sample, nobody);
        expect(findings.map(({ check, verdict, seen }) => [check, verdict, seen])).to.deep.equal([
            ["7 MB in", "holds", "7,340,032 bytes taken"],
            ["7 MB out", "does not hold", "the answer broke off after 6,553,500 of 7,340,032 bytes"],
        ]);
    });
    it("sees an answer whose length only the end of the connection tells", () => {
        const { contentLength: _, ...endless } = answered;
        expect(judgeLength([answered, endless]).seen).to.equal("an answer with status 200 has none: it ended with the connection; the job would fail");
    });
    it("says of a server that ignores SIGTERM that it would be killed", () => {
        expect(judgeTermination(answered, undefined)).to.deep.include({
            verdict: "does not hold",
            needed: false,
            seen: "the request in flight was finished; it still runs after 30 s, and would be killed",
        });
    });
    it("says where a request hung", () => {
        expect(outcomeText(silent, 64)).to.equal("no answer within 5.0 s (all sent)");
        expect(outcomeText({ ...silent, phase: "connecting" }, 64)).to.equal("no connection within 5.0 s");
        expect(outcomeText({ ...silent, phase: "answering" }, 64)).to.equal("half an answer: 10 of 10 bytes within 5.0 s");
        expect(outcomeText({ ...silent, outcome: "closed", phase: "sending", sentBytes: 32 }, 64)).to.equal("connection closed without an answer after 5.0 s (32 of 64 bytes sent)");
        expect(outcomeText({ ...silent, outcome: "closed", problem: "Parse Error: Expected HTTP/" })).to.equal("no HTTP (Parse Error: Expected HTTP/)");
    });
    it("quotes a model's words on one line, without what steers a terminal", () => {
        expect(excerpt('\u001b[31mTraceback\n  "no page"\u0007')).to.equal("[31mTraceback 'no page'");
    });
    it("looks for what wins over a variable that was set", () => {
        expect(raise("requestBytes", { family: "torchserve", given: { TS_MAX_REQUEST_SIZE: "5" } })).to.equal("The server was started with TS_MAX_REQUEST_SIZE=5: look for a setting that wins over it.");
    });
    it("promises no variable where a server has none", () => {
        expect(raise("requestSeconds", { family: "vllm", given: {} })).to.equal("No variable of vLLM is known here that moves the time of a request.");
    });
    describe("memory", () => {
        const mebibytes = (...values) => values.map((value) => value * 1024 * 1024);
        it("adds up the processes of a group, as ps prints them", () => {
            expect(memoryOf("  12 1000\n 345   20\n  12    24\n", 12)).to.equal(1024 * 1024);
            expect(memoryOf(" 345   20\n", 12)).to.equal(undefined);
        });
        it("grows when each request leaves something behind", () => {
            expect(grows(mebibytes(50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150))).to.equal(true);
        });
        it("does not grow when a cache fills at first, nor when a collector lets it swing", () => {
            expect(grows(mebibytes(50, 150, 190, 200, 201, 202, 201, 202, 201, 203, 202))).to.equal(false);
            expect(grows(mebibytes(50, 90, 60, 95, 55, 100, 60, 95, 60, 100, 62))).to.equal(false);
        });
    });
});
