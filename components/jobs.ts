import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { jobTable, waitingIndex } from "../core/records/table";

/** Arguments of {@link Jobs}. */
export interface JobsArgs {
  /** Key that encrypts the table. @default DynamoDB's key in this account */
  kmsKeyArn?: pulumi.Input<string>;
  /** What must be in force before anything is encrypted with the key: those who use it could not read it else. @default nothing */
  keyPolicies?: pulumi.Input<pulumi.Resource[]>;
  /** Whether jobs wait in the table for their priority. @default false */
  priorityEnabled?: boolean;
  /** Whether destroy deletes the table with its records; else it stays. */
  forceDestroy: boolean;
  /** Whether Pulumi, and DynamoDB itself, refuse to delete the table. */
  protect: boolean;
}

/** The job table: on demand, encrypted, with point-in-time recovery; records of ended jobs are dropped in time. */
export class Jobs extends pulumi.ComponentResource {
  readonly tableName: pulumi.Output<string>;
  readonly tableArn: pulumi.Output<string>;

  constructor(name: string, args: JobsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Jobs", name, {}, opts);

    const waiting = args.priorityEnabled === true ? [waitingIndex] : [];
    const attributes = [...jobTable.attributes, ...waiting.flatMap((each) => each.attributes)];
    const indexes = [...Object.values(jobTable.indexes), ...waiting.map(({ index }) => index)];
    const table = new aws.dynamodb.Table(
      `${name}-jobs`,
      {
        billingMode: "PAY_PER_REQUEST",
        hashKey: jobTable.hashKey,
        attributes: attributes.map((attribute) => ({ ...attribute })),
        globalSecondaryIndexes: indexes.map(({ hashKey, rangeKey, ...index }) => ({
          ...index,
          ...("nonKeyAttributes" in index ? { nonKeyAttributes: [...index.nonKeyAttributes] } : {}),
          keySchemas: [
            { attributeName: hashKey, keyType: "HASH" },
            { attributeName: rangeKey, keyType: "RANGE" },
          ],
        })) as aws.types.input.dynamodb.TableGlobalSecondaryIndex[],
        ttl: { attributeName: jobTable.ttlAttribute, enabled: true },
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true, ...(args.kmsKeyArn === undefined ? {} : { kmsKeyArn: args.kmsKeyArn }) },
        deletionProtectionEnabled: args.protect,
      },
      { parent: this, protect: args.protect, retainOnDelete: !args.forceDestroy, dependsOn: args.keyPolicies },
    );

    this.tableName = table.name;
    this.tableArn = table.arn;
    this.registerOutputs({ tableName: this.tableName, tableArn: this.tableArn });
  }
}
