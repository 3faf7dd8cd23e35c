import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  TagPolicyCommand,
  TagRoleCommand,
} from "@aws-sdk/client-iam";
import { account, type Clients, type WireCase } from "../cloud";

const RoleName = "wire-role";
export const roleArn = `arn:aws:iam::${account}:role/${RoleName}`;

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: ["sagemaker.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com"] },
      Action: "sts:AssumeRole",
    },
  ],
});
const roleInputs = { name: RoleName, assumeRolePolicy: trust, tags: { team: "ocr" } };

const role: WireCase = {
  type: "aws:iam/role:Role",
  inputs: roleInputs,
  create: ({ iam }) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, Tags: [{ Key: "team", Value: "ocr" }] })),
  read: async ({ iam }) => ({
    role: (await iam.send(new GetRoleCommand({ RoleName }))).Role,
    attached: (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies,
    profiles: (await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }))).InstanceProfiles,
  }),
  change: {
    inputs: { ...roleInputs, tags: { team: "ocr", stage: "dev" } },
    call: ({ iam }) => iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "stage", Value: "dev" }] })),
  },
  delete: ({ iam }) => iam.send(new DeleteRoleCommand({ RoleName })),
  gone: "404 NoSuchEntityException",
};

const document = (Action: string) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
const PolicyName = "wire-policy";
const put =
  (action: string) =>
  ({ iam }: Clients) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document(action) }));
const policyInputs = (action: string) => ({ name: PolicyName, role: RoleName, policy: document(action) });

const rolePolicy: WireCase = {
  type: "aws:iam/rolePolicy:RolePolicy",
  inputs: policyInputs("s3:*"),
  create: put("s3:*"),
  read: async ({ iam }) => ({
    policy: await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
    names: (await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames,
  }),
  change: { inputs: policyInputs("sqs:*"), call: put("sqs:*") },
  delete: ({ iam }) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
  gone: "404 NoSuchEntityException",
};

const managedName = "wire-managed";
const PolicyArn = `arn:aws:iam::${account}:policy/${managedName}`;
const managedInputs = { name: managedName, description: "reads", policy: document("s3:GetObject"), tags: { team: "ocr" } };
const versions = async ({ iam }: Clients) => (await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))).Versions ?? [];
const managedPolicy: WireCase = {
  type: "aws:iam/policy:Policy",
  inputs: managedInputs,
  create: ({ iam }) =>
    iam.send(
      new CreatePolicyCommand({
        PolicyName: managedName,
        Path: "/",
        Description: "reads",
        PolicyDocument: document("s3:GetObject"),
        Tags: [{ Key: "team", Value: "ocr" }],
      }),
    ),
  read: async (clients) => {
    const { Policy } = await clients.iam.send(new GetPolicyCommand({ PolicyArn }));
    const { PolicyVersion } = await clients.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }));
    return { Policy, PolicyVersion, versions: await versions(clients) };
  },
  change: {
    inputs: { ...managedInputs, policy: document("s3:PutObject"), tags: { team: "ocr", stage: "dev" } },
    call: async ({ iam }) => {
      await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document("s3:PutObject"), SetAsDefault: true }));
      await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: "stage", Value: "dev" }] }));
    },
  },
  delete: async (clients) => {
    for (const { VersionId, IsDefaultVersion } of await versions(clients)) {
      if (IsDefaultVersion !== true) await clients.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    }
    await clients.iam.send(new DeletePolicyCommand({ PolicyArn }));
  },
  gone: "404 NoSuchEntityException",
};

const attachment: WireCase = {
  type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  inputs: { role: RoleName, policyArn: PolicyArn },
  create: ({ iam }) => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })),
  read: async ({ iam }) => (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies,
  delete: ({ iam }) => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
  gone: [],
};

export const iamCases = [role, rolePolicy, managedPolicy, attachment];
