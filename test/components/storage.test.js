import { expect } from "chai";
import { Storage } from "../../components/storage";
import { deploy } from "../../doubles/deploy";
import { graphOf, inputsOf, treatmentOf } from "../support/readable";
const args = { partition: "aws", expirationDays: { "in/": 7, "out/": 0, "failed/": 1 }, forceDestroy: false, protect: false };
const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
describe("Storage", () => {
    it("keeps the bucket private, TLS only, encrypted and swept", async () => {
        const deployment = await deploy(() => void new Storage("ocr", args));
        expect(graphOf(deployment)).to.deep.equal([
            "aws:s3/bucket:Bucket ocr-bucket",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration ocr-lifecycle",
            "aws:s3/bucketPolicy:BucketPolicy ocr-policy",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock ocr-private",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration ocr-encryption",
        ]);
        expect(await inputsOf(deployment, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "ocr-private")).to.deep.equal({
            bucket: "ocr-bucket-0a1b2c3",
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        expect(await inputsOf(deployment, "aws:s3/bucketPolicy:BucketPolicy", "ocr-policy")).to.deep.equal({
            bucket: "ocr-bucket-0a1b2c3",
            policy: {
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "TlsOnly",
                        Effect: "Deny",
                        Principal: "*",
                        Action: "s3:*",
                        Resource: ["arn:aws:s3:::ocr-bucket-0a1b2c3", "arn:aws:s3:::ocr-bucket-0a1b2c3/*"],
                        Condition: { Bool: { "aws:SecureTransport": "false" } },
                    },
                ],
            },
        });
    });
    it("expires what has a number of days, keeps what has 0, and drops the parts of broken uploads", async () => {
        const deployment = await deploy(() => void new Storage("ocr", args));
        expect(await inputsOf(deployment, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "ocr-lifecycle")).to.deep.equal({
            bucket: "ocr-bucket-0a1b2c3",
            rules: [
                { id: "expire-in/", status: "Enabled", filter: { prefix: "in/" }, expiration: { days: 7 } },
                { id: "expire-failed/", status: "Enabled", filter: { prefix: "failed/" }, expiration: { days: 1 } },
                { id: "incomplete-uploads", status: "Enabled", filter: {}, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
            ],
        });
    });
    it("encrypts with S3's own key, and with the user's when there is one", async () => {
        const rules = async (more) => {
            const deployment = await deploy(() => void new Storage("ocr", { ...args, ...more }));
            const type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
            return (await inputsOf(deployment, type, "ocr-encryption"))["rules"];
        };
        expect(await rules({})).to.deep.equal([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
        expect(await rules({ kmsKeyArn })).to.deep.equal([
            { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn }, bucketKeyEnabled: true },
        ]);
    });
    it("leaves a bucket that outlives the stack with all its protection", async () => {
        const deployment = await deploy(() => void new Storage("ocr", { ...args, protect: true }));
        const treatments = deployment.resources.map(({ type, name }) => [name, treatmentOf(deployment, type, name)]);
        expect(Object.fromEntries(treatments)).to.deep.equal({
            "ocr-bucket": { protect: true, retainOnDelete: true },
            "ocr-lifecycle": { retainOnDelete: true },
            "ocr-policy": {
                retainOnDelete: true,
                dependsOn: ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock ocr-private"],
            },
            "ocr-private": { retainOnDelete: true },
            "ocr-encryption": { retainOnDelete: true },
        });
    });
    it("deletes bucket and objects on destroy only when that was asked for", async () => {
        const deployment = await deploy(() => void new Storage("ocr", { ...args, forceDestroy: true }));
        expect(await inputsOf(deployment, "aws:s3/bucket:Bucket", "ocr-bucket")).to.deep.equal({ forceDestroy: true });
        expect(treatmentOf(deployment, "aws:s3/bucket:Bucket", "ocr-bucket")).to.deep.equal({ protect: false, retainOnDelete: false });
    });
    it("changes nothing about the user's own bucket", async () => {
        const deployment = await deploy(() => {
            const { bucketName, bucketArn } = new Storage("ocr", { ...args, partition: "aws-cn", bucketName: "scans" });
            return { bucketName, bucketArn };
        });
        expect(deployment.resources).to.deep.equal([]);
        expect(deployment.outputs).to.deep.equal({ bucketName: "scans", bucketArn: "arn:aws-cn:s3:::scans" });
    });
});
