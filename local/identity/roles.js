import { ServiceError } from "../wire";
import { readPolicy } from "./policyDocument";
import { identifier, Policies, requireName, requirePermissions, requireSize, requireTrust } from "./policyStore";
/** AWS's quotas of a role. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const inlineLimitBytes = 10_240;
const trustLimitBytes = 2048;
const mostAttached = 10;
const mostTags = 50;
/** The roles of one embedded cloud, and the policies that they have. */
export class Roles {
    context;
    policies;
    roles;
    /** What was read of texts, by role; forgotten with each change. */
    read = new Map();
    constructor(context) {
        this.context = context;
        this.roles = context.keeper.map("iam.roles");
        this.policies = new Policies(context, {
            attachments: (arn) => this.withPolicy(arn).length,
            changed: (arn) => this.withPolicy(arn).forEach(({ roleName }) => this.read.delete(roleName)),
        });
    }
    /** @throws ServiceError EntityAlreadyExists, MalformedPolicyDocument, LimitExceeded, ValidationError */
    create(input) {
        const { roleName, path } = input;
        requireName("roleName", roleName, 64);
        if (this.roles.has(roleName))
            throw new ServiceError("EntityAlreadyExists", `Role with name ${roleName} already exists.`, 409);
        this.checkTrust(input.trust);
        requireTagCount(input.tags);
        const { accountId, clock } = this.context;
        const made = { arn: `arn:aws:iam::${accountId}:role${path}${roleName}`, uniqueId: identifier("AROA"), createdAt: clock.now() };
        const role = { ...input, ...made, inline: {}, attached: [] };
        this.roles.set(roleName, role);
        return role;
    }
    /** @throws ServiceError NoSuchEntity */
    role(roleName) {
        const found = this.roles.get(roleName);
        if (!found)
            throw new ServiceError("NoSuchEntity", `The role with name ${roleName} cannot be found.`, 404);
        return found;
    }
    /** In the order of their names. */
    all() {
        return [...this.roles.values()].sort((a, b) => (a.roleName < b.roleName ? -1 : 1));
    }
    /** Undefined when no role has the name. */
    arnOf(roleName) {
        return this.roles.get(roleName)?.arn;
    }
    update(roleName, changes) {
        if (changes.tags)
            requireTagCount(changes.tags);
        this.keep({ ...this.role(roleName), ...changes });
    }
    setTrust(roleName, trust) {
        const role = this.role(roleName);
        this.checkTrust(trust);
        this.keep({ ...role, trust });
    }
    /** @throws ServiceError DeleteConflict while it has policies */
    delete(roleName) {
        const { inline, attached } = this.role(roleName);
        if (attached.length > 0)
            throw new ServiceError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
        if (Object.keys(inline).length > 0)
            throw new ServiceError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
        this.roles.delete(roleName);
        this.read.delete(roleName);
    }
    /** Gives a role an inline policy, in the place of one of that name. */
    putPolicy(roleName, policyName, document) {
        const role = this.role(roleName);
        requireName("policyName", policyName, 128);
        requirePermissions(document);
        const { [policyName]: _, ...others } = role.inline;
        const inline = { ...others, [policyName]: document };
        const words = `Maximum policy size of ${inlineLimitBytes} bytes exceeded for role ${roleName}`;
        requireSize(Object.values(inline).join(""), inlineLimitBytes, words);
        this.keep({ ...role, inline });
    }
    /** Text of an inline policy. @throws ServiceError NoSuchEntity */
    policyText(roleName, policyName) {
        const { inline } = this.role(roleName);
        const text = Object.hasOwn(inline, policyName) ? inline[policyName] : undefined;
        if (text === undefined)
            throw new ServiceError("NoSuchEntity", `The role policy with name ${policyName} cannot be found.`, 404);
        return text;
    }
    deletePolicy(roleName, policyName) {
        this.policyText(roleName, policyName);
        const role = this.role(roleName);
        const { [policyName]: _, ...inline } = role.inline;
        this.keep({ ...role, inline });
    }
    /** Attaching what is attached changes nothing. */
    attach(roleName, policyArn) {
        const role = this.role(roleName);
        this.policies.find(policyArn);
        const attached = [...new Set([...role.attached, policyArn])];
        if (attached.length > mostAttached) {
            throw new ServiceError("LimitExceeded", `Cannot exceed quota for PoliciesPerRole: ${mostAttached}`, 409);
        }
        this.keep({ ...role, attached });
    }
    /** @throws ServiceError NoSuchEntity */
    detach(roleName, policyArn) {
        const role = this.role(roleName);
        if (!role.attached.includes(policyArn))
            throw new ServiceError("NoSuchEntity", `Policy ${policyArn} was not found.`, 404);
        this.keep({ ...role, attached: role.attached.filter((arn) => arn !== policyArn) });
    }
    /** The roles that a managed policy is attached to. */
    withPolicy(policyArn) {
        return this.all().filter(({ attached }) => attached.includes(policyArn));
    }
    /** Undefined for an ARN that is no role's. */
    policiesOf(roleArn) {
        const role = this.byArn(roleArn);
        if (!role)
            return undefined;
        const known = this.read.get(role.roleName);
        if (known)
            return known;
        const { roleName, uniqueId, trust, inline, attached } = role;
        const policies = [
            ...Object.entries(inline).map(([name, text]) => ({ name, document: readPolicy(text) })),
            ...attached.map((arn) => ({ name: this.policies.find(arn).name, arn, document: readPolicy(this.policies.textOf(arn)) })),
        ];
        const read = { roleName, uniqueId, assumeRolePolicy: readPolicy(trust), policies };
        this.read.set(roleName, read);
        return read;
    }
    /** As which principal calls under a role are shown. */
    callerOf({ roleArn, sessionName }) {
        const { roleName, uniqueId } = this.byArn(roleArn) ?? { roleName: roleArn.split("/").at(-1), uniqueId: "AROAUNREGISTERED" };
        return { arn: `arn:aws:sts::${this.context.accountId}:assumed-role/${roleName}/${sessionName}`, userId: `${uniqueId}:${sessionName}` };
    }
    byArn(roleArn) {
        const found = this.roles.get(roleArn.split("/").at(-1));
        return found?.arn === roleArn ? found : undefined;
    }
    checkTrust(trust) {
        requireTrust(trust);
        requireSize(trust, trustLimitBytes, `Cannot exceed quota for ACLSizePerRole: ${trustLimitBytes}`);
    }
    keep(role) {
        this.roles.set(role.roleName, role);
        this.read.delete(role.roleName);
    }
}
function requireTagCount(tags) {
    if (Object.keys(tags).length > mostTags) {
        throw new ServiceError("LimitExceeded", `The number of tags has reached the maximum limit: ${mostTags}.`, 409);
    }
}
