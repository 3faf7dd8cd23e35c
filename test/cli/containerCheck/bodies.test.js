import { expect } from "chai";
import { bodyOfSize, canGrow } from "../../../cli/containerCheck/bodies";
const text = (body) => Buffer.concat([...body.pieces()]).toString("latin1");
describe("bodies of the container check", () => {
    it("enlarges JSON with what JSON's readers skip, so that the model gets the same input", () => {
        const body = bodyOfSize({ content: Buffer.from('{"inputs":"x"}'), contentType: "application/json" }, 200_000);
        expect([body.bytes, JSON.parse(text(body))]).to.deep.equal([200_000, { inputs: "x" }]);
    });
    it("enlarges an image behind its end", () => {
        expect(text(bodyOfSize({ content: Buffer.from("PNG"), contentType: "image/png" }, 5))).to.equal("PNG\0\0");
    });
    it("generates JSON of exactly the size where a model takes JSON", () => {
        const body = bodyOfSize({ content: undefined, contentType: "application/json" }, 100_000);
        expect([body.bytes, text(body).length]).to.deep.equal([100_000, 100_000]);
        expect(JSON.parse(text(body)).inputs).to.match(/^a+$/);
    });
    it("generates bytes elsewhere, in pieces, a gigabyte of them without a gigabyte of memory", () => {
        const body = bodyOfSize({ content: undefined, contentType: "application/octet-stream" }, 1024 ** 3);
        const [first, second] = body.pieces();
        expect([body.bytes, first?.length]).to.deep.equal([1024 ** 3, 64 * 1024]);
        expect(second?.buffer).to.equal(first?.buffer);
    });
    it("leaves a larger sample as it is", () => {
        expect(text(bodyOfSize({ content: Buffer.from("longer"), contentType: "text/plain" }, 3))).to.equal("longer");
    });
    it("does not enlarge a form, whose end is a border", () => {
        expect(canGrow({ content: Buffer.from("--x--"), contentType: "multipart/form-data; boundary=x" })).to.equal(false);
        expect(canGrow({ content: Buffer.from("x"), contentType: "text/plain" })).to.equal(true);
    });
});
