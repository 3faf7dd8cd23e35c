import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { deployerPolicy } from "../../docs/deployer";
import { deploy, type Deployment } from "../../doubles/deploy";
import { environment, program } from "../../doubles/program";
import type { PolicyStatement } from "../../local/identity/policyDocument";
import { cases } from "./cases";
import { account, clientsOf, region, startWireCloud, type Clients } from "./cloud";

/** Settings with which the program has every type of resource. */
const everything = { warmHours: '["mon-fri 08:00-18:00"]', forceDestroy: "true", protect: "false" };

/** What the cases ask, and the provider does not. */
const onlyOfTheCases = ["s3:GetBucketLocation", "sagemaker:ListEndpointConfigs", "sagemaker:ListModels", "sqs:GetQueueUrl"];

describe("the deployer's policy, tried on the control plane", () => {
  let cloud: Awaited<ReturnType<typeof startWireCloud>>;
  let deployer: Clients;
  let statements: PolicyStatement[];
  const covered = new Set<string>();

  before(async () => {
    cloud = await startWireCloud();
    const { project, config, stack } = environment("prod");
    const own = Object.fromEntries(Object.entries(everything).map(([name, value]) => [`${project}:${name}`, value]));
    const full: Deployment = await deploy(program, { project, stack, config: { ...config, ...own } });
    for (const { type } of full.resources) covered.add(type);
    // The cases have other names than the program's resources.
    const policy = JSON.stringify(deployerPolicy(full, { account, region })).replaceAll("inference-*", "*");
    ({ Statement: statements } = JSON.parse(policy) as { Statement: PolicyStatement[] });
    statements.push({ Effect: "Allow", Action: onlyOfTheCases, Resource: "*" });

    const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: account } }] };
    await cloud.clients.iam.send(new CreateRoleCommand({ RoleName: "deployer", AssumeRolePolicyDocument: JSON.stringify(trust) }));
    await allow(statements);
    const sts = new STSClient({ endpoint: cloud.endpointUrl, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    const RoleArn = `arn:aws:iam::${account}:role/deployer`;
    const { Credentials: keys } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "pulumi" }));
    sts.destroy();
    deployer = clientsOf(cloud.endpointUrl, () => undefined, {
      accessKeyId: keys?.AccessKeyId ?? "",
      secretAccessKey: keys?.SecretAccessKey ?? "",
      sessionToken: keys?.SessionToken ?? "",
    });
  });
  after(async () => {
    for (const client of Object.values(deployer)) client.destroy();
    await cloud.close();
  });

  async function allow(Statement: readonly PolicyStatement[]): Promise<void> {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await cloud.clients.iam.send(new PutRolePolicyCommand({ RoleName: "deployer", PolicyName: "deployer", PolicyDocument }));
  }

  it("lets a role create, read, change and delete every resource that the program has, and nothing more is needed", async () => {
    const refused: string[] = [];
    const tried = async (what: string, call: (clients: Clients) => Promise<unknown> | undefined) => {
      await call(deployer)?.catch(async (error: Error) => {
        refused.push(`${what}: ${error.message}`);
        await call(cloud.clients);
      });
    };
    for (const each of cases) {
      if (!covered.has(each.type)) await each.create(cloud.clients);
      else {
        await tried(`create ${each.type}`, (clients) => each.create(clients));
        await tried(`read ${each.type}`, (clients) => each.read(clients));
        await tried(`change ${each.type}`, (clients) => each.change?.call(clients));
      }
    }
    for (const each of [...cases].reverse()) {
      if (!covered.has(each.type)) await each.delete(cloud.clients);
      else await tried(`delete ${each.type}`, (clients) => each.delete(clients));
    }

    expect(refused).to.deep.equal([]);
  });

  it("refuses what a statement allowed once that is taken away", async () => {
    const queue = cases.find(({ type }) => type === "aws:sqs/queue:Queue") ?? expect.fail("no queue");
    await allow(statements.filter(({ Action }) => ![Action].flat().includes("sqs:CreateQueue")));

    const refusal = await queue.create(deployer).then(
      () => "created",
      (error: Error) => `${error.name}: ${error.message}`,
    );
    expect(refusal).to.match(/^AccessDenied\w*: .*assumed-role\/deployer\/pulumi is not authorized to perform: sqs:createqueue/i);
    expect(await queue.read(cloud.clients).catch((error: Error) => error.name)).to.equal("QueueDoesNotExist");
  });
});
