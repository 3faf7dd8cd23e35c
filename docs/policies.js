import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPolicy } from "../local/identity/policyDocument";
import { deploy } from "../doubles/deploy";
import { environment, program, root } from "../doubles/program";
import { deployerPrinted, writeDeployerPolicy } from "./deployer";
/** Path of the page that shows the table. */
export const policiesPath = join(root, "docs", "policies.md");
/** Every statement of every policy that a program registers, in the order of its resources. */
export function policyRows(resources) {
    return resources.flatMap(({ type, name, inputs }) => {
        const text = (name) => inputs[name];
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
                return [permissionRow(inputs)];
            default:
                return [];
        }
    });
}
function rows(policy, known) {
    return readPolicy(policy).Statement.map((statement) => ({
        principal: known.principal ?? principalOf(statement.Principal),
        effect: statement.Effect,
        actions: [statement.Action ?? []].flat().sort(),
        resources: known.resources ?? [statement.Resource ?? []].flat().sort(),
        conditions: conditionsOf(statement),
    }));
}
function permissionRow({ action = "", function: name = "", principal = "", sourceArn, sourceAccount }) {
    const conditions = [
        ...(sourceArn === undefined ? [] : [`ArnLike aws:SourceArn ${sourceArn}`]),
        ...(sourceAccount === undefined ? [] : [`StringEquals aws:SourceAccount ${sourceAccount}`]),
    ];
    return { principal: `service ${principal}`, effect: "Allow", actions: [action], resources: [`lambda:function:${name}`], conditions };
}
function principalOf(principal) {
    if (principal === undefined || principal === "*")
        return "everybody";
    return Object.entries(principal)
        .flatMap(([kind, names]) => [names].flat().map((name) => (kind === "Service" ? `service ${name}` : name.replace(/^arn:aws:iam::\d+:role\//, "role "))))
        .join(", ");
}
function conditionsOf({ Condition = {} }) {
    return Object.entries(Condition).flatMap(([test, byKey]) => Object.entries(byKey).map(([key, values]) => `${test} ${key} ${[values].flat().join(" or ")}`));
}
/** What is the same in every ARN of one stack says nothing. */
function short(text) {
    return text.replaceAll(/arn:aws:([a-z0-9-]+):(?:[a-z0-9-]*):(?:\d*):/g, "$1:").replaceAll("-0a1b2c3", "");
}
/** The rows as a table in Markdown, each statement once. */
export function policyTable(all) {
    const cell = (parts) => parts.map((part) => `\`${short(part).replaceAll("|", "\\|")}\``).join("<br>");
    const lines = all.map(({ principal, effect, actions, resources, conditions }) => [short(principal), effect === "Deny" ? "may **not**" : "may", cell(actions), cell(resources), cell(conditions)].join(" | "));
    return ["who | | does | to | if", "--- | --- | --- | --- | ---", ...[...new Set(lines)].sort()].map((line) => `| ${line} |`).join("\n");
}
/** The same for a terminal: one block a statement. */
export function policyText(all) {
    const blocks = all.map(({ principal, effect, actions, resources, conditions }) => [
        `${short(principal)} ${effect === "Deny" ? "may NOT" : "may"} ${actions.join(", ")}`,
        ...resources.map((resource) => `    on ${short(resource)}`),
        ...conditions.map((condition) => `    if ${short(condition)}`),
    ].join("\n"));
    return [...new Set(blocks)].sort().join("\n");
}
/** The policies of a shipped environment, deployed to doubles: no account is asked. */
export async function auditedRows(stack) {
    return policyRows((await deploy(program, environment(stack))).resources);
}
/** The page with its table made anew; its columns are not aligned, so that a change is one line of a diff. */
export async function withPolicies(page) {
    const region = /(<!-- prettier-ignore-start -->\n)[^]*(<!-- prettier-ignore-end -->)/;
    const table = policyTable(await auditedRows("prod"));
    return page.replace(region, (_, start, end) => `${start}\n${table}\n\n${end}`);
}
async function main(options) {
    if (options.includes("--deployer"))
        return console.log(await deployerPrinted(options));
    if (options.includes("--write")) {
        writeFileSync(policiesPath, await withPolicies(readFileSync(policiesPath, "utf8")));
        return writeDeployerPolicy();
    }
    const stack = options.find((option) => !option.startsWith("--")) ?? "prod";
    const all = await auditedRows(stack);
    console.log(options.includes("--markdown") ? policyTable(all) : policyText(all));
}
if (require.main === module)
    void main(process.argv.slice(2));
