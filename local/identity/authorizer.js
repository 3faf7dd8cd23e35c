import { notSupported } from "../wire";
import { actionsByService } from "./actions";
import { keyNeeds } from "./actions/table";
import { denied, expired, invalidToken } from "./denials";
import { decide } from "./evaluate";
/**
 * Decides what is allowed, by the policies that programs registered: every request at the front, and what services do on
 * their own. Keys that were not issued here are the administrator's, who may do all that no resource policy denies.
 *
 * The loopback port counts as secure transport: nothing of it leaves the machine. A request that says `X-Forwarded-Proto: http`,
 * as a proxy says of what came to it in the clear, does not.
 */
export class Authorizer {
    cloud;
    credentials;
    tell;
    judged;
    services = [];
    policiesOf = () => undefined;
    place;
    constructor(cloud, credentials, 
    /** Is told of each denial to a role or a service. */
    tell = () => undefined, 
    /** Is told of each decision about a role or a service. */
    judged = () => undefined) {
        this.cloud = cloud;
        this.credentials = credentials;
        this.tell = tell;
        this.judged = judged;
        this.place = { region: cloud.region, accountId: cloud.accountId, factsOf: (arn) => this.factsOf(arn) };
    }
    /** Where it finds what resources say, and roles. */
    consult(services, policiesOf) {
        this.services.push(...services);
        this.policiesOf = policiesOf;
    }
    /** Judges a request to a service, by its name in signatures. @throws ServiceError the denial that AWS would give */
    check(service, request) {
        const session = this.credentials.sessionOf(request.accessKeyId);
        if (session?.expiresAt !== undefined && session.expiresAt <= this.cloud.clock.now())
            throw expired(service);
        if (session !== undefined)
            this.requireToken(service, request);
        const needs = actionsByService[service]?.(request, this.place);
        if (needs === undefined) {
            // What no table knows is refused to roles; to the administrator the service says itself what it doesn't support.
            if (session === undefined)
                return;
            throw notSupported(`${service}'s ${String(request.headers["x-amz-target"] ?? `${request.method} ${request.path}`)} under a role`);
        }
        const answering = service === "sagemaker" && request.path.startsWith("/endpoints/") ? "sagemaker-runtime" : service;
        const principal = session === undefined ? this.administrator() : this.sessionPrincipal(session);
        const inTheClear = request.headers["x-forwarded-proto"] === "http" ? { "aws:securetransport": "false" } : {};
        for (const need of needs)
            this.require(answering, principal, { ...need, context: { ...need.context, ...inTheClear } });
    }
    /** A role's key is half of it: the other half is the session's token. */
    requireToken(service, { accessKeyId = "", headers, query }) {
        const inQuery = [...query].find(([name]) => name.toLowerCase() === "x-amz-security-token")?.[1];
        const given = headers["x-amz-security-token"] ?? inQuery;
        if (!this.credentials.hasToken(accessKeyId, given?.toString()))
            throw invalidToken(service, given === undefined);
    }
    requireRole(roleArn, sessionName, need) {
        const [service = ""] = need.action.split(":");
        this.require(service, this.sessionPrincipal({ roleArn, sessionName }), need);
    }
    requireIdentityPolicy(roleArn, sessionName, need) {
        const principal = this.sessionPrincipal({ roleArn, sessionName });
        const identity = this.identityPolicies(roleArn);
        const judged = { ...need, context: { ...this.requestKeys(principal), ...need.context } };
        const { denial } = this.noted(principal, need, decide(principal, judged, this.cloud.accountId, { identity }));
        if (denial !== undefined)
            throw this.denied(need.action.split(":")[0] ?? "", principal, need, denial);
    }
    requireService(source, need) {
        const [service = ""] = need.action.split(":");
        const principal = { kind: "service", name: source.principal };
        const context = { ...need.context, ...this.sourceKeys(source) };
        this.require(service, principal, { ...need, context });
        if (service !== "sns" && service !== "sqs")
            return;
        for (const use of keyNeeds(need.resource, this.place, service, "GenerateDataKey", "Decrypt")) {
            // It is the service itself that uses the key, on nobody's behalf.
            const { "kms:viaservice": _via, "aws:viaawsservice": _forwarded, ...encryption } = use.context ?? {};
            if (this.isJudgedKey(use.resource))
                this.require(service, principal, { ...use, context: { ...encryption, ...context } });
        }
    }
    requireKeyOfService(principal, keyArn, context, actions) {
        if (keyArn === undefined || !this.isJudgedKey(keyArn))
            return;
        for (const action of actions)
            this.require("kms", { kind: "service", name: principal }, { action: `kms:${action}`, resource: keyArn, context });
    }
    requireKeyOfDeployer(service, keyArn, actions) {
        if (keyArn === undefined || !this.isJudgedKey(keyArn))
            return;
        const context = { "kms:viaservice": `${service}.${this.cloud.region}.amazonaws.com`, "aws:viaawsservice": "true" };
        for (const action of actions)
            this.require(service, this.administrator(), { action: `kms:${action}`, resource: keyArn, context });
    }
    requireAssumable(roleArn, source) {
        this.requireService(source, { action: "sts:AssumeRole", resource: roleArn });
    }
    require(service, principal, need) {
        const { denial } = this.noted(principal, need, this.judge(principal, need));
        if (denial !== undefined)
            throw this.denied(service, principal, need, denial);
    }
    denied(service, principal, need, denial) {
        const error = denied(service, nameOf(principal), need, denial);
        if (principal.kind !== "administrator")
            this.tell(error.message);
        return error;
    }
    noted(principal, { action, resource }, decision) {
        if (principal.kind === "administrator")
            return decision;
        const { denial, by } = decision;
        this.judged({ who: nameOf(principal), action, resource, ...(denial && { denial }), ...(by?.Sid !== undefined && { sid: by.Sid }) });
        return decision;
    }
    judge(principal, need) {
        const facts = this.factsOf(need.resource);
        const judged = { ...need, context: { ...this.requestKeys(principal), ...need.context } };
        const identity = principal.kind === "role" ? this.identityPolicies(principal.roleArn) : [];
        // A role's trust policy, and a key's policy, are what opens the way for all others.
        // https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
        const resourceMustAllow = need.action === "sts:AssumeRole" || this.isJudgedKey(need.resource);
        return decide(principal, judged, this.cloud.accountId, { identity, resource: facts?.policy, resourceMustAllow });
    }
    /** A key that no program made has a policy that is not known here: only its users' own policies are judged. */
    isJudgedKey(arn) {
        return arn.startsWith("arn:aws:kms:") && this.factsOf(arn)?.policy !== undefined;
    }
    factsOf(arn) {
        for (const { factsOf } of this.services) {
            const facts = factsOf?.(arn);
            if (facts !== undefined)
                return facts;
        }
        return undefined;
    }
    identityPolicies(roleArn) {
        return this.policiesOf(roleArn)?.policies.map(({ document }) => document) ?? [];
    }
    administrator() {
        return { kind: "administrator", arn: `arn:aws:iam::${this.cloud.accountId}:root` };
    }
    sessionPrincipal({ roleArn, sessionName }) {
        const roleName = roleArn.split("/").at(-1);
        return { kind: "role", roleArn, sessionArn: `arn:aws:sts::${this.cloud.accountId}:assumed-role/${roleName}/${sessionName}` };
    }
    /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
    requestKeys(principal) {
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
    sourceKeys({ sourceArn }) {
        const account = sourceArn.split(":")[4] || this.cloud.accountId;
        return { "aws:sourcearn": sourceArn, "aws:sourceaccount": account, "aws:sourceowner": account };
    }
}
function nameOf(principal) {
    if (principal.kind === "service")
        return principal.name;
    return principal.kind === "role" ? principal.sessionArn : principal.arn;
}
