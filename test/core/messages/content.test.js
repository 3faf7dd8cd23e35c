import { expect } from "chai";
import { readContent } from "../../../core/messages/content";
const bytes = (text) => new TextEncoder().encode(text);
describe("readContent", () => {
    for (const [contentType, body, content] of [
        ["application/json", bytes("[1]"), { kind: "json", value: [1] }],
        ["Application/Problem+JSON; charset=utf-8", bytes("{}"), { kind: "json", value: {} }],
        ["application/json", bytes("{broken"), { kind: "text", value: "{broken" }],
        ["application/json ; charset=utf-8", bytes("1"), { kind: "json", value: 1 }],
        ["text/plain", bytes("[1]"), { kind: "text", value: "[1]" }],
        ["text/csv", bytes("a,ü"), { kind: "text", value: "a,ü" }],
        ["text/plain; charset=latin1", new Uint8Array([0xfc]), { kind: "bytes", value: new Uint8Array([0xfc]) }],
        ["application/octet-stream", bytes("{}"), { kind: "bytes", value: bytes("{}") }],
        [undefined, bytes("{}"), { kind: "bytes", value: bytes("{}") }],
    ]) {
        it(`loses nothing of ${JSON.stringify(new TextDecoder().decode(body))} as ${contentType}`, () => {
            expect(readContent(body, contentType)).to.deep.equal(content);
        });
    }
});
