import { expect } from "chai";
import * as fc from "fast-check";
import { decide as decideBy, evaluate, type Need, type Principal } from "../../../local/identity/evaluate";
import type { PolicyDocument, PolicyStatement } from "../../../local/identity/policyDocument";
import { matchesArn, matchesWildcards } from "../../../local/identity/wildcards";

const accountId = "000000000000";
const role: Principal = {
  kind: "role",
  roleArn: `arn:aws:iam::${accountId}:role/submit`,
  sessionArn: `arn:aws:sts::${accountId}:assumed-role/submit/one`,
};
const topics: Principal = { kind: "service", name: "sns.amazonaws.com" };
const need: Need = { action: "s3:GetObject", resource: "arn:aws:s3:::jobs/input/a.json" };

const policy = (...statements: Partial<PolicyStatement>[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements.map((statement) => ({ Effect: "Allow", Action: "*", ...statement })),
});
const decide = (identity: PolicyDocument[], resource?: PolicyDocument, of = need, who: Principal = role) =>
  evaluate(who, of, accountId, { identity, resource }) ?? "allowed";

describe("what policies allow", () => {
  it("nothing to an empty role, whatever it asks for", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (action, resource) => {
        expect(decide([], undefined, { action, resource })).to.equal("because no identity-based policy allows");
      }),
    );
  });

  it("one deny outweighs any number of allows, wherever it stands and in whichever order", () => {
    const everything = policy({ Resource: "*" });
    const deny = policy({ Effect: "Deny", Action: "s3:Get*", Resource: "arn:aws:s3:::jobs/*" });
    fc.assert(
      fc.property(fc.nat(3), fc.nat(3), (before, after) => {
        const around = [...new Array<PolicyDocument>(before).fill(everything), deny, ...new Array<PolicyDocument>(after).fill(everything)];
        expect(decide(around)).to.equal("with an explicit deny in an identity-based policy");
      }),
    );
    expect(decide([everything], policy({ Effect: "Deny", Principal: "*", Resource: "*" }))).to.equal(
      "with an explicit deny in a resource-based policy",
    );
  });

  it("never more when a statement is taken away from those that allow, never less when one that denies goes", () => {
    const statement = fc.record({
      Effect: fc.constantFrom("Allow" as const, "Deny" as const),
      Action: fc.constantFrom("s3:*", "s3:GetObject", "s3:Put*", "*"),
      Resource: fc.constantFrom("*", "arn:aws:s3:::jobs/*", "arn:aws:s3:::jobs/input/*", "arn:aws:s3:::other/*"),
    });
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), fc.nat(), (statements, index) => {
        const gone = statements[index % statements.length];
        const whole = decide([policy(...statements)]) === "allowed";
        const without = decide([policy(...statements.filter((each) => each !== gone))]) === "allowed";
        if (gone?.Effect === "Allow") expect(!without || whole).to.equal(true);
        else expect(!whole || without).to.equal(true);
      }),
    );
  });

  it("actions in any case, resources to the letter", () => {
    expect(decide([policy({ Action: "S3:getobject", Resource: need.resource })])).to.equal("allowed");
    expect(decide([policy({ Resource: "arn:aws:s3:::jobs/Input/*" })])).to.equal("because no identity-based policy allows");
  });

  it("all but what NotAction and NotResource name", () => {
    expect(decide([policy({ Action: undefined, NotAction: "iam:*", Resource: "*" })])).to.equal("allowed");
    expect(decide([policy({ Action: undefined, NotAction: ["iam:*", "s3:*"], Resource: "*" })])).not.to.equal("allowed");
    expect(decide([policy({ NotResource: "arn:aws:s3:::jobs/output/*" })])).to.equal("allowed");
    expect(decide([policy({ NotResource: "arn:aws:s3:::jobs/*" })])).not.to.equal("allowed");
  });

  it("what either the role or the resource allows; to a service only what the resource does", () => {
    const open = (Principal: PolicyStatement["Principal"]) => policy({ Principal, Resource: "*" });
    expect(decide([], open({ AWS: role.roleArn }))).to.equal("allowed");
    expect(decide([], open({ AWS: role.sessionArn }))).to.equal("allowed");
    expect(decide([], open({ AWS: "*" }))).to.equal("allowed");
    expect(decide([], open({ AWS: `arn:aws:iam::${accountId}:role/other` }))).to.equal("because no identity-based policy allows");
    // The account as a principal hands the decision to the role's own policies.
    expect(decide([], open({ AWS: `arn:aws:iam::${accountId}:root` }))).to.equal("because no identity-based policy allows");
    expect(decide([], open({ Service: "sns.amazonaws.com" }), need, topics)).to.equal("allowed");
    expect(decide([], open({ Service: "s3.amazonaws.com" }), need, topics)).to.equal("because no resource-based policy allows");
    // IAM takes both ways to say "everybody" for the same.
    for (const everybody of ["*", { AWS: "*" }] as const) expect(decide([], open(everybody), need, topics)).to.equal("allowed");
    expect(decide([policy({ Resource: "*" })], undefined, need, topics)).to.equal("because no resource-based policy allows");
  });

  it("that a role be assumed only if its trust policy says so, also by the administrator", () => {
    const who: Principal = { kind: "administrator", arn: `arn:aws:iam::${accountId}:root` };
    const ask = (resource: PolicyDocument) =>
      evaluate(who, { action: "sts:AssumeRole", resource: role.roleArn }, accountId, { identity: [], resource, resourceMustAllow: true });
    expect(ask(policy({ Principal: { Service: "lambda.amazonaws.com" } }))).to.equal("because no resource-based policy allows");
    expect(ask(policy({ Principal: { AWS: `arn:aws:iam::${accountId}:root` } }))).to.equal(undefined);
  });

  it("what NotPrincipal does not name", () => {
    const deny = policy({ Effect: "Deny", NotPrincipal: { AWS: role.roleArn }, Resource: "*" });
    expect(decide([policy({ Resource: "*" })], deny)).to.equal("allowed");
    const other = { ...role, roleArn: `${role.roleArn}2`, sessionArn: `${role.sessionArn}2` };
    expect(decide([policy({ Resource: "*" })], deny, need, other)).to.equal("with an explicit deny in a resource-based policy");
  });

  it("a place named by a variable to whom it names, and to nobody when it is not known", () => {
    const own = policy({ Resource: "arn:aws:s3:::jobs/${aws:userid}/*" });
    const at = (key: string, context: Need["context"]) =>
      decide([own], undefined, { action: "s3:GetObject", resource: `arn:aws:s3:::jobs/${key}`, ...(context && { context }) });
    expect(at("AROA1:one/a", { "aws:userid": "AROA1:one" })).to.equal("allowed");
    expect(at("AROA2:two/a", { "aws:userid": "AROA1:one" })).not.to.equal("allowed");
    expect(at("${aws:userid}/a", undefined)).not.to.equal("allowed");
    const star = policy({ Resource: "arn:aws:s3:::jobs/${*}" });
    expect(decide([star], undefined, { action: "s3:GetObject", resource: "arn:aws:s3:::jobs/*" })).to.equal("allowed");
    expect(decide([star], undefined, need)).not.to.equal("allowed");
  });
});

