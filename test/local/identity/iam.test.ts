import * as iam from "@aws-sdk/client-iam";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createIdentity, type Identity } from "../../../local/identity";
import { testProgram, startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusalWithStatus as refusal } from "../../support/refusal";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
});
const policyOf = (action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "arn:aws:s3:::jobs/*" }] });
const logPolicy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const createdAt = new Date(Date.UTC(2026, 0, 25));

type Answered<Output> = Omit<Output, "$metadata">;

describe("IAM's API of the embedded cloud", () => {
  let cloud: TestCloud;
  let identity: Identity;
  let client: iam.IAMClient;

  before(async () => {
    cloud = await startTestCloud({ clock: new VirtualClock(createdAt.getTime()), region: "eu-west-1" });
    identity = cloud.add(await createIdentity(cloud.context, { credentials: cloud.credentials }));
    client = new iam.IAMClient({ ...cloud.client, maxAttempts: 1 });
  });
  after(async () => {
    client.destroy();
    await cloud.close();
  });

  async function answer<Output extends object>(call: Promise<Output>): Promise<Answered<Output>> {
    const { $metadata: _, ...rest } = (await call) as Output & { $metadata: unknown };
    return rest;
  }
  const createRole = (RoleName: string, input: Partial<iam.CreateRoleCommandInput> = {}) =>
    answer(client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, ...input })));

  it("takes a role through its life, and gives back all that it was given", async () => {
    const Tags = [{ Key: "team", Value: "ml & <vision>" }];
    const RoleName = "submit";
    const { Role } = await createRole(RoleName, { Path: "/service/", Description: "Submits jobs", MaxSessionDuration: 7200, Tags });
    const role = {
      Path: "/service/",
      RoleName,
      RoleId: Role?.RoleId,
      Arn: "arn:aws:iam::000000000000:role/service/submit",
      CreateDate: createdAt,
      AssumeRolePolicyDocument: encodeURIComponent(trust),
      Description: "Submits jobs",
      MaxSessionDuration: 7200,
      Tags,
    };
    expect(Role).to.deep.equal(role);
    expect(Role?.RoleId).to.match(/^AROA[0-9A-F]{17}$/);

    await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "write", PolicyDocument: policyOf("s3:GetObject") }));
    await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "write", PolicyDocument: policyOf("s3:PutObject") }));
    await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: logPolicy }));
    await client.send(new iam.TagRoleCommand({ RoleName, Tags: [{ Key: "stage", Value: "dev" }] }));
    await client.send(new iam.UntagRoleCommand({ RoleName, TagKeys: ["team"] }));
    await client.send(new iam.UpdateRoleCommand({ RoleName, Description: "", MaxSessionDuration: 3600 }));
    const otherTrust = trust.replace("lambda", "sagemaker");
    await client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: otherTrust }));

    expect(await answer(client.send(new iam.GetRoleCommand({ RoleName })))).to.deep.equal({
      Role: {
        ...role,
        AssumeRolePolicyDocument: encodeURIComponent(otherTrust),
        Description: "",
        MaxSessionDuration: 3600,
        Tags: [{ Key: "stage", Value: "dev" }],
        RoleLastUsed: {},
      },
    });
    expect(await answer(client.send(new iam.ListRolePoliciesCommand({ RoleName })))).to.deep.equal({
      PolicyNames: ["write"],
      IsTruncated: false,
    });
    expect(await answer(client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName: "write" })))).to.deep.equal({
      RoleName,
      PolicyName: "write",
      PolicyDocument: encodeURIComponent(policyOf("s3:PutObject")).replaceAll("*", "%2A"),
    });
    expect(await answer(client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName })))).to.deep.equal({
      AttachedPolicies: [{ PolicyName: "AWSLambdaBasicExecutionRole", PolicyArn: logPolicy }],
      IsTruncated: false,
    });
    expect(await answer(client.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName })))).to.deep.equal({
      InstanceProfiles: [],
      IsTruncated: false,
    });
    expect((await answer(client.send(new iam.ListRoleTagsCommand({ RoleName })))).Tags).to.deep.equal([{ Key: "stage", Value: "dev" }]);
    const { policies = [] } = identity.policiesOf(role.Arn) ?? {};
    expect(policies.map(({ name, document }) => [name, document.Statement[0]?.Action])).to.deep.equal([
      ["write", "s3:PutObject"],
      ["AWSLambdaBasicExecutionRole", ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]],
    ]);

    const remove = () => client.send(new iam.DeleteRoleCommand({ RoleName }));
    expect(await refusal(remove())).to.equal("409 DeleteConflictException: Cannot delete entity, must detach all policies first.");
    await client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: logPolicy }));
    expect(await refusal(remove())).to.equal("409 DeleteConflictException: Cannot delete entity, must delete policies first.");
    await client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: "write" }));
    await remove();
    expect(await refusal(client.send(new iam.GetRoleCommand({ RoleName })))).to.equal(
      "404 NoSuchEntityException: The role with name submit cannot be found.",
    );
    expect(identity.policiesOf(role.Arn)).to.equal(undefined);
  });

  it("takes a managed policy through its versions, and has roles act by the one that counts", async () => {
    const { Role } = await createRole("reader");
    const PolicyName = "shared";
    const { Policy } = await answer(
      client.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument: policyOf("s3:GetObject"), Tags: [{ Key: "a", Value: "b" }] })),
    );
    const PolicyArn = "arn:aws:iam::000000000000:policy/shared";
    const policy = {
      PolicyName,
      PolicyId: Policy?.PolicyId,
      Arn: PolicyArn,
      Path: "/",
      DefaultVersionId: "v1",
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      CreateDate: createdAt,
      UpdateDate: createdAt,
      Tags: [{ Key: "a", Value: "b" }],
    };
    expect(Policy).to.deep.equal(policy);
    await client.send(new iam.AttachRolePolicyCommand({ RoleName: "reader", PolicyArn }));
    const actions = () => identity.policiesOf(Role?.Arn ?? "")?.policies.map(({ document }) => document.Statement[0]?.Action);
    expect(actions()).to.deep.equal(["s3:GetObject"]);

    await client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policyOf("s3:PutObject"), SetAsDefault: true }));
    expect(actions()).to.deep.equal(["s3:PutObject"]);
    expect(await answer(client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: "v2" })))).to.deep.equal({
      PolicyVersion: {
        Document: encodeURIComponent(policyOf("s3:PutObject")).replaceAll("*", "%2A"),
        VersionId: "v2",
        IsDefaultVersion: true,
        CreateDate: createdAt,
      },
    });
    const first = await answer(client.send(new iam.ListPolicyVersionsCommand({ PolicyArn, MaxItems: 1 })));
    const second = await answer(client.send(new iam.ListPolicyVersionsCommand({ PolicyArn, MaxItems: 1, Marker: first.Marker })));
    expect([first.Versions, second.Versions].map((page) => page?.map(({ VersionId }) => VersionId))).to.deep.equal([["v2"], ["v1"]]);
    expect([first.IsTruncated, second.IsTruncated, second.Marker]).to.deep.equal([true, false, undefined]);
    expect(await answer(client.send(new iam.ListEntitiesForPolicyCommand({ PolicyArn })))).to.deep.equal({
      PolicyRoles: [{ RoleName: "reader", RoleId: Role?.RoleId }],
      PolicyGroups: [],
      PolicyUsers: [],
      IsTruncated: false,
    });

    const remove = () => refusal(client.send(new iam.DeletePolicyCommand({ PolicyArn })));
    expect(await remove()).to.equal("409 DeleteConflictException: Cannot delete a policy attached to entities.");
    await client.send(new iam.DetachRolePolicyCommand({ RoleName: "reader", PolicyArn }));
    expect(await remove()).to.match(/^409 DeleteConflictException: This policy has more than one version\./);
    await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
    await client.send(new iam.DeletePolicyCommand({ PolicyArn }));
    expect(await refusal(client.send(new iam.GetPolicyCommand({ PolicyArn })))).to.equal(
      "404 NoSuchEntityException: Policy arn:aws:iam::000000000000:policy/shared was not found.",
    );
  });

  it("refuses in IAM's words what IAM refuses, and what it does not have by its name", async () => {
    await createRole("taken");
    const RoleName = "taken";
    const put = (PolicyDocument: string, name = RoleName) =>
      client.send(new iam.PutRolePolicyCommand({ RoleName: name, PolicyName: "p", PolicyDocument }));
    const tooLong = policyOf("s3:GetObject").replace("jobs", "j".repeat(10_240));
    const calls: [Promise<unknown>, string][] = [
      [createRole("taken"), "409 EntityAlreadyExistsException: Role with name taken already exists."],
      [
        createRole("a/b"),
        "400 ValidationError: The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
      ],
      [
        createRole("x".repeat(65)),
        `400 ValidationError: 1 validation error detected: Value '${"x".repeat(65)}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64`,
      ],
      [
        createRole("short", { MaxSessionDuration: 60 }),
        "400 ValidationError: 1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
      ],
      [
        createRole("untrusted", { AssumeRolePolicyDocument: policyOf("sts:AssumeRole") }),
        "400 MalformedPolicyDocumentException: Missing required field Principal",
      ],
      [
        createRole("bounded", { PermissionsBoundary: logPolicy }),
        "501 NotImplemented: The embedded cloud does not support PermissionsBoundary of IAM's CreateRole.",
      ],
      [
        put(policyOf("s3")),
        "400 MalformedPolicyDocumentException: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
      ],
      [put(trust), "400 MalformedPolicyDocumentException: Policy document should not specify a principal."],
      [put(policyOf("s3:GetObject"), "nobody"), "404 NoSuchEntityException: The role with name nobody cannot be found."],
      [put(tooLong), "409 LimitExceededException: Maximum policy size of 10240 bytes exceeded for role taken"],
      [
        client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName: "none" })),
        "404 NoSuchEntityException: The role policy with name none cannot be found.",
      ],
      [client.send(new iam.ListRolesCommand({ Marker: "elsewhere" })), "400 ValidationError: Invalid Marker: elsewhere"],
      [
        client.send(new iam.CreateUserCommand({ UserName: "u" })),
        "501 NotImplemented: The embedded cloud does not support IAM's CreateUser.",
      ],
    ];
    const answers = await Promise.all(calls.map(([call]) => refusal(call)));
    expect(answers).to.deep.equal(calls.map(([, expected]) => expected));
  });

  it("takes the empty lists that SDKs send for a role or a policy without tags", async () => {
    const { Role } = await createRole("untagged", { Tags: [] });
    const PolicyDocument = policyOf("s3:GetObject");
    const { Policy } = await client.send(new iam.CreatePolicyCommand({ PolicyName: "untagged", PolicyDocument, Tags: [] }));
    await client.send(new iam.TagRoleCommand({ RoleName: "untagged", Tags: [{ Key: "team", Value: "ml" }] }));
    await client.send(new iam.UntagRoleCommand({ RoleName: "untagged", TagKeys: [] }));
    const { Tags } = await client.send(new iam.ListRoleTagsCommand({ RoleName: "untagged" }));
    expect([Role?.Tags, Policy?.Tags, Tags]).to.deep.equal([undefined, [], [{ Key: "team", Value: "ml" }]]);
  });

  it("tells the account's owner who it is, as the provider asks at each start", async () => {
    expect((await client.send(new iam.GetUserCommand({}))).User).to.include({
      Arn: "arn:aws:iam::000000000000:root",
      UserId: "000000000000",
    });
  });

  it("lets a role make and remove only the roles that its policy names, with the path that they have", async () => {
    const { Role } = await createRole("deployer");
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["iam:CreateRole", "iam:DeleteRole"], Resource: "arn:aws:iam::000000000000:role/app/jobs-*" }],
    });
    await client.send(new iam.PutRolePolicyCommand({ RoleName: "deployer", PolicyName: "p", PolicyDocument }));
    const credentials = cloud.context.credentialsFor(Role?.Arn ?? "", "ci");
    const deployer = new iam.IAMClient({ ...cloud.client, credentials, maxAttempts: 1 });
    const make = (RoleName: string, Path: string) =>
      deployer.send(new iam.CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: trust }));
    await make("jobs-submit", "/app/");
    expect(await refusal(make("jobs-submit", "/"))).to.equal(
      "403 AccessDenied: User: arn:aws:sts::000000000000:assumed-role/deployer/ci is not authorized to perform: iam:CreateRole on resource: " +
        "arn:aws:iam::000000000000:role/jobs-submit because no identity-based policy allows the iam:CreateRole action",
    );
    await deployer.send(new iam.DeleteRoleCommand({ RoleName: "jobs-submit" }));
    deployer.destroy();
  });

  it("gives both doors the same role: what a deployment made can be read and changed here, and deleted there", async () => {
    const role = identity.resources?.["aws:iam/role:Role"] ?? expect.fail();
    const registration = { urn: "u", type: "aws:iam/role:Role", name: "both", program: testProgram };
    const inputs = { name: "both", assumeRolePolicy: trust, inlinePolicies: [{ name: "in", policy: policyOf("s3:GetObject") }] };
    const created = await role.create({ ...registration, inputs });
    expect(await role.update?.({ ...registration, inputs }, created, inputs)).to.equal(undefined);

    const changed = await role.update?.(
      { ...registration, inputs: { ...inputs, inlinePolicies: [], maxSessionDuration: 7200 } },
      created,
      inputs,
    );
    const { Role } = await client.send(new iam.GetRoleCommand({ RoleName: "both" }));
    expect(Role?.MaxSessionDuration).to.equal(7200);
    expect((await client.send(new iam.ListRolePoliciesCommand({ RoleName: "both" }))).PolicyNames).to.deep.equal([]);

    await role.delete?.(changed ?? expect.fail("nothing changed"));
    expect(await refusal(client.send(new iam.GetRoleCommand({ RoleName: "both" })))).to.match(/^404 NoSuchEntity/);
  });

  it("goes on with the roles that were kept", async () => {
    await createRole("lasting");
    const again = await createIdentity(cloud.context, { credentials: cloud.credentials });
    expect(again.policiesOf("arn:aws:iam::000000000000:role/lasting")?.roleName).to.equal("lasting");
  });
});
