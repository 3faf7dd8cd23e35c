import { crc32 } from "node:zlib";
import * as z from "zod";
import { dataSource } from "../resources";
import { requireKnownOperators } from "./conditions";
/** Reads a policy that a program gives as text or as an object. @throws Error that says what is wrong with it */
export function readPolicy(policy) {
    let parsed;
    try {
        parsed = typeof policy === "string" ? JSON.parse(policy) : policy;
    }
    catch (error) {
        throw new Error(`policy: not JSON: ${error.message}`);
    }
    const { Statement: statements } = (parsed ?? {});
    if (typeof statements !== "object")
        throw new Error("policy: has no Statement");
    const document = { ...parsed, Statement: [statements].flat() };
    for (const [index, { Effect, Action, NotAction, Condition = {} }] of document.Statement.entries()) {
        const at = `policy: Statement[${index}]`;
        if (Effect !== "Allow" && Effect !== "Deny") {
            throw new Error(`${at}.Effect: got ${JSON.stringify(Effect)}, expected "Allow" or "Deny"`);
        }
        if ((Action === undefined) === (NotAction === undefined))
            throw new Error(`${at}: must have either Action or NotAction`);
        try {
            requireKnownOperators(Condition);
        }
        catch (error) {
            throw new Error(`${at}.Condition: ${error.message}`);
        }
    }
    return document;
}
const strings = z.array(z.string()).optional();
const principals = z.array(z.strictObject({ type: z.string(), identifiers: z.array(z.string()) })).optional();
const statementInput = z.strictObject({
    sid: z
        .string()
        .regex(/^[a-zA-Z0-9]*$/, "must only include alphanumeric characters")
        .optional(),
    effect: z.enum(["Allow", "Deny"]).default("Allow"),
    actions: strings,
    notActions: strings,
    resources: strings,
    notResources: strings,
    principals,
    notPrincipals: principals,
    conditions: z.array(z.strictObject({ test: z.string(), variable: z.string(), values: z.array(z.string()) })).optional(),
});
const token = "aws:iam/getPolicyDocument:getPolicyDocument";
/**
 * `aws.iam.getPolicyDocument`, rendered to the byte as the provider does, so that a policy compares equal here and there.
 *
 * @see https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/iam/policy_document_data_source.go
 */
export const getPolicyDocument = dataSource(token, z.strictObject({
    policyId: z.string().optional(),
    version: z.enum(["2008-10-17", "2012-10-17"]).default("2012-10-17"),
    statements: z.array(statementInput).default([]),
    sourcePolicyDocuments: strings,
    overridePolicyDocuments: strings,
}), async (inputs) => {
    const { policyId, version, statements, sourcePolicyDocuments = [], overridePolicyDocuments = [] } = inputs;
    requireUniqueSids(statements.map(({ sid }) => sid));
    const own = {
        Version: version,
        ...(policyId && { Id: policyId }),
        Statement: statements.map((statement) => render(statement, version)),
    };
    const sources = sourcePolicyDocuments.map(readPolicy);
    requireUniqueSids(sources.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid)));
    const merged = [...sources, own, ...overridePolicyDocuments.map(readPolicy)].reduce(merge, { Statement: [] });
    const json = goJson(merged, 2);
    return { ...inputs, id: String(crc32(json)), json, minifiedJson: goJson(merged) };
});
function render(statement, version) {
    const replaced = (text) => {
        if (version === "2008-10-17" && text.includes("&{"))
            throw new Error(`${token}: found &{ in ${text}, which version ${version} doesn't have`);
        return text.replaceAll("&{", "${");
    };
    const set = (values = []) => (values.length === 0 ? undefined : oneOrMany([...new Set(values)].sort().reverse()));
    const replacedSet = (values = []) => {
        const sorted = set(values);
        return sorted === undefined ? undefined : Array.isArray(sorted) ? sorted.map(replaced) : replaced(sorted);
    };
    const principalSet = (blocks = []) => {
        if (blocks.length === 0)
            return undefined;
        if (blocks.length === 1 && blocks[0]?.type === "*" && blocks[0].identifiers.join() === "*")
            return "*";
        const byType = {};
        for (const { type, identifiers } of blocks)
            byType[type] = joined(byType[type], replacedSet(identifiers) ?? []);
        return sortedKeys(byType);
    };
    const conditions = {};
    for (const { test, variable, values } of statement.conditions ?? []) {
        const variables = (conditions[test] ??= {});
        variables[variable] = oneOrMany([variables[variable] ?? [], values.map(replaced)].flat());
    }
    return withoutUndefined({
        Sid: statement.sid || undefined,
        Effect: statement.effect,
        Action: set(statement.actions),
        NotAction: set(statement.notActions),
        Resource: replacedSet(statement.resources),
        NotResource: replacedSet(statement.notResources),
        Principal: principalSet(statement.principals),
        NotPrincipal: principalSet(statement.notPrincipals),
        Condition: Object.keys(conditions).length === 0 ? undefined : conditions,
    });
}
/** Later documents win by Sid; statements without one are added. */
function merge(merged, next) {
    const statements = [...merged.Statement];
    for (const statement of next.Statement) {
        const known = statement.Sid ? statements.findIndex(({ Sid }) => Sid === statement.Sid) : -1;
        if (known < 0)
            statements.push(statement);
        else
            statements[known] = statement;
    }
    const version = [merged.Version ?? "", next.Version ?? ""].sort()[1];
    const id = next.Id ?? merged.Id;
    return { ...(version && { Version: version }), ...(id && { Id: id }), Statement: statements };
}
/** As Go's encoder writes the provider's structs: members in their order, maps by key, HTML's characters escaped. */
function goJson({ Statement, ...head }, indent) {
    const statements = Statement.map(({ Sid, Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition }) => ({
        ...(Sid && { Sid }),
        Effect,
        Action,
        NotAction,
        Resource,
        NotResource,
        Principal: Principal === "*" ? Principal : Principal && sortedKeys(Principal),
        NotPrincipal: NotPrincipal === "*" ? NotPrincipal : NotPrincipal && sortedKeys(NotPrincipal),
        Condition: Condition && sortedKeys(Object.fromEntries(Object.entries(Condition).map(([test, values]) => [test, sortedKeys(values)]))),
    }));
    const document = { ...head, ...(statements.length > 0 && { Statement: statements }) };
    return JSON.stringify(document, null, indent).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
function requireUniqueSids(sids) {
    const named = sids.filter((sid) => sid);
    const repeated = named.find((sid, index) => named.indexOf(sid) !== index);
    if (repeated !== undefined)
        throw new Error(`${token}: duplicate Sid (${repeated}). Remove the Sid or ensure the Sid is unique.`);
}
function oneOrMany(values) {
    return values.length === 1 ? values[0] : values;
}
function joined(known, more) {
    return known === undefined ? more : [known, more].flat();
}
function sortedKeys(map) {
    return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
function withoutUndefined(object) {
    return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
