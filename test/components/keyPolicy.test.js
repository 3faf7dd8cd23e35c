import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { keyPolicy } from "../../components/keyPolicy";
import { deploy } from "../../doubles/deploy";
/** Statements of a key's policy. */
async function statementsOf(options) {
    const { resources } = await deploy(() => void new aws.kms.Key("key", { policy: keyPolicy(options) }));
    return JSON.parse(resources.find(({ name }) => name === "key")?.inputs["policy"]).Statement;
}
describe("keyPolicy", () => {
    it("leaves the key to the account's administrators, and lets roles, logs and topics of this account use it", async () => {
        const statements = await statementsOf();
        expect(statements.map(({ Sid }) => Sid)).to.deep.equal([
            "AccountAdministers",
            "RolesOfThisAccount",
            "LogsOfThisAccount",
            "TopicsDeliver",
        ]);
        expect(statements[0]).to.deep.include({ Action: "kms:*", Principal: statements[1]?.Principal, Resource: "*" });
    });
    it("lets alarms publish where they have a topic of the service's, and nowhere else", async () => {
        expect((await statementsOf({ alarmsEnabled: true })).at(-1)?.Sid).to.equal("AlarmsPublish");
    });
    it("gives each just what it needs, of this account alone", async () => {
        const account = { AWS: "arn:aws:iam::123456789012:root" };
        const deliver = (Sid, Service) => ({
            Sid,
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Principal: { Service },
            Resource: "*",
            Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        });
        const statements = (await statementsOf({ alarmsEnabled: true })).map((statement) => ({ ...statement, Effect: undefined }));
        expect(statements).to.deep.equal([
            { Sid: "AccountAdministers", Action: "kms:*", Principal: account, Resource: "*" },
            {
                Sid: "RolesOfThisAccount",
                Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
                Principal: account,
                Resource: "*",
            },
            {
                Sid: "LogsOfThisAccount",
                Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                Principal: { Service: "logs.eu-west-1.amazonaws.com" },
                Resource: "*",
                Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:123456789012:log-group:*" } },
            },
            deliver("TopicsDeliver", "sns.amazonaws.com"),
            deliver("AlarmsPublish", "cloudwatch.amazonaws.com"),
        ].map((statement) => ({ ...statement, Effect: undefined })));
    });
});
