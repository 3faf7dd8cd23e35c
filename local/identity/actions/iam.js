import { anything, judgedBy, readForm, text } from "./table";
const newRole = (input, place) => `arn:aws:iam::${place.accountId}:role${pathOf(input)}${text(input, "RoleName")}`;
/** A role's path stands in its ARN, but in no call after its first. */
const role = (input, place) => place.factsOf(newRole(input, place))?.arn ?? newRole(input, place);
const policy = (input, place) => text(input, "PolicyArn") || `arn:aws:iam::${place.accountId}:policy${pathOf(input)}${text(input, "PolicyName")}`;
const pathOf = (input) => text(input, "Path") || "/";
const onRole = { on: role };
const onPolicy = { on: policy };
const attaches = { on: role, keys: (input) => ({ "iam:policyarn": text(input, "PolicyArn") }) };
/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export const iam = judgedBy("iam", {
    AttachRolePolicy: attaches,
    CreatePolicy: onPolicy,
    CreatePolicyVersion: onPolicy,
    CreateRole: { on: newRole },
    DeletePolicy: onPolicy,
    DeletePolicyVersion: onPolicy,
    DeleteRole: onRole,
    DeleteRolePolicy: onRole,
    DetachRolePolicy: attaches,
    GetPolicy: onPolicy,
    GetPolicyVersion: onPolicy,
    GetRole: onRole,
    GetRolePolicy: onRole,
    GetUser: { on: anything },
    ListAttachedRolePolicies: onRole,
    ListEntitiesForPolicy: onPolicy,
    ListInstanceProfilesForRole: onRole,
    ListPolicyTags: onPolicy,
    ListPolicyVersions: onPolicy,
    ListRolePolicies: onRole,
    ListRoleTags: onRole,
    ListRoles: { on: anything },
    PutRolePolicy: onRole,
    SetDefaultPolicyVersion: onPolicy,
    TagPolicy: onPolicy,
    TagRole: onRole,
    UntagPolicy: onPolicy,
    UntagRole: onRole,
    UpdateAssumeRolePolicy: onRole,
    UpdateRole: onRole,
}, readForm);
