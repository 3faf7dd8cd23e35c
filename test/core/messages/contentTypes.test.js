import { expect } from "chai";
import { submitUpload } from "../../../core/lifecycle/inbox";
import { answerRequest } from "../../../core/lifecycle/submit";
import { contentTypeOfBytes, contentTypeOfName, contentTypeOfObject, extensionOf } from "../../../core/messages/contentTypes";
import { suiteJobs, testPorts, testSettings } from "../../support/jobPorts";
describe("the content type of an object in S3", () => {
    const jobs = suiteJobs();
    for (const [stored, key, contentType] of [
        ["binary/octet-stream", "inbox/order.json", "application/json"],
        ["binary/octet-stream", "inbox/Page 1.PNG", "image/png"],
        [undefined, "inbox/speech.wav", "audio/wav"],
        ["binary/octet-stream", "inbox/order.weights", "binary/octet-stream"],
        ["binary/octet-stream", "inbox.json/order", "binary/octet-stream"],
        ["application/octet-stream", "inbox/order.json", "application/octet-stream"],
        ["text/plain", "inbox/order.json", "text/plain"],
        [undefined, "inbox/order", undefined],
    ]) {
        it(`is ${contentType} for ${key} that was stored as ${stored}`, () => {
            expect(contentTypeOfObject(stored, key)).to.equal(contentType);
        });
    }
    it("goes by the key for an upload and an inputLocation: images can't decode S3's own default", async () => {
        const ports = testPorts(jobs);
        const contentType = "binary/octet-stream";
        ports.objects.head = () => Promise.resolve({ bytes: 9, eTag: '"e"', contentType });
        ports.objects.copy = () => Promise.resolve(true);
        const upload = { bucket: "service", key: "inbox/order.json", eTag: "e", sequencer: "1" };
        await submitUpload(ports, { ...testSettings, inboxPrefix: "inbox/" }, upload, Number.MAX_SAFE_INTEGER);
        await answerRequest(ports, testSettings, { inputLocation: "s3://service/input/page.png" }, Number.MAX_SAFE_INTEGER);
        const own = { inputLocation: "s3://service/input/page.png", contentType: "image/x-own" };
        await answerRequest(ports, testSettings, own, Number.MAX_SAFE_INTEGER);
        expect(ports.invocations.map((invocation) => invocation.contentType)).to.deep.equal(["application/json", "image/png", "image/x-own"]);
    });
});
describe("the content type of a file", () => {
    for (const name of ["a.constructor", "a.toString", "a", "", "json", "a.json/", "a.json.bak"]) {
        it(`is not guessed from "${name}"`, () => {
            expect(contentTypeOfName(name)).to.equal(undefined);
        });
    }
    for (const [bytes, contentType] of [
        ["\x89PNG\r\n\x1a\n", "image/png"],
        ["\xff\xd8\xff\xe0", "image/jpeg"],
        ["GIF89a", "image/gif"],
        ["RIFF\n\n\n\nWEBPVP8 ", "image/webp"],
        ["RIFF\n\n\n\nWAVEfmt ", "audio/wav"],
        ["II*\0", "image/tiff"],
        ["MM\0*", "image/tiff"],
        ["%PDF-1.7", "application/pdf"],
        ["fLaC", "audio/flac"],
        ["OggS", "audio/ogg"],
        ["ID3", "audio/mpeg"],
        ["\0\0\0\nftypisom", "video/mp4"],
        ["\x93NUMPY", "application/x-npy"],
        ["PK\x03\x04", "application/zip"],
        ["\x1f\x8b", "application/gzip"],
        ["{}", undefined],
        ["a ".repeat(8) + "fLaC", undefined],
        [" %PDF-1.7", undefined],
        [" ID3, fLaC, OggS, GIF89a", undefined],
    ]) {
        it(`is ${contentType} where it begins with ${JSON.stringify(bytes)}`, () => {
            expect(contentTypeOfBytes(Buffer.from(bytes, "latin1"))).to.equal(contentType);
        });
    }
    for (const [contentType, extension] of [
        ["application/json", "json"],
        ["Text/CSV; charset=utf-8", "csv"],
        [" image/jpeg ;q=1;v=2", "jpg"],
        ["image/x-own", undefined],
        ["", undefined],
        [undefined, undefined],
    ]) {
        it(`of a result ends a file's name in ${extension} when it is ${contentType}`, () => {
            expect(extensionOf(contentType)).to.equal(extension);
        });
    }
});
