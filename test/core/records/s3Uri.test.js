import { expect } from "chai";
import * as fc from "fast-check";
import { readS3Uri, s3Uri } from "../../../core/records/s3Uri";
describe("readS3Uri", () => {
    it("takes a key as it is: slashes, blanks and percent signs are part of it", () => {
        expect(readS3Uri("s3://my-bucket/a//b c%20?d#e")).to.deep.equal({ bucket: "my-bucket", key: "a//b c%20?d#e" });
    });
    it("gives back every key that it was given", () => {
        fc.assert(fc.property(fc.string({ minLength: 1, unit: "binary" }), (key) => {
            expect(readS3Uri(s3Uri({ bucket: "bucket", key }))).to.deep.equal({ bucket: "bucket", key });
        }));
    });
    for (const uri of [
        "",
        "bucket/key",
        "s3://bucket",
        "s3://bucket/",
        "s3:///key",
        "https://bucket/key",
        "as3://bucket/key",
        "s3://Bucket/key",
        "S3://bucket/key",
    ]) {
        it(`does not take ${JSON.stringify(uri)} for an object`, () => {
            expect(readS3Uri(uri)).to.equal(undefined);
        });
    }
});
