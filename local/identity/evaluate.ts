import { conditionsHold, type ConditionContext } from "./conditions";
import type { PolicyDocument, PolicyStatement, Principal as PrincipalElement } from "./policyDocument";
import { literalQuestion, literalStar, matchesArn, matchesWildcards } from "./wildcards";

/** Who asks: a session of a role, a service of AWS, or the account's administrator. All are of one account. */
export type Principal =
  | { kind: "role"; roleArn: string; sessionArn: string }
  | { kind: "service"; name: string }
  | { kind: "administrator"; arn: string };

/** One action on one resource. */
export interface Need {
  /** Such as `dynamodb:PutItem`. */
  action: string;
  /** ARN, or `*` for an action that takes no resource. */
  resource: string;
  /** What is known beside, by condition key in lower case. */
  context?: ConditionContext;
}

/** What has a say. */
export interface Policies {
  /** Of the role; nothing for services. */
  identity: readonly PolicyDocument[];
  /** Of the resource, when it has one. */
  resource?: PolicyDocument | undefined;
  /** True for what only its own policy can open, such as a role to be assumed. @default false */
  resourceMustAllow?: boolean;
}

/** Why not, in the words with which AWS ends a denial. */
export type Denial =
  | "with an explicit deny in an identity-based policy"
  | "with an explicit deny in a resource-based policy"
  | "because no identity-based policy allows"
  | "because no resource-based policy allows";

/** A decision, and the statement that made it. */
export interface Decision {
  /** Undefined when it is allowed. */
  denial?: Denial;
  /** The statement that allows or denies; undefined where none says anything, and for the administrator. */
  by?: PolicyStatement;
}

/** {@link decide}'s denial; undefined when it is allowed. */
export function evaluate(principal: Principal, need: Need, accountId: string, policies: Policies): Denial | undefined {
  return decide(principal, need, accountId, policies).denial;
}

/**
 * AWS's decision within one account: an explicit deny anywhere wins; else identity and resource policies are a union.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html
 */
export function decide(principal: Principal, need: Need, accountId: string, policies: Policies): Decision {
  const inIdentity = policies.identity.flatMap(({ Statement, Version }) => Statement.map((statement) => ({ statement, Version })));
  const inResource = (policies.resource?.Statement ?? []).map((statement) => ({ statement, Version: policies.resource?.Version }));
  const applies = ({ statement, Version }: { statement: PolicyStatement; Version?: string | undefined }) =>
    coversAction(statement, need.action) && coversResource(statement, need, Version) && conditionsOf(statement, need, Version);
  const denies = ({ statement }: { statement: PolicyStatement }) => statement.Effect === "Deny";
  const says = (statement: PolicyStatement) => grantOf(statement, principal, accountId);

  const forbids = inIdentity.find((entry) => denies(entry) && applies(entry));
  if (forbids) return { denial: "with an explicit deny in an identity-based policy", by: forbids.statement };
  const closes = inResource.find((entry) => denies(entry) && says(entry.statement) !== "nothing" && applies(entry));
  if (closes) return { denial: "with an explicit deny in a resource-based policy", by: closes.statement };
  const opens = inResource.filter((entry) => !denies(entry) && applies(entry));
  const itself = opens.find(({ statement }) => says(statement) === "itself");
  if (itself) return { by: itself.statement };
  if (principal.kind === "service") return { denial: "because no resource-based policy allows" };
  if (policies.resourceMustAllow && !opens.some(({ statement }) => says(statement) === "account")) {
    return { denial: "because no resource-based policy allows" };
  }
  if (principal.kind === "administrator") return {};
  const allows = inIdentity.find((entry) => !denies(entry) && applies(entry));
  return allows ? { by: allows.statement } : { denial: "because no identity-based policy allows" };
}

/** Text of a denial, as AWS writes it. @param denial left out where the service doesn't say why */
export function denialText(who: string, { action, resource }: Need, denial: Denial | undefined, quote = ""): string {
  const text = `User: ${who} is not authorized to perform: ${action} on resource: ${quote}${resource}${quote}`;
  if (denial === undefined) return text;
  return denial.startsWith("because") ? `${text} ${denial} the ${action} action` : `${text} ${denial}`;
}

function coversAction({ Action, NotAction }: PolicyStatement, action: string): boolean {
  const covers = (patterns: string | string[]) =>
    [patterns].flat().some((pattern) => matchesWildcards(pattern.toLowerCase(), action.toLowerCase()));
  return NotAction === undefined ? covers(Action ?? []) : !covers(NotAction);
}

/** A trust policy has no resource: it is about the role that has it. */
function coversResource({ Resource, NotResource }: PolicyStatement, need: Need, version: string | undefined): boolean {
  const covers = (patterns: string | string[]) =>
    [patterns].flat().some((pattern) => matchesArn(withVariables(pattern, need.context, version), need.resource));
  if (NotResource !== undefined) return !covers(NotResource);
  return Resource === undefined || covers(Resource);
}

function conditionsOf({ Condition }: PolicyStatement, { context = {} }: Need, version: string | undefined): boolean {
  return Condition === undefined || conditionsHold(Condition, context, (value) => withVariables(value, context, version));
}

/**
 * What a statement of a resource says to a principal: something to it itself, or to its account, which then decides by its own policies.
 * For a deny both are the same.
 */
function grantOf({ Principal, NotPrincipal }: PolicyStatement, principal: Principal, accountId: string): "itself" | "account" | "nothing" {
  if (NotPrincipal !== undefined) return grantIn(NotPrincipal, principal, accountId) === "nothing" ? "itself" : "nothing";
  return Principal === undefined ? "nothing" : grantIn(Principal, principal, accountId);
}

function grantIn(element: PrincipalElement, principal: Principal, accountId: string): "itself" | "account" | "nothing" {
  if (element === "*") return "itself";
  const named = [element["AWS"] ?? []].flat();
  // The same as "*": everybody, services of AWS included. Conditions say on whose behalf.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
  if (named.includes("*")) return "itself";
  if (principal.kind === "service") return [element["Service"] ?? []].flat().includes(principal.name) ? "itself" : "nothing";
  const own = principal.kind === "role" ? [principal.roleArn, principal.sessionArn] : [principal.arn];
  if (named.some((name) => own.includes(name))) return "itself";
  return named.some((name) => name === accountId || name === `arn:aws:iam::${accountId}:root`) ? "account" : "nothing";
}

/** `${aws:PrincipalArn}` and its like, in policies of the version that has them. What is not known matches nothing. */
function withVariables(text: string, context: ConditionContext = {}, version: string | undefined): string {
  if (version !== "2012-10-17" || !text.includes("${")) return text;
  return text.replace(/\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}/g, (_, key: string, otherwise?: string) => {
    const character = { "*": literalStar, "?": literalQuestion, $: "$" }[key];
    if (character !== undefined) return character;
    const value = context[key.toLowerCase()];
    return typeof value === "string" ? value : (otherwise ?? "\u0000");
  });
}
