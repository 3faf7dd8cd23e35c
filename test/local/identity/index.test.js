import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createIdentity } from "../../../local/identity";
import { startTestCloud } from "../../support/cloudContext";
const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
};
const read = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::jobs/*" }] };
const write = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::jobs/*" }] };
async function refusal(call) {
    try {
        await call;
    }
    catch (error) {
        return error.message;
    }
    return expect.fail("was accepted");
}
describe("the embedded IAM and STS", () => {
    let cloud;
    let identity;
    beforeEach(async () => {
        cloud = await startTestCloud({ clock: new VirtualClock(Date.UTC(2026, 0, 25)), region: "eu-west-1" });
        identity = cloud.add(await createIdentity(cloud.context, { credentials: cloud.credentials }));
    });
    afterEach(() => cloud.close());
    const role = async (name = "submit", inputs = {}) => cloud.create("aws:iam/role:Role", name, { name, assumeRolePolicy: JSON.stringify(trust), ...inputs });
    describe("roles", () => {
        it("have the outputs that other resources are made with", async () => {
            const { id, state } = await cloud.create("aws:iam/role:Role", "submit", { assumeRolePolicy: trust, tags: { team: "ml" } });
            expect(id).to.match(/^submit-[0-9a-f]{7}$/);
            expect(state["uniqueId"]).to.match(/^AROA[0-9A-F]{17}$/);
            expect(state).to.deep.equal({
                name: id,
                arn: `arn:aws:iam::000000000000:role/${id}`,
                uniqueId: state["uniqueId"],
                createDate: "2026-01-25T00:00:00.000Z",
                path: "/",
                assumeRolePolicy: trust,
                inlinePolicies: [],
                managedPolicyArns: [],
                maxSessionDuration: 3600,
                tags: { team: "ml" },
                tagsAll: { team: "ml" },
            });
        });
        it("keep every policy that a program gives them, readable for whoever decides what they may do", async () => {
            const { id, state } = await role("submit", { path: "/service/" });
            await cloud.create("aws:iam/rolePolicy:RolePolicy", "inline", { role: id, name: "inline", policy: JSON.stringify(read) });
            await cloud.create("aws:iam/rolePolicy:RolePolicy", "again", { role: id, name: "inline", policy: JSON.stringify(write) });
            const { id: policyArn } = await cloud.create("aws:iam/policy:Policy", "shared", { name: "shared", policy: write });
            const managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
            for (const arn of [policyArn, managed]) {
                await cloud.create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", { role: id, policyArn: arn });
            }
            const { roleName, assumeRolePolicy, policies } = identity.policiesOf(state["arn"]) ?? expect.fail("no such role");
            expect({ arn: state["arn"], roleName, assumeRolePolicy, policies }).to.deep.equal({
                arn: "arn:aws:iam::000000000000:role/service/submit",
                roleName: "submit",
                assumeRolePolicy: trust,
                policies: [
                    { name: "inline", document: write },
                    { name: "shared", arn: "arn:aws:iam::000000000000:policy/shared", document: write },
                    {
                        name: "AWSLambdaBasicExecutionRole",
                        arn: managed,
                        document: {
                            Version: "2012-10-17",
                            Statement: [{ Effect: "Allow", Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" }],
                        },
                    },
                ],
            });
            expect(identity.policiesOf("arn:aws:iam::000000000000:role/submit")).to.equal(undefined);
        });
        it("refuse policies that IAM would refuse, saying what is wrong", async () => {
            await role();
            const attach = (policy, to = "submit") => refusal(cloud.create("aws:iam/rolePolicy:RolePolicy", "p", { role: to, policy }));
            expect(await attach("{")).to.match(/^policy: not JSON: /);
            expect(await attach("{}")).to.equal("policy: has no Statement");
            expect(await attach({ Statement: [{ Effect: "allow" }] })).to.equal('policy: Statement[0].Effect: got "allow", expected "Allow" or "Deny"');
            expect(await attach(trust)).to.equal("Policy document should not specify a principal.");
            expect(await attach(write, "nobody")).to.equal("The role with name nobody cannot be found.");
            expect(await refusal(role("other", { permissionsBoundary: "arn" }))).to.equal('aws:iam/role:Role "other": permissionsBoundary: not supported by the embedded cloud');
        });
    });
    describe("the policy document", () => {
        const document = (inputs) => cloud.call("aws:iam/getPolicyDocument:getPolicyDocument", inputs);
        it("is the provider's to the byte, so that a policy is the same here and on AWS", async () => {
            const { json, minifiedJson } = await document({
                statements: [
                    {
                        sid: "Publish",
                        actions: ["sns:Publish"],
                        principals: [
                            { type: "Service", identifiers: ["s3.amazonaws.com"] },
                            { type: "AWS", identifiers: ["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b"] },
                        ],
                        resources: ["arn:aws:sns:eu-west-1:1:b", "arn:aws:sns:eu-west-1:1:a", "arn:aws:sns:eu-west-1:1:a"],
                        conditions: [
                            { test: "StringEquals", variable: "aws:SourceAccount", values: ["1"] },
                            { test: "ArnLike", variable: "aws:SourceArn", values: ["b", "a"] },
                        ],
                    },
                    {
                        effect: "Deny",
                        notActions: ["s3:GetObject", "s3:PutObject"],
                        principals: [{ type: "*", identifiers: ["*"] }],
                        resources: ["arn:aws:s3:::b/&{aws:username}/*"],
                        conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
                    },
                ],
            });
            expect(json).to.equal(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Publish",
      "Effect": "Allow",
      "Action": "sns:Publish",
      "Resource": [
        "arn:aws:sns:eu-west-1:1:b",
        "arn:aws:sns:eu-west-1:1:a"
      ],
      "Principal": {
        "AWS": [
          "arn:aws:iam::1:role/b",
          "arn:aws:iam::1:role/a"
        ],
        "Service": "s3.amazonaws.com"
      },
      "Condition": {
        "ArnLike": {
          "aws:SourceArn": [
            "b",
            "a"
          ]
        },
        "StringEquals": {
          "aws:SourceAccount": "1"
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": [
        "s3:PutObject",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/\${aws:username}/*",
      "Principal": "*",
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "false"
        }
      }
    }
  ]
}`);
            expect(JSON.parse(minifiedJson)).to.deep.equal(JSON.parse(json));
            expect(minifiedJson).to.not.match(/\s/);
        });
        it("escapes as the provider's encoder does", async () => {
            const { minifiedJson } = await document({ statements: [{ actions: ["a"], resources: ["<b>&"] }] });
            expect(minifiedJson).to.equal('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a","Resource":"\\u003cb\\u003e\\u0026"}]}');
        });
        it("merges others by Sid", async () => {
            const statement = (Sid, Action) => ({ Sid, Effect: "Allow", Action, Resource: "*" });
            const { minifiedJson } = await document({
                sourcePolicyDocuments: [
                    JSON.stringify({ Version: "2012-10-17", Statement: [statement("Read", "s3:Get*"), statement("Write", "s3:Put*")] }),
                ],
                statements: [{ sid: "Read", actions: ["s3:GetObject"], resources: ["*"] }],
                overridePolicyDocuments: [JSON.stringify({ Statement: [statement("Write", "s3:PutObject")] })],
            });
            expect(JSON.parse(minifiedJson).Statement).to.deep.equal([
                statement("Read", "s3:GetObject"),
                statement("Write", "s3:PutObject"),
            ]);
        });
        it("refuses what the provider refuses", async () => {
            expect(await refusal(document({ statements: [{ sid: "A" }, { sid: "A" }] }))).to.equal("aws:iam/getPolicyDocument:getPolicyDocument: duplicate Sid (A). Remove the Sid or ensure the Sid is unique.");
            expect(await refusal(document({ statements: [{ sid: "not alphanumeric" }] }))).to.equal("aws:iam/getPolicyDocument:getPolicyDocument: statements.0.sid: must only include alphanumeric characters");
            expect(await refusal(document({ overrideJson: "{}" }))).to.equal("aws:iam/getPolicyDocument:getPolicyDocument: overrideJson: not supported by the embedded cloud");
        });
    });
    it("tells a program its account, region and partition under the provider's names", async () => {
        expect(await cloud.call("aws:index/getCallerIdentity:getCallerIdentity", {})).to.deep.equal({
            id: "000000000000",
            accountId: "000000000000",
            arn: "arn:aws:iam::000000000000:root",
            userId: "000000000000",
        });
        expect(await cloud.call("aws:index/getRegion:getRegion", {})).to.deep.equal({
            id: "eu-west-1",
            region: "eu-west-1",
            name: "eu-west-1",
            description: "eu-west-1",
            endpoint: "ec2.eu-west-1.amazonaws.com",
        });
        expect(await cloud.call("aws:index/getPartition:getPartition", {})).to.deep.equal({
            id: "aws",
            partition: "aws",
            dnsSuffix: "amazonaws.com",
            reverseDnsPrefix: "com.amazonaws",
        });
    });
});
