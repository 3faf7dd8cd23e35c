import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { keyPolicy } from "../../components/keyPolicy";
import { deploy } from "../../doubles/deploy";

interface Document {
  Statement: { Sid: string; Principal: Record<string, string>; Action: string | string[]; Resource: string }[];
}

/** Statements of a key's policy. */
async function statementsOf(options?: Parameters<typeof keyPolicy>[0]): Promise<Document["Statement"]> {
  const { resources } = await deploy(() => void new aws.kms.Key("key", { policy: keyPolicy(options) }));
  return (JSON.parse(resources.find(({ name }) => name === "key")?.inputs["policy"] as string) as Document).Statement;
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
});
