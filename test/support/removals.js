import { matchesArn, matchesWildcards } from "../../local/identity/wildcards";
/**
 * Takes away each action of each statement that allows, and each resource of a statement with several: a statement with one
 * of both goes whole.
 */
export function removals(whole) {
    return whole.Statement.filter(({ Effect }) => Effect === "Allow").flatMap((statement) => {
        const actions = [statement.Action ?? []].flat();
        const resources = [statement.Resource ?? []].flat();
        const byAction = actions.map((action) => {
            const others = actions.filter((each) => each !== action);
            return {
                name: `${statement.Sid} ${action}`,
                policy: replaced(whole, statement, ...(others.length === 0 ? [] : [{ ...statement, Action: others }])),
                isMissedBy: (denial) => covers(action, denial.action) && resources.some((resource) => matchesArn(resource, denial.resource)),
            };
        });
        if (resources.length < 2)
            return byAction;
        const byResource = resources.map((resource) => {
            const others = resources.filter((each) => each !== resource);
            return {
                name: `${statement.Sid} ${actions.join(" ")} on ${resource}`,
                policy: replaced(whole, statement, { ...statement, Resource: others }),
                isMissedBy: (denial) => actions.some((action) => covers(action, denial.action)) && matchesArn(resource, denial.resource),
            };
        });
        return [...(actions.length === 1 ? [] : byAction), ...byResource];
    });
}
/** Takes away each condition of a statement: whoever it keeps out is let in. */
export function loosenings(whole) {
    return whole.Statement.flatMap((statement) => Object.entries(statement.Condition ?? {}).flatMap(([operator, byKey]) => Object.keys(byKey).map((key) => {
        const { [key]: _, ...others } = byKey;
        const Condition = { ...statement.Condition, [operator]: others };
        return { name: `${statement.Sid} ${operator} ${key}`, policy: replaced(whole, statement, { ...statement, Condition }) };
    })));
}
/** Takes away each resource of each statement that denies: what it keeps out is let in. */
export function openings(whole) {
    const denying = whole.Statement.filter(({ Effect }) => Effect === "Deny");
    return denying.flatMap((statement) => {
        const resources = [statement.Resource ?? []].flat();
        return resources.map((resource) => {
            const others = resources.filter((each) => each !== resource);
            const rest = others.length === 0 ? [] : [{ ...statement, Resource: others }];
            return { name: `${statement.Sid} on ${resource}`, resource, policy: replaced(whole, statement, ...rest) };
        });
    });
}
/** Takes away each value of each condition that has several, and each condition's only statement: who it lets in is kept out. */
export function narrowings(whole, key) {
    return whole.Statement.flatMap((statement) => Object.entries(statement.Condition ?? {}).flatMap(([operator, { [key]: values, ...others }]) => {
        const all = [values ?? []].flat();
        return all.map((value) => {
            const rest = all.filter((each) => each !== value);
            const Condition = { ...statement.Condition, [operator]: { ...others, [key]: rest } };
            return { value, policy: replaced(whole, statement, ...(rest.length === 0 ? [] : [{ ...statement, Condition }])) };
        });
    }));
}
/** The action and the resource that a denial's text names. */
export function deniedIn(message) {
    const [, action, resource] = /not authorized to perform: (\S+) on resource: "?([^"\s]+)/.exec(message) ?? [];
    return action === undefined || resource === undefined ? undefined : { action, resource };
}
function replaced(whole, statement, ...by) {
    return { ...whole, Statement: whole.Statement.flatMap((each) => (each === statement ? by : [each])) };
}
function covers(pattern, action) {
    return matchesWildcards(pattern.toLowerCase(), action.toLowerCase());
}
