import { anything, judgedBy, readForm, text, type Input, type Place, type Rule } from "./table";

const newRole = (input: Input, place: Place) => `arn:aws:iam::${place.accountId}:role${pathOf(input)}${text(input, "RoleName")}`;
/** A role's path stands in its ARN, but in no call after its first. */
const role = (input: Input, place: Place) => place.factsOf(newRole(input, place))?.arn ?? newRole(input, place);
const policy = (input: Input, place: Place) =>
  text(input, "PolicyArn") || `arn:aws:iam::${place.accountId}:policy${pathOf(input)}${text(input, "PolicyName")}`;
const pathOf = (input: Input) => text(input, "Path") || "/";
const onRole: Rule = { on: role };
const onPolicy: Rule = { on: policy };
const attaches: Rule = { on: role, keys: (input) => ({ "iam:policyarn": text(input, "PolicyArn") }) };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export const iam = judgedBy(
  "iam",
  {
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
  },
  readForm,
);
