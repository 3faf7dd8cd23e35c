import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { terraformOf, terraformTypes } from "../../docs/terraform";
import { deploy, type Deployment } from "../../doubles/deploy";
import { environment, program, root } from "../../doubles/program";
import { readableInputs } from "../support/readable";
import { securityChecks, type Judged } from "./checks";

const page = readFileSync(join(root, "docs", "security.md"), "utf8");

/** What the page calls an option, as settings. */
const optionSettings: Record<string, Record<string, string>> = {
  kmsKeyArn: { kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1", instanceType: "ml.c6i.xlarge" },
  functionsInVpc: { functionsInVpc: "true", vpcSubnetIds: '["subnet-1"]', vpcSecurityGroupIds: '["sg-1"]' },
  logRetentionDays: { logRetentionDays: "365" },
};

/** What adds functions and roles. */
const moreFunctions = { batchEnabled: "true", eventBusName: "default", workflowsEnabled: "true" };

const everyOption = Object.assign({}, moreFunctions, ...Object.values(optionSettings)) as Record<string, string>;

interface Row {
  id: string;
  types: string[];
  verdict: string;
  /** The option with which it passes. */
  option: string | undefined;
}

const rows = [...page.matchAll(/^\| (CKV2?_AWS_\d+) +\| [^|]+ \| ([^|]+) \| (.+) \|$/gm)].map(
  ([, id = "", types = "", verdict = ""]): Row => ({
    id,
    types: [...types.matchAll(/`([^`]+)`/g)].map(([, type = ""]) => type),
    verdict: verdict.trim(),
    option: /^passed with `(\w+)`/.exec(verdict)?.[1],
  }),
);

function deployed(settings: Record<string, string> = {}): Promise<Deployment> {
  const { project, config, ...rest } = environment("prod");
  const own = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${project}:${name}`, value]));
  return deploy(program, { ...rest, project, config: { ...config, ...own }, secrets: [`${project}:webhooks`] });
}

function judged({ resources }: Deployment): Promise<Judged[]> {
  return Promise.all(
    resources.map(async (resource) => ({
      type: terraformTypes[resource.type] ?? resource.type,
      name: resource.name,
      inputs: await readableInputs(resource),
    })),
  );
}

/** Names of the resources that don't pass. */
function failing(id: string, all: readonly Judged[]): string[] {
  const { types, passes } = securityChecks[id] ?? { types: [], passes: () => false };
  return all.filter((resource) => types.includes(resource.type) && !passes(resource, all)).map(({ type, name }) => `${type}.${name}`);
}

describe("the page of security", () => {
  let deployment: Deployment;
  let production: Judged[];
  let everything: Judged[];
  const withOption: Record<string, Judged[]> = {};

  before(async () => {
    deployment = await deployed();
    production = await judged(deployment);
    everything = await judged(await deployed(everyOption));
    for (const [name, settings] of Object.entries(optionSettings)) withOption[name] = await judged(await deployed(settings));
  });

  it("has a row for each check, on the types that it is for", () => {
    const expected = Object.entries(securityChecks).map(([id, { types }]) => [id, ...types]);

    expect(rows.map(({ id, types }) => [id, ...types])).to.deep.equal(expected);
  });

  it("leaves out no type of resource of the production environment", () => {
    const none = /No check is for ([^]*?)\.\n/.exec(page)?.[1] ?? "";
    const named = [...rows.flatMap(({ types }) => types), ...[...none.matchAll(/`([^`]+)`/g)].map(([, type = ""]) => type)];

    expect([...new Set(named)].sort()).to.deep.equal([...new Set(production.map(({ type }) => type))].sort());
  });

  it("counts its rows right", () => {
    const passed = rows.filter(({ verdict }) => verdict === "passed").length;
    const options = rows.filter(({ option }) => option !== undefined).length;

    expect(page.replaceAll("\n", " ")).to.contain(
      `Of the ${rows.length} checks that are for these types, the production environment passes ${passed}, and ${options} more with an option; ` +
        `the other ${rows.length - passed - options} have their reason in the table.`,
    );
  });

  for (const { id, types, verdict, option } of rows) {
    if (verdict === "passed") {
      it(`says the truth of ${id}: it is passed, whatever is set`, () => {
        expect(production.filter(({ type }) => types.includes(type))).to.not.have.length(0);
        expect([...failing(id, production), ...failing(id, everything)]).to.deep.equal([]);
      });
    } else if (option !== undefined) {
      it(`says the truth of ${id}: it takes ${option} to pass`, () => {
        expect(failing(id, production)).to.not.have.length(0);
        expect(failing(id, withOption[option] as Judged[])).to.deep.equal([]);
      });
    } else {
      it(`says the truth of ${id}: it is not passed, and the page says why`, () => {
        expect(failing(id, everything)).to.not.have.length(0);
        expect(verdict.split(" ").length).to.be.above(5);
      });
    }
  }

  it("names tests that there are", () => {
    const references = [...page.matchAll(/`(test\/[\w/.]+\.ts)`: ((?:"[^"]+"(?:, )?)+)/g)];
    const missing = references.flatMap(([, path = "", titles = ""]) => {
      const text = readFileSync(join(root, path), "utf8");
      return [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title).filter((title) => !text.includes(title));
    });

    expect(references.length).to.be.above(5);
    expect(missing).to.deep.equal([]);
  });

  it("has checkov read every resource that AWS knows, with its references", async () => {
    const { resources } = deployment;
    const { text } = await terraformOf(deployment);

    expect(text.match(/^resource "aws_/gm)).to.have.length(resources.filter(({ type }) => terraformTypes[type] !== undefined).length);
    expect(resources.filter(({ type }) => !Object.hasOwn(terraformTypes, type))).to.deep.equal([]);
    expect(text).to.contain(`
resource "aws_lambda_permission" "inference-inbox" {
  action = "lambda:InvokeFunction"
  function_name = aws_lambda_function.inference-inbox.id
  principal = "s3.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn = aws_s3_bucket.inference-bucket.arn
}
`);
  });

  it("writes nothing that Terraform refuses before it asks AWS, whatever is set: labels, references, secrets", async () => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
    const webhooks = JSON.stringify({ ends: { url: "https://shop.example.com/jobs", secret } });
    const { text } = await terraformOf(await deployed({ ...everyOption, webhooks }));
    const declared = [...text.matchAll(/^resource "(\w+)" "(.*)" \{$/gm)].map(([, type, label]) => `${type}.${label}`);
    const referred = [...text.matchAll(/(?<!data\.)\b((?:aws|terraform)_\w+\.[\w.-]+?)(?:\.(?:id|arn|name|resource_id))?[,\]}\n]/g)].map(
      ([, to]) => to,
    );

    expect(declared.filter((address) => !/^\w+\.[A-Za-z_][\w-]*$/.test(address))).to.deep.equal([]);
    expect(new Set(referred).size).to.be.above(30);
    expect([...new Set(referred)].filter((address) => !declared.includes(address as string))).to.deep.equal([]);
    expect(text).to.contain(`  value = ${JSON.stringify(secret)}\n`);
    expect(text.match(/undefined|\[object/g)).to.equal(null);
  });
});
