import * as z from "zod";
import type { Credentials } from "../credentials";
import type { CloudContext } from "../ports";
import { queryService, type QueryOperations, type XmlValue } from "../queryService";
import { validated } from "../validation";
import * as pages from "../pages";
import { ServiceError, type Service } from "../wire";
import type { ManagedPolicy } from "./policyStore";
import { maxSessionDuration, path } from "./roleRules";
import type { Role, Roles } from "./roles";

const RoleName = z.string();
const PolicyName = z.string();
const PolicyArn = z.string().min(20).max(2048);
const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });
/** The Query protocol sends an empty list as its name alone. */
const emptied = (value: unknown) => (value === "" ? [] : value);
const Tags = z.preprocess(emptied, z.array(tag).default([]));
const TagKeys = z.preprocess(emptied, z.array(z.string()));
const page = { Marker: z.string().optional(), MaxItems: z.coerce.number().int().min(1).max(1000).default(100) };

/** IAM's API as far as roles and their policies go. https://docs.aws.amazon.com/IAM/latest/APIReference/ */
export function iamService(context: CloudContext, credentials: Credentials, roles: Roles): Service {
  const { accountId } = context;
  const { policies } = roles;

  const operations: QueryOperations = {
    ...operation(
      "CreateRole",
      {
        RoleName,
        Path: path,
        AssumeRolePolicyDocument: z.string(),
        Description: z.string().max(1000).optional(),
        MaxSessionDuration: maxSessionDuration,
        Tags,
      },
      (input) => {
        const role = roles.create({
          roleName: input.RoleName,
          path: input.Path,
          trust: input.AssumeRolePolicyDocument,
          description: input.Description,
          maxSessionDurationSeconds: input.MaxSessionDuration,
          tags: record(input.Tags),
        });
        return { Role: described(role) };
      },
    ),
    ...operation("GetRole", { RoleName }, (input) => ({ Role: { ...described(roles.role(input.RoleName)), RoleLastUsed: {} } })),
    ...operation("ListRoles", { PathPrefix: z.string().default("/"), ...page }, (input) =>
      pageOf(
        "Roles",
        roles.all().filter((role) => role.path.startsWith(input.PathPrefix)),
        { idOf: ({ roleName }) => roleName, write: described },
        input,
      ),
    ),
    ...operation(
      "UpdateRole",
      { RoleName, Description: z.string().max(1000).optional(), MaxSessionDuration: maxSessionDuration.optional() },
      (input) => {
        roles.update(input.RoleName, {
          ...(input.Description !== undefined && { description: input.Description }),
          ...(input.MaxSessionDuration !== undefined && { maxSessionDurationSeconds: input.MaxSessionDuration }),
        });
        return {};
      },
    ),
    ...operation("UpdateAssumeRolePolicy", { RoleName, PolicyDocument: z.string() }, (input) =>
      roles.setTrust(input.RoleName, input.PolicyDocument),
    ),
    ...operation("DeleteRole", { RoleName }, (input) => roles.delete(input.RoleName)),
    ...operation("ListInstanceProfilesForRole", { RoleName, ...page }, (input) => {
      const { roleName } = roles.role(input.RoleName);
      return pageOf("InstanceProfiles", [], { of: roleName, idOf: () => "", write: () => "" }, input);
    }),

    ...operation("PutRolePolicy", { RoleName, PolicyName, PolicyDocument: z.string() }, (input) =>
      roles.putPolicy(input.RoleName, input.PolicyName, input.PolicyDocument),
    ),
    ...operation("GetRolePolicy", { RoleName, PolicyName }, (input) => ({
      ...input,
      PolicyDocument: encoded(roles.policyText(input.RoleName, input.PolicyName)),
    })),
    ...operation("DeleteRolePolicy", { RoleName, PolicyName }, (input) => roles.deletePolicy(input.RoleName, input.PolicyName)),
    ...operation("ListRolePolicies", { RoleName, ...page }, (input) =>
      pageOf(
        "PolicyNames",
        Object.keys(roles.role(input.RoleName).inline).sort(),
        { of: input.RoleName, idOf: (name) => name, write: (name) => name },
        input,
      ),
    ),

    ...operation("AttachRolePolicy", { RoleName, PolicyArn }, (input) => roles.attach(input.RoleName, input.PolicyArn)),
    ...operation("DetachRolePolicy", { RoleName, PolicyArn }, (input) => roles.detach(input.RoleName, input.PolicyArn)),
    ...operation("ListAttachedRolePolicies", { RoleName, PathPrefix: z.string().default("/"), ...page }, (input) => {
      const attached = roles.role(input.RoleName).attached.map((arn) => policies.find(arn));
      const wanted = attached.filter((policy) => policy.path.startsWith(input.PathPrefix));
      return pageOf(
        "AttachedPolicies",
        wanted,
        { of: input.RoleName, idOf: ({ arn }) => arn, write: ({ name, arn }) => ({ PolicyName: name, PolicyArn: arn }) },
        input,
      );
    }),

    ...operation("TagRole", { RoleName, Tags }, (input) =>
      roles.update(input.RoleName, { tags: { ...roles.role(input.RoleName).tags, ...record(input.Tags) } }),
    ),
    ...operation("UntagRole", { RoleName, TagKeys }, (input) =>
      roles.update(input.RoleName, { tags: without(roles.role(input.RoleName).tags, input.TagKeys) }),
    ),
    ...operation("ListRoleTags", { RoleName, ...page }, (input) => tagPage(input.RoleName, roles.role(input.RoleName).tags, input)),

    ...operation(
      "CreatePolicy",
      { PolicyName, Path: path, PolicyDocument: z.string(), Description: z.string().max(1000).optional(), Tags },
      (input) => {
        const { PolicyName: name, Path, PolicyDocument: document, Description: description } = input;
        return { Policy: describedPolicy(policies.create({ name, path: Path, document, description, tags: record(input.Tags) })) };
      },
    ),
    ...operation("GetPolicy", { PolicyArn }, (input) => ({ Policy: describedPolicy(policies.find(input.PolicyArn)) })),
    ...operation("DeletePolicy", { PolicyArn }, (input) => policies.delete(input.PolicyArn)),
    ...operation("CreatePolicyVersion", { PolicyArn, PolicyDocument: z.string(), SetAsDefault: z.stringbool().default(false) }, (input) => {
      const version = policies.addVersion(input.PolicyArn, input.PolicyDocument, input.SetAsDefault);
      return { PolicyVersion: describedVersion(policies.find(input.PolicyArn), version) };
    }),
    ...operation("GetPolicyVersion", { PolicyArn, VersionId: z.string() }, (input) => {
      const version = policies.version(input.PolicyArn, input.VersionId);
      return { PolicyVersion: { ...describedVersion(policies.find(input.PolicyArn), version), Document: encoded(version.document) } };
    }),
    ...operation("ListPolicyVersions", { PolicyArn, ...page }, (input) => {
      const policy = policies.find(input.PolicyArn);
      return pageOf(
        "Versions",
        policy.versions.toReversed(),
        { of: policy.arn, idOf: ({ versionId }) => versionId, write: (version) => describedVersion(policy, version) },
        input,
      );
    }),
    ...operation("SetDefaultPolicyVersion", { PolicyArn, VersionId: z.string() }, (input) =>
      policies.setDefault(input.PolicyArn, input.VersionId),
    ),
    ...operation("DeletePolicyVersion", { PolicyArn, VersionId: z.string() }, (input) =>
      policies.deleteVersion(input.PolicyArn, input.VersionId),
    ),
    ...operation(
      "ListEntitiesForPolicy",
      { PolicyArn, EntityFilter: z.string().optional(), PathPrefix: z.string().optional(), ...page },
      (input) => {
        const { arn } = policies.find(input.PolicyArn);
        const shown = pageOf(
          "PolicyRoles",
          roles.withPolicy(arn),
          {
            of: arn,
            idOf: ({ roleName }) => roleName,
            write: ({ roleName, uniqueId }) => ({ RoleName: roleName, RoleId: uniqueId }),
          },
          input,
        );
        return { ...shown, PolicyGroups: [], PolicyUsers: [] };
      },
    ),
    ...operation("TagPolicy", { PolicyArn, Tags }, (input) =>
      policies.setTags(input.PolicyArn, { ...policies.find(input.PolicyArn).tags, ...record(input.Tags) }),
    ),
    ...operation("UntagPolicy", { PolicyArn, TagKeys }, (input) =>
      policies.setTags(input.PolicyArn, without(policies.find(input.PolicyArn).tags, input.TagKeys)),
    ),
    ...operation("ListPolicyTags", { PolicyArn, ...page }, (input) => tagPage(input.PolicyArn, policies.find(input.PolicyArn).tags, input)),

    // The keys of this cloud are the account's own, or a role's; it has no users.
    GetUser: (input, accessKeyId) => {
      const { UserName } = validated(z.strictObject({ UserName: z.string().optional() }), input, "IAM's GetUser", "ValidationError");
      if (UserName !== undefined) throw new ServiceError("NoSuchEntity", `The user with name ${UserName} cannot be found.`, 404);
      if (credentials.sessionOf(accessKeyId)) {
        throw new ServiceError("ValidationError", "Must specify userName when calling with non-User credentials");
      }
      return { User: { UserId: accountId, Arn: `arn:aws:iam::${accountId}:root`, CreateDate: "2020-01-01T00:00:00Z" } };
    },
  };

  function describedPolicy(policy: ManagedPolicy) {
    return {
      PolicyName: policy.name,
      PolicyId: policy.policyId,
      Arn: policy.arn,
      Path: policy.path,
      DefaultVersionId: policy.defaultVersionId,
      AttachmentCount: roles.withPolicy(policy.arn).length,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      Description: policy.description,
      CreateDate: time(policy.createdAt),
      UpdateDate: time(policy.updatedAt),
      Tags: listed(policy.tags),
    };
  }

  return queryService("IAM", "https://iam.amazonaws.com/doc/2010-05-08/", operations);
}

