import { expect } from "chai";
import { conditionsHold, requireKnownOperators } from "../../../local/identity/conditions";
const context = {
    "aws:sourcearn": "arn:aws:sns:us-east-1:000000000000:jobs",
    "aws:securetransport": "true",
    "aws:currenttime": "2026-01-25T22:46:00.000Z",
    "aws:epochtime": "1769381160",
    "aws:sourceip": "127.0.0.1",
    "aws:sourceip6": "2001:db8::1",
    "s3:prefix": "output/a",
    "s3:max-keys": "10",
    "aws:tagkeys": ["team", "stage"],
};
const holds = (test, key, ...values) => conditionsHold({ [test]: { [key]: values.length === 1 ? values[0] : values } }, context, (value) => value);
describe("conditions of policies", () => {
    const cases = [
        ["StringEquals", "s3:prefix", ["output/a"], true],
        ["StringEquals", "S3:Prefix", ["output/a"], true],
        ["StringEquals", "s3:prefix", ["input/", "output/a"], true],
        ["StringEquals", "s3:prefix", ["Output/a"], false],
        ["StringEquals", "s3:delimiter", ["/"], false],
        ["StringNotEquals", "s3:prefix", ["output/a"], false],
        ["StringNotEquals", "s3:prefix", ["input/", "output/a"], false],
        ["StringNotEquals", "s3:delimiter", ["/"], true],
        ["StringEqualsIgnoreCase", "s3:prefix", ["OUTPUT/A"], true],
        ["StringNotEqualsIgnoreCase", "s3:prefix", ["OUTPUT/A"], false],
        ["StringLike", "s3:prefix", ["output/*"], true],
        ["StringLike", "s3:prefix", ["out?ut/b"], false],
        ["StringNotLike", "s3:prefix", ["input/*"], true],
        ["StringEqualsIfExists", "s3:delimiter", ["/"], true],
        ["StringEqualsIfExists", "s3:prefix", ["/"], false],
        ["NumericEquals", "s3:max-keys", ["10"], true],
        ["NumericNotEquals", "s3:max-keys", ["10"], false],
        ["NumericLessThan", "s3:max-keys", ["10"], false],
        ["NumericLessThanEquals", "s3:max-keys", ["10"], true],
        ["NumericGreaterThan", "s3:max-keys", ["9"], true],
        ["NumericGreaterThanEquals", "s3:max-keys", ["11"], false],
        ["NumericLessThan", "s3:prefix", ["10"], false],
        ["DateGreaterThan", "aws:CurrentTime", ["2026-01-25T00:00:00Z"], true],
        ["DateLessThan", "aws:CurrentTime", ["2026-01-25T00:00:00Z"], false],
        ["DateLessThanEquals", "aws:EpochTime", ["2026-01-25T22:46:00Z"], true],
        ["DateGreaterThanEquals", "aws:CurrentTime", ["1769381160"], true],
        ["DateEquals", "aws:CurrentTime", ["1769381160"], true],
        ["DateNotEquals", "aws:CurrentTime", ["1769381160"], false],
        ["Bool", "aws:SecureTransport", ["true"], true],
        ["Bool", "aws:SecureTransport", ["false"], false],
        ["BoolIfExists", "aws:MultiFactorAuthPresent", ["true"], true],
        ["BinaryEquals", "s3:prefix", ["output/a"], true],
        ["IpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.0/8"], true],
        ["IpAddress", "aws:SourceIp6", ["2001:db8::/32"], true],
        ["IpAddress", "aws:SourceIp", ["2001:db8::/32"], false],
        ["NotIpAddress", "aws:SourceIp", ["127.0.0.1"], false],
        ["ArnEquals", "aws:SourceArn", ["arn:aws:sns:us-east-1:000000000000:jobs"], true],
        ["ArnEquals", "aws:SourceArn", ["arn:aws:sns:*:*:j*"], true],
        ["ArnLike", "aws:SourceArn", ["arn:aws:sns:*:jobs"], false],
        ["ArnNotEquals", "aws:SourceArn", ["arn:aws:sns:us-east-1:000000000000:jobs"], false],
        ["ArnNotLike", "aws:SourceArn", ["arn:aws:sqs:*:*:*"], true],
        ["Null", "s3:delimiter", ["true"], true],
        ["Null", "s3:prefix", ["true"], false],
        ["Null", "s3:prefix", ["false"], true],
        ["ForAllValues:StringEquals", "aws:TagKeys", ["team", "stage", "cost"], true],
        ["ForAllValues:StringEquals", "aws:TagKeys", ["team"], false],
        ["ForAllValues:StringEquals", "s3:delimiter", ["/"], true],
        ["ForAnyValue:StringEquals", "aws:TagKeys", ["team"], true],
        ["ForAnyValue:StringEquals", "aws:TagKeys", ["cost"], false],
        ["ForAnyValue:StringEquals", "s3:delimiter", ["/"], false],
        ["ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], true],
        ["ForAllValues:StringNotEquals", "aws:TagKeys", ["team"], false],
    ];
    for (const [test, key, values, expected] of cases) {
        it(`${test} of ${key} and ${values.join(" or ")} ${expected ? "holds" : "does not hold"}`, () => {
            expect(holds(test, key, ...values)).to.equal(expected);
        });
    }
    it("hold only all together", () => {
        const both = (prefix) => ({ Bool: { "aws:SecureTransport": "true" }, StringLike: { "s3:prefix": prefix } });
        expect(conditionsHold(both("output/*"), context, (value) => value)).to.equal(true);
        expect(conditionsHold(both("input/*"), context, (value) => value)).to.equal(false);
    });
    it("of an operator that AWS doesn't have are an error, not a condition that never holds", () => {
        for (const test of ["StringEqual", "ForAllValues", "NullIfExists", "ForSomeValue:StringEquals", "toString"]) {
            expect(() => requireKnownOperators({ [test]: {} }), test).to.throw(`got the operator "${test}", which AWS doesn't have; expected one of StringEquals, `);
        }
    });
});
