import type { Credentials, RoleSession } from "../credentials";
import type { AccessControl, CloudContext, CloudService, InvocationSource } from "../ports";
import { notSupported, type ServiceError } from "../wire";
import { actionsByService } from "./actions";
import { keyNeeds, type JudgedRequest, type Place, type ResourceFacts } from "./actions/table";
import type { ConditionContext } from "./conditions";
import { denied, expired, invalidToken, unusableKey } from "./denials";
import { decide, type Decision, type Denial, type Need, type Principal } from "./evaluate";
import type { PolicyDocument } from "./policyDocument";
import type { RolePolicies } from "./roles";

/** One decision about what a role or a service asked for. */
export interface JudgedNeed {
  /** ARN of the role's session, or the service's name. */
  who: string;
  action: string;
  resource: string;
  denial?: Denial;
  /** `Sid` of the statement that decided, where it has one. */
  sid?: string;
}

/** Says what a role may do; undefined for an ARN that no program has registered. */
type PoliciesOf = (roleArn: string) => RolePolicies | undefined;

/** What a key that is disabled, or about to go, is no good for. */
const usesKey = /^kms:(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|CreateGrant)/;

/**
 * Decides what is allowed, by the policies that programs registered: every request at the front, and what services do on
 * their own. Keys that were not issued here are the administrator's, who may do all that no resource policy denies.
 *
 * The loopback port counts as secure transport: nothing of it leaves the machine. A request that says `X-Forwarded-Proto: http`,
 * as a proxy says of what came to it in the clear, does not.
 */
export class Authorizer implements AccessControl {
  private readonly services: Pick<CloudService, "factsOf">[] = [];
  private policiesOf: PoliciesOf = () => undefined;
  private readonly place: Place;

  constructor(
    private readonly cloud: Pick<CloudContext, "region" | "accountId" | "clock">,
    private readonly credentials: Credentials,
    /** Is told of each denial to a role or a service. */
    private readonly tell: (message: string) => void = () => undefined,
    /** Is told of each decision about a role or a service. */
    private readonly judged: (call: JudgedNeed) => void = () => undefined,
  ) {
    this.place = { region: cloud.region, accountId: cloud.accountId, factsOf: (arn) => this.factsOf(arn) };
  }

  /** Where it finds what resources say, and roles. */
  consult(services: readonly Pick<CloudService, "factsOf">[], policiesOf: PoliciesOf): void {
    this.services.push(...services);
    this.policiesOf = policiesOf;
  }

  /** Judges a request to a service, by its name in signatures. @throws ServiceError the denial that AWS would give */
  check(service: string, request: JudgedRequest): void {
    const session = this.credentials.sessionOf(request.accessKeyId);
    if (session?.expiresAt !== undefined && session.expiresAt <= this.cloud.clock.now()) throw expired(service);
    if (session !== undefined) this.requireToken(service, request);
    const needs = actionsByService[service]?.(request, this.place);
    if (needs === undefined) {
      // What no table knows is refused to roles; to the administrator the service says itself what it doesn't support.
      if (session === undefined) return;
      throw notSupported(`${service}'s ${String(request.headers["x-amz-target"] ?? `${request.method} ${request.path}`)} under a role`);
    }
    const answering = service === "sagemaker" && request.path.startsWith("/endpoints/") ? "sagemaker-runtime" : service;
    const principal = session === undefined ? this.administrator() : this.sessionPrincipal(session);
    const inTheClear: ConditionContext = request.headers["x-forwarded-proto"] === "http" ? { "aws:securetransport": "false" } : {};
    for (const need of needs) this.require(answering, principal, { ...need, context: { ...need.context, ...inTheClear } });
  }

  requireCall(service: string, request: JudgedRequest): void {
    this.check(service, request);
  }

  /** A role's key is half of it: the other half is the session's token. */
  private requireToken(service: string, { accessKeyId = "", headers, query }: JudgedRequest): void {
    const inQuery = [...query].find(([name]) => name.toLowerCase() === "x-amz-security-token")?.[1];
    const given = headers["x-amz-security-token"] ?? inQuery;
    if (!this.credentials.hasToken(accessKeyId, given?.toString())) throw invalidToken(service, given === undefined);
  }

  requireRole(roleArn: string, sessionName: string, need: Need): void {
    const [service = ""] = need.action.split(":");
    this.require(service, this.sessionPrincipal({ roleArn, sessionName }), need);
  }

  requireIdentityPolicy(roleArn: string, sessionName: string, need: Need): void {
    const principal = this.sessionPrincipal({ roleArn, sessionName });
    const identity = this.identityPolicies(roleArn);
    const judged = { ...need, context: { ...this.requestKeys(principal), ...need.context } };
    const { denial } = this.noted(principal, need, decide(principal, judged, this.cloud.accountId, { identity }));
    if (denial !== undefined) throw this.denied(need.action.split(":")[0] ?? "", principal, need, denial);
  }

  requireService(source: InvocationSource, need: Need): void {
    const [service = ""] = need.action.split(":");
    const principal = { kind: "service", name: source.principal } as const;
    const context = { ...need.context, ...this.sourceKeys(source) };
    this.require(service, principal, { ...need, context });
    if (service !== "sns" && service !== "sqs") return;
    for (const use of keyNeeds(need.resource, this.place, service, "GenerateDataKey", "Decrypt")) {
      // It is the service itself that uses the key, on nobody's behalf.
      const { "kms:viaservice": _via, "aws:viaawsservice": _forwarded, ...encryption } = use.context ?? {};
      if (this.isJudgedKey(use.resource)) this.require(service, principal, { ...use, context: { ...encryption, ...context } });
    }
  }

