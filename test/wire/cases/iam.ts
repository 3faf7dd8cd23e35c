import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
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
      Principal: { Service: ["sagemaker.amazonaws.com", "lambda.amazonaws.com"] },
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
  change: { inputs: policyInputs("sns:*"), call: put("sns:*") },
  delete: ({ iam }) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
  gone: "404 NoSuchEntityException",
};

export const iamCases = [role, rolePolicy];
