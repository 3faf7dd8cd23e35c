import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { jobTable } from "../core/records/table";
/** The job table: on demand, encrypted, with point-in-time recovery; records of ended jobs are dropped in time. */
export class Jobs extends pulumi.ComponentResource {
    tableName;
    tableArn;
    constructor(name, args, opts) {
        super("sagemaker-async:index:Jobs", name, {}, opts);
        const table = new aws.dynamodb.Table(`${name}-jobs`, {
            billingMode: "PAY_PER_REQUEST",
            hashKey: jobTable.hashKey,
            attributes: jobTable.attributes.map((attribute) => ({ ...attribute })),
            globalSecondaryIndexes: Object.values(jobTable.indexes).map(({ hashKey, rangeKey, ...index }) => ({
                ...index,
                ...("nonKeyAttributes" in index ? { nonKeyAttributes: [...index.nonKeyAttributes] } : {}),
                keySchemas: [
                    { attributeName: hashKey, keyType: "HASH" },
                    { attributeName: rangeKey, keyType: "RANGE" },
                ],
            })),
            ttl: { attributeName: jobTable.ttlAttribute, enabled: true },
            pointInTimeRecovery: { enabled: true },
            serverSideEncryption: { enabled: true, ...(args.kmsKeyArn === undefined ? {} : { kmsKeyArn: args.kmsKeyArn }) },
            deletionProtectionEnabled: args.protect,
        }, { parent: this, protect: args.protect, retainOnDelete: !args.forceDestroy, dependsOn: args.keyPolicies });
        this.tableName = table.name;
        this.tableArn = table.arn;
        this.registerOutputs({ tableName: this.tableName, tableArn: this.tableArn });
    }
}
