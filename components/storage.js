import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, tlsOnly } from "./policies";
/** Days after which the parts of an upload that was never completed are dropped: the longest a sensible upload takes. */
const incompleteUploadDays = 1;
/**
 * The bucket of inputs, results, failures and uploads: private, TLS only, encrypted, with a lifecycle a prefix.
 *
 * With the user's own bucket nothing is created: policy, lifecycle and encryption exist once a bucket.
 */
export class Storage extends pulumi.ComponentResource {
    bucketName;
    bucketArn;
    constructor(name, args, opts) {
        super("sagemaker-async:index:Storage", name, {}, opts);
        if (args.bucketName === undefined) {
            const bucket = this.bucket(name, args);
            this.bucketName = bucket.bucket;
            this.bucketArn = bucket.arn;
        }
        else {
            this.bucketName = pulumi.output(args.bucketName);
            this.bucketArn = pulumi.interpolate `arn:${args.partition}:s3:::${args.bucketName}`;
        }
        this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
    }
    bucket(name, args) {
        // A bucket that stays keeps its protection: its settings stay with it.
        const kept = { parent: this, retainOnDelete: !args.forceDestroy };
        const created = new aws.s3.Bucket(`${name}-bucket`, { forceDestroy: args.forceDestroy }, { ...kept, protect: args.protect });
        const bucket = created.bucket;
        const block = new aws.s3.BucketPublicAccessBlock(`${name}-private`, { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true }, kept);
        new aws.s3.BucketServerSideEncryptionConfiguration(`${name}-encryption`, {
            bucket,
            rules: [
                args.kmsKeyArn === undefined
                    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
                    : { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.kmsKeyArn }, bucketKeyEnabled: true },
            ],
        }, { ...kept, dependsOn: args.keyPolicies });
        new aws.s3.BucketPolicy(`${name}-policy`, { bucket, policy: policyDocument(this, [tlsOnly(["s3:*"], [created.arn, pulumi.interpolate `${created.arn}/*`])]) }, 
        // S3 refuses two changes of a bucket's access at once.
        { ...kept, dependsOn: [block] });
        new aws.s3.BucketLifecycleConfiguration(`${name}-lifecycle`, {
            bucket,
            rules: [
                ...Object.entries(args.expirationDays)
                    .filter(([, days]) => days > 0)
                    .map(([prefix, days]) => ({ id: `expire-${prefix}`, status: "Enabled", filter: { prefix }, expiration: { days } })),
                {
                    id: "incomplete-uploads",
                    status: "Enabled",
                    filter: {},
                    abortIncompleteMultipartUpload: { daysAfterInitiation: incompleteUploadDays },
                },
            ],
        }, kept);
        return created;
    }
}