describe("the statement that decides", () => {
  const by = (identity: PolicyDocument[], resource?: PolicyDocument) => {
    const { denial, by: statement } = decideBy(role, need, accountId, { identity, resource });
    return [denial ?? "allowed", statement?.Sid];
  };

  it("is the first that allows, unless one denies; none where none says anything", () => {
    const reads = { Sid: "Reads", Resource: "arn:aws:s3:::jobs/*" };
    const itself = { Sid: "Itself", Principal: { AWS: role.kind === "role" ? role.roleArn : "" }, Resource: "*" };
    expect(by([policy({ Sid: "Other", Resource: "arn:aws:s3:::other/*" }, reads)])).to.deep.equal(["allowed", "Reads"]);
    expect(by([], policy(itself))).to.deep.equal(["allowed", "Itself"]);
    expect(by([policy(reads, { Sid: "Never", Effect: "Deny", Resource: "*" })])).to.deep.equal([
      "with an explicit deny in an identity-based policy",
      "Never",
    ]);
    expect(by([policy({ Sid: "Other", Resource: "arn:aws:s3:::other/*" })])).to.deep.equal([
      "because no identity-based policy allows",
      undefined,
    ]);
  });
});

describe("wildcards", () => {
  it("match every text with a piece of it left open, and nothing else that is longer at the other end", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme-ascii" }),
        fc.string({ unit: "grapheme-ascii" }),
        fc.string({ unit: "grapheme-ascii" }),
        (a, b, c) => {
          const literal = (text: string) => text.replaceAll("*", "x").replaceAll("?", "y");
          const [start, middle, end] = [literal(a), literal(b), literal(c)];
          expect(matchesWildcards(`${start}*${end}`, start + middle + end)).to.equal(true);
          expect(matchesWildcards(start, start)).to.equal(true);
          expect(matchesWildcards(`${start}?`, start)).to.equal(false);
          expect(matchesWildcards(start, `${start}z`)).to.equal(false);
        },
      ),
    );
  });

  it("do not reach over the colons of an ARN's first five parts", () => {
    expect(matchesArn("arn:aws:sns:*:000000000000:jobs", "arn:aws:sns:us-east-1:000000000000:jobs")).to.equal(true);
    expect(matchesArn("arn:aws:sns:*:jobs", "arn:aws:sns:us-east-1:000000000000:jobs")).to.equal(false);
    expect(matchesArn("arn:aws:logs:*:*:log-group:/aws/*", "arn:aws:logs:us-east-1:0:log-group:/aws/x:log-stream:y")).to.equal(true);
  });
});