/** One operation: what it takes, and what it answers. */
function operation<Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape,
  answer: (input: z.infer<z.ZodObject<Shape, z.core.$strict>>) => Record<string, XmlValue> | void,
): QueryOperations {
  const schema = z.strictObject(shape);
  return { [name]: (input) => answer(validated(schema, input, `IAM's ${name}`, "ValidationError")) };
}

function described(role: Role): Record<string, XmlValue> {
  return {
    Path: role.path,
    RoleName: role.roleName,
    RoleId: role.uniqueId,
    Arn: role.arn,
    CreateDate: time(role.createdAt),
    AssumeRolePolicyDocument: encoded(role.trust),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDurationSeconds,
    Tags: Object.keys(role.tags).length > 0 ? listed(role.tags) : undefined,
  };
}

function describedVersion(policy: ManagedPolicy, { versionId, createdAt }: ManagedPolicy["versions"][number]) {
  return { VersionId: versionId, IsDefaultVersion: versionId === policy.defaultVersionId, CreateDate: time(createdAt) };
}

interface Paging {
  Marker?: string | undefined;
  MaxItems: number;
}

/** A page of a list, and IAM's marker of the next one. @param of the role or policy whose list it is; none for the account's */
function pageOf<Item>(
  member: string,
  all: readonly Item[],
  { of = "", idOf, write }: { of?: string; idOf: (item: Item) => string; write: (item: Item) => XmlValue },
  { Marker: token, MaxItems: limit }: Paging,
): Record<string, XmlValue> {
  const invalid = (given: string) => new ServiceError("ValidationError", `Invalid Marker: ${given}`);
  const { page, next } = pages.pageOf(all, { list: `IAM ${member} ${of}`, idOf, limit, token, invalid });
  return { [member]: page.map(write), IsTruncated: next !== undefined, Marker: next };
}

function tagPage(of: string, tags: Readonly<Record<string, string>>, paging: Paging): Record<string, XmlValue> {
  return pageOf("Tags", Object.entries(tags), { of, idOf: ([Key]) => Key, write: ([Key, Value]) => ({ Key, Value }) }, paging);
}

/** IAM's answers have documents as RFC 3986 encodes them. */
function encoded(document: string): string {
  return encodeURIComponent(document).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

function record(tags: readonly z.infer<typeof tag>[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

function listed(tags: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function without(tags: Record<string, string>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
