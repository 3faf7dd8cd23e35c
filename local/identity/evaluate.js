import { conditionsHold } from "./conditions";
import { literalQuestion, literalStar, matchesArn, matchesWildcards } from "./wildcards";
/** {@link decide}'s denial; undefined when it is allowed. */
export function evaluate(principal, need, accountId, policies) {
    return decide(principal, need, accountId, policies).denial;
}
/**
 * AWS's decision within one account: an explicit deny anywhere wins; else identity and resource policies are a union.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html
 */
export function decide(principal, need, accountId, policies) {
    const inIdentity = policies.identity.flatMap(({ Statement, Version }) => Statement.map((statement) => ({ statement, Version })));
    const inResource = (policies.resource?.Statement ?? []).map((statement) => ({ statement, Version: policies.resource?.Version }));
    const applies = ({ statement, Version }) => coversAction(statement, need.action) && coversResource(statement, need, Version) && conditionsOf(statement, need, Version);
    const denies = ({ statement }) => statement.Effect === "Deny";
    const says = (statement) => grantOf(statement, principal, accountId);
    const forbids = inIdentity.find((entry) => denies(entry) && applies(entry));
    if (forbids)
        return { denial: "with an explicit deny in an identity-based policy", by: forbids.statement };
    const closes = inResource.find((entry) => denies(entry) && says(entry.statement) !== "nothing" && applies(entry));
    if (closes)
        return { denial: "with an explicit deny in a resource-based policy", by: closes.statement };
    const opens = inResource.filter((entry) => !denies(entry) && applies(entry));
    const itself = opens.find(({ statement }) => says(statement) === "itself");
    if (itself)
        return { by: itself.statement };
    if (principal.kind === "service")
        return { denial: "because no resource-based policy allows" };
    if (policies.resourceMustAllow && !opens.some(({ statement }) => says(statement) === "account")) {
        return { denial: "because no resource-based policy allows" };
    }
    if (principal.kind === "administrator")
        return {};
    const allows = inIdentity.find((entry) => !denies(entry) && applies(entry));
    return allows ? { by: allows.statement } : { denial: "because no identity-based policy allows" };
}
/** Text of a denial, as AWS writes it. @param denial left out where the service doesn't say why */
export function denialText(who, { action, resource }, denial, quote = "") {
    const text = `User: ${who} is not authorized to perform: ${action} on resource: ${quote}${resource}${quote}`;
    if (denial === undefined)
        return text;
    return denial.startsWith("because") ? `${text} ${denial} the ${action} action` : `${text} ${denial}`;
}
function coversAction({ Action, NotAction }, action) {
    const covers = (patterns) => [patterns].flat().some((pattern) => matchesWildcards(pattern.toLowerCase(), action.toLowerCase()));
    return NotAction === undefined ? covers(Action ?? []) : !covers(NotAction);
}
/** A trust policy has no resource: it is about the role that has it. */
function coversResource({ Resource, NotResource }, need, version) {
    const covers = (patterns) => [patterns].flat().some((pattern) => matchesArn(withVariables(pattern, need.context, version), need.resource));
    if (NotResource !== undefined)
        return !covers(NotResource);
    return Resource === undefined || covers(Resource);
}
function conditionsOf({ Condition }, { context = {} }, version) {
    return Condition === undefined || conditionsHold(Condition, context, (value) => withVariables(value, context, version));
}
/**
 * What a statement of a resource says to a principal: something to it itself, or to its account, which then decides by its own policies.
 * For a deny both are the same.
 */
function grantOf({ Principal, NotPrincipal }, principal, accountId) {
    if (NotPrincipal !== undefined)
        return grantIn(NotPrincipal, principal, accountId) === "nothing" ? "itself" : "nothing";
    return Principal === undefined ? "nothing" : grantIn(Principal, principal, accountId);
}
function grantIn(element, principal, accountId) {
    if (element === "*")
        return "itself";
    if (principal.kind === "service")
        return [element["Service"] ?? []].flat().includes(principal.name) ? "itself" : "nothing";
    const named = [element["AWS"] ?? []].flat();
    const own = principal.kind === "role" ? [principal.roleArn, principal.sessionArn] : [principal.arn];
    if (named.some((name) => name === "*" || own.includes(name)))
        return "itself";
    return named.some((name) => name === accountId || name === `arn:aws:iam::${accountId}:root`) ? "account" : "nothing";
}
/** `${aws:PrincipalArn}` and its like, in policies of the version that has them. What is not known matches nothing. */
function withVariables(text, context = {}, version) {
    if (version !== "2012-10-17" || !text.includes("${"))
        return text;
    return text.replace(/\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}/g, (_, key, otherwise) => {
        const character = { "*": literalStar, "?": literalQuestion, $: "$" }[key];
        if (character !== undefined)
            return character;
        const value = context[key.toLowerCase()];
        return typeof value === "string" ? value : (otherwise ?? "\u0000");
    });
}
