import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPolicy, type PolicyStatement, type Principal } from "../local/identity/policyDocument";
import { deploy, type Registered } from "../doubles/deploy";
import { environment, program, root } from "../doubles/program";
import { deployerPrinted, writeDeployerPolicy } from "./deployer";

/** Path of the page that shows the table. */
export const policiesPath = join(root, "docs", "policies.md");

/** One statement: who may, or may not, do what to what. */
export interface PolicyRow {
  /** The role, the service, or everybody. */
  principal: string;
  effect: "Allow" | "Deny";
  actions: string[];
  resources: string[];
  /** Such as `ArnEquals aws:SourceArn sns:…`. */
  conditions: string[];
}

/** Every statement of every policy that a program registers, in the order of its resources. */
export function policyRows(resources: readonly Registered[]): PolicyRow[] {
  return resources.flatMap(({ type, name, inputs }) => {
    const text = (name: string) => inputs[name] as string;
    switch (type) {
      case "aws:iam/role:Role":
        return rows(text("assumeRolePolicy"), { resources: [`iam:role/${name}`] });
      case "aws:iam/rolePolicy:RolePolicy":
        return rows(text("policy"), { principal: `role ${text("role")}` });
      case "aws:s3/bucketPolicy:BucketPolicy":
      case "aws:sns/topicPolicy:TopicPolicy":
      case "aws:sqs/queuePolicy:QueuePolicy":
        return rows(text("policy"), {});
      case "aws:lambda/permission:Permission":
        return [permissionRow(inputs as Record<string, string>)];
      default:
        return [];
    }
  });
}

function rows(policy: string, known: { principal?: string; resources?: string[] }): PolicyRow[] {
  return readPolicy(policy).Statement.map((statement) => ({
    principal: known.principal ?? principalOf(statement.Principal),
    effect: statement.Effect,
    actions: [statement.Action ?? []].flat().sort(),
    resources: known.resources ?? [statement.Resource ?? []].flat().sort(),
    conditions: conditionsOf(statement),
  }));
}

function permissionRow({ action = "", function: name = "", principal = "", sourceArn, sourceAccount }: Record<string, string>): PolicyRow {
  const conditions = [
    ...(sourceArn === undefined ? [] : [`ArnLike aws:SourceArn ${sourceArn}`]),
    ...(sourceAccount === undefined ? [] : [`StringEquals aws:SourceAccount ${sourceAccount}`]),
  ];
  return { principal: `service ${principal}`, effect: "Allow", actions: [action], resources: [`lambda:function:${name}`], conditions };
}

function principalOf(principal: Principal | undefined): string {
  if (principal === undefined || principal === "*") return "everybody";
  return Object.entries(principal)
    .flatMap(([kind, names]) =>
      [names].flat().map((name) => (kind === "Service" ? `service ${name}` : name.replace(/^arn:aws:iam::\d+:role\//, "role "))),
    )
    .join(", ");
}

function conditionsOf({ Condition = {} }: PolicyStatement): string[] {
  return Object.entries(Condition).flatMap(([test, byKey]) =>
    Object.entries(byKey).map(([key, values]) => `${test} ${key} ${[values].flat().join(" or ")}`),
  );
}

/** What is the same in every ARN of one stack says nothing. */
function short(text: string): string {
  return text.replaceAll(/arn:aws:([a-z0-9-]+):(?:[a-z0-9-]*):(?:\d*):/g, "$1:").replaceAll("-0a1b2c3", "");
}

/** The rows as a table in Markdown, each statement once. */
export function policyTable(all: readonly PolicyRow[]): string {
  const cell = (parts: readonly string[]) => parts.map((part) => `\`${short(part).replaceAll("|", "\\|")}\``).join("<br>");
  const lines = all.map(({ principal, effect, actions, resources, conditions }) =>
    [short(principal), effect === "Deny" ? "may **not**" : "may", cell(actions), cell(resources), cell(conditions)].join(" | "),
  );
  return ["who | | does | to | if", "--- | --- | --- | --- | ---", ...[...new Set(lines)].sort()].map((line) => `| ${line} |`).join("\n");
}

/** The same for a terminal: one block a statement. */
export function policyText(all: readonly PolicyRow[]): string {
  const blocks = all.map(({ principal, effect, actions, resources, conditions }) =>
    [
      `${short(principal)} ${effect === "Deny" ? "may NOT" : "may"} ${actions.join(", ")}`,
      ...resources.map((resource) => `    on ${short(resource)}`),
      ...conditions.map((condition) => `    if ${short(condition)}`),
    ].join("\n"),
  );
  return [...new Set(blocks)].sort().join("\n");
}

/**
 * The policies of a shipped environment, deployed to doubles: no account is asked.
 *
 * @param settings besides its own, by name. @default none
 */
export async function auditedRows(stack: string, settings: Readonly<Record<string, string>> = {}): Promise<PolicyRow[]> {
  const { project, config } = environment(stack);
  const changes = Object.entries(settings).map(([name, value]) => [`${project}:${name}`, value] as const);
  return policyRows((await deploy(program, { project, stack, config: { ...config, ...Object.fromEntries(changes) } })).resources);
}

/** Settings that add functions of their own, with a value each: those of a table of the page. */
const optionalSettings: readonly Readonly<Record<string, string>>[] = [
  { eventBusName: "default", workflowsEnabled: "true" },
  { batchEnabled: "true" },
  { traceEndpoint: "https://collector.example.com" },
  // Only what leads to this machine may have a secret in plain text.
  { webhooks: JSON.stringify({ orders: { url: "http://127.0.0.1:8080/", secret: `whsec_${"A".repeat(32)}` } }) },
];

/** What settings add to an environment. */
async function addedRows(stack: string, settings: Readonly<Record<string, string>>, usual: readonly PolicyRow[]): Promise<PolicyRow[]> {
  const known = new Set(usual.map((row) => JSON.stringify(row)));
  return (await auditedRows(stack, settings)).filter((row) => !known.has(JSON.stringify(row)));
}

/** The page with its tables made anew; their columns are not aligned, so that a change is one line of a diff. */
export async function withPolicies(page: string): Promise<string> {
  const region = /(<!-- prettier-ignore-start -->\n)[^]*?(<!-- prettier-ignore-end -->)/g;
  const usual = await auditedRows("prod");
  const tables = [policyTable(usual)];
  for (const settings of optionalSettings) tables.push(policyTable(await addedRows("prod", settings, usual)));
  return page.replaceAll(region, (_: string, start: string, end: string) => `${start}\n${tables.shift() ?? ""}\n\n${end}`);
}

async function main(options: readonly string[]): Promise<void> {
  if (options.includes("--deployer")) return console.log(await deployerPrinted(options));
  if (options.includes("--write")) {
    writeFileSync(policiesPath, await withPolicies(readFileSync(policiesPath, "utf8")));
    return writeDeployerPolicy();
  }
  const stack = options.find((option) => !option.startsWith("--")) ?? "prod";
  const all = await auditedRows(stack);
  console.log(options.includes("--markdown") ? policyTable(all) : policyText(all));
}

if (require.main === module) void main(process.argv.slice(2));