  requireKeyOfService(principal: string, keyArn: string | undefined, context: ConditionContext, actions: readonly string[]): void {
    if (keyArn === undefined || !this.isJudgedKey(keyArn)) return;
    for (const action of actions)
      this.require("kms", { kind: "service", name: principal }, { action: `kms:${action}`, resource: keyArn, context });
  }

  requireKeyOfDeployer(service: string, keyArn: string | undefined, actions: readonly string[]): void {
    if (keyArn === undefined || !this.isJudgedKey(keyArn)) return;
    const context = { "kms:viaservice": `${service}.${this.cloud.region}.amazonaws.com`, "aws:viaawsservice": "true" };
    for (const action of actions) this.require(service, this.administrator(), { action: `kms:${action}`, resource: keyArn, context });
  }

  requireAssumable(roleArn: string, source: InvocationSource): void {
    this.requireService(source, { action: "sts:AssumeRole", resource: roleArn });
  }

  private require(service: string, principal: Principal, need: Need): void {
    const { denial } = this.noted(principal, need, this.judge(principal, need));
    if (denial !== undefined) throw this.denied(service, principal, need, denial);
    const unusable = usesKey.test(need.action) ? this.factsOf(need.resource)?.unusable : undefined;
    if (unusable !== undefined) throw unusableKey(service, unusable);
  }

  private denied(service: string, principal: Principal, need: Need, denial: Denial): ServiceError {
    const error = denied(service, nameOf(principal), need, denial);
    if (principal.kind !== "administrator") this.tell(error.message);
    return error;
  }

  private noted(principal: Principal, { action, resource }: Need, decision: Decision): Decision {
    if (principal.kind === "administrator") return decision;
    const { denial, by } = decision;
    this.judged({ who: nameOf(principal), action, resource, ...(denial && { denial }), ...(by?.Sid !== undefined && { sid: by.Sid }) });
    return decision;
  }

  private judge(principal: Principal, need: Need): Decision {
    const facts = this.factsOf(need.resource);
    const judged = { ...need, context: { ...this.requestKeys(principal), ...need.context } };
    const identity = principal.kind === "role" ? this.identityPolicies(principal.roleArn) : [];
    // A role's trust policy, and a key's policy, are what opens the way for all others.
    // https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    const resourceMustAllow = need.action === "sts:AssumeRole" || this.isJudgedKey(need.resource);
    return decide(principal, judged, this.cloud.accountId, { identity, resource: facts?.policy, resourceMustAllow });
  }

  /** A key that no program made has a policy that is not known here: only its users' own policies are judged. */
  private isJudgedKey(arn: string): boolean {
    return arn.startsWith("arn:aws:kms:") && this.factsOf(arn)?.policy !== undefined;
  }

  private factsOf(arn: string): ResourceFacts | undefined {
    for (const { factsOf } of this.services) {
      const facts = factsOf?.(arn);
      if (facts !== undefined) return facts;
    }
    return undefined;
  }

  private identityPolicies(roleArn: string): PolicyDocument[] {
    return this.policiesOf(roleArn)?.policies.map(({ document }) => document) ?? [];
  }

  private administrator(): Principal {
    return { kind: "administrator", arn: `arn:aws:iam::${this.cloud.accountId}:root` };
  }

  private sessionPrincipal({ roleArn, sessionName }: RoleSession): Principal & { kind: "role" } {
    const roleName = roleArn.split("/").at(-1) as string;
    return { kind: "role", roleArn, sessionArn: `arn:aws:sts::${this.cloud.accountId}:assumed-role/${roleName}/${sessionName}` };
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
  private requestKeys(principal: Principal): ConditionContext {
    const { accountId, region, clock } = this.cloud;
    const now = clock.now();
    const common = {
      "aws:securetransport": "true",
      "aws:currenttime": new Date(now).toISOString(),
      "aws:epochtime": String(Math.floor(now / 1000)),
      "aws:requestedregion": region,
    };
    if (principal.kind === "service") {
      return { ...common, "aws:principalisawsservice": "true", "aws:principalservicename": principal.name };
    }
    const role = principal.kind === "role" ? this.policiesOf(principal.roleArn) : undefined;
    return {
      ...common,
      "aws:principalisawsservice": "false",
      "aws:viaawsservice": "false",
      "aws:sourceip": "127.0.0.1",
      "aws:principalaccount": accountId,
      "aws:principalarn": principal.kind === "role" ? principal.roleArn : principal.arn,
      "aws:principaltype": principal.kind === "role" ? "AssumedRole" : "Account",
      "aws:userid": role ? `${role.uniqueId}:${nameOf(principal).split("/").at(-1) ?? ""}` : accountId,
    };
  }

  /** On whose behalf a service acts. A bucket's ARN has no account; it is ours all the same. */
  private sourceKeys({ principal, sourceArn }: InvocationSource): ConditionContext {
    const account = sourceArn.split(":")[4] || this.cloud.accountId;
    // The older key, by which a topic's default policy goes, is not sent by EventBridge and S3: they need a policy that names them.
    const owner = principal === "cloudwatch.amazonaws.com" && { "aws:sourceowner": account };
    return { "aws:sourcearn": sourceArn, "aws:sourceaccount": account, ...owner };
  }
}

function nameOf(principal: Principal): string {
  if (principal.kind === "service") return principal.name;
  return principal.kind === "role" ? principal.sessionArn : principal.arn;
}
