import * as s3 from "@aws-sdk/client-s3";
import { expect } from "chai";
import { s3Objects } from "../../aws/s3Objects";
/** Objects in an S3 that answers every call the same, and what it was asked. */
function objectsIn(answer) {
    const asked = [];
    const client = new s3.S3Client({ region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    client.middlewareStack.add(() => (args) => {
        asked.push(args.input);
        if (answer === undefined)
            return Promise.resolve({ output: { $metadata: {} }, response: {} });
        const { status, name } = answer;
        return Promise.reject(Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } }));
    }, { step: "initialize", priority: "low" });
    return { asked, objects: s3Objects(s3, client) };
}
const copied = (answer) => objectsIn(answer).objects.copy("s3://a-bucket/in", "e", "s3://a-bucket/out");
describe("objects in S3", () => {
    it("are copied only as they were when somebody looked: what came later under the same name is another input", async () => {
        const { asked, objects } = objectsIn(undefined);
        expect(await objects.copy("s3://a-bucket/inbox/größe 1+1.png", "e", "s3://a-bucket/input/j/x.png")).to.equal(true);
        expect(asked).to.deep.equal([
            {
                Bucket: "a-bucket",
                Key: "input/j/x.png",
                CopySource: "a-bucket/inbox/gr%C3%B6%C3%9Fe%201%2B1.png",
                CopySourceIfMatch: "e",
                TaggingDirective: "REPLACE",
            },
        ]);
        expect(await copied({ status: 412, name: "PreconditionFailed" })).to.equal(false);
        expect(await copied({ status: 404, name: "NoSuchKey" })).to.equal(false);
    });
    it("are not called missing when their bucket is, or when they may not be read: that is the operator's to mend", async () => {
        const thrown = (answer) => objectsIn(answer)
            .objects.get("s3://a-bucket/key")
            .then(String, ({ name }) => name);
        expect(await thrown({ status: 404, name: "NoSuchKey" })).to.equal("undefined");
        expect(await thrown({ status: 404, name: "NoSuchBucket" })).to.equal("NoSuchBucket");
        expect(await thrown({ status: 403, name: "AccessDenied" })).to.equal("AccessDenied");
    });
});
