import { expect } from "chai";
import { Jobs } from "../../components/jobs";
import { deploy } from "../../doubles/deploy";
import { inputsOf, treatmentOf } from "../support/readable";

const type = "aws:dynamodb/table:Table";

describe("Jobs", () => {
  it("is the table that the functions work on: on demand, encrypted, restorable, with its three indexes", async () => {
    const deployment = await deploy(() => void new Jobs("ocr", { forceDestroy: false, protect: false }));

    const key = (hash: string, range: string) => [
      { attributeName: hash, keyType: "HASH" },
      { attributeName: range, keyType: "RANGE" },
    ];
    expect(await inputsOf(deployment, type, "ocr-jobs")).to.deep.equal({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "jobId",
      attributes: [
        { name: "jobId", type: "S" },
        { name: "dueShard", type: "N" },
        { name: "dueAt", type: "S" },
        { name: "waiter", type: "S" },
        { name: "endedAt", type: "S" },
        { name: "createdDay", type: "S" },
        { name: "createdAt", type: "S" },
      ],
      globalSecondaryIndexes: [
        { name: "due", projectionType: "INCLUDE", nonKeyAttributes: ["state", "createdAt"], keySchemas: key("dueShard", "dueAt") },
        { name: "ended", projectionType: "ALL", keySchemas: key("waiter", "endedAt") },
        {
          name: "created",
          projectionType: "INCLUDE",
          nonKeyAttributes: ["state", "endpointName", "endedAt"],
          keySchemas: key("createdDay", "createdAt"),
        },
      ],
      ttl: { attributeName: "expiresAt", enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
      deletionProtectionEnabled: false,
    });
    expect(treatmentOf(deployment, type, "ocr-jobs")).to.deep.equal({ protect: false, retainOnDelete: true });
  });

  it("has a fourth index only with priorities, beside the others, which stay as they are", async () => {
    const deployed = async (priorityEnabled: boolean) => {
      const deployment = await deploy(() => void new Jobs("ocr", { forceDestroy: false, protect: false, priorityEnabled }));
      return (await inputsOf(deployment, type, "ocr-jobs")) as { attributes: object[]; globalSecondaryIndexes: object[] };
    };
    const without = await deployed(false);
    const withThem = await deployed(true);

    const keySchemas = [
      { attributeName: "priority", keyType: "HASH" },
      { attributeName: "turn", keyType: "RANGE" },
    ];
    expect(withThem).to.deep.equal({
      ...without,
      attributes: [...without.attributes, { name: "priority", type: "S" }, { name: "turn", type: "N" }],
      globalSecondaryIndexes: [...without.globalSecondaryIndexes, { name: "waiting", projectionType: "KEYS_ONLY", keySchemas }],
    });
  });

  it("can't be deleted by anybody in production, and is encrypted with the user's key", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
    const deployment = await deploy(() => void new Jobs("ocr", { forceDestroy: false, protect: true, kmsKeyArn }));

    const inputs = await inputsOf(deployment, type, "ocr-jobs");
    expect([inputs["deletionProtectionEnabled"], inputs["serverSideEncryption"]]).to.deep.equal([true, { enabled: true, kmsKeyArn }]);
    expect(treatmentOf(deployment, type, "ocr-jobs")).to.deep.equal({ protect: true, retainOnDelete: true });
  });

  it("goes with the stack when that was asked for", async () => {
    const deployment = await deploy(() => void new Jobs("ocr", { forceDestroy: true, protect: false }));

    expect(treatmentOf(deployment, type, "ocr-jobs")).to.deep.equal({ protect: false, retainOnDelete: false });
  });
});
