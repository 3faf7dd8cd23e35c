import { BlockList, isIP } from "node:net";
import { matchesArn, matchesWildcards } from "./wildcards";
const numeric = (holds) => (value, wanted) => value !== "" && wanted !== "" && holds(Number(value), Number(wanted));
const date = (holds) => (value, wanted) => holds(instant(value), instant(wanted));
const equal = (value, wanted) => value === wanted;
const sameText = (value, wanted) => value === wanted;
const sameLetters = (value, wanted) => value.toLowerCase() === wanted.toLowerCase();
const like = (value, wanted) => matchesWildcards(wanted, value);
const arnLike = (value, wanted) => matchesArn(wanted, value);
/**
 * Every operator of AWS but Null; `negated` ones hold when no value of the policy matches, or the key is absent.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const operators = {
    StringEquals: { matches: sameText },
    StringNotEquals: { matches: sameText, negated: true },
    StringEqualsIgnoreCase: { matches: sameLetters },
    StringNotEqualsIgnoreCase: { matches: sameLetters, negated: true },
    StringLike: { matches: like },
    StringNotLike: { matches: like, negated: true },
    NumericEquals: { matches: numeric(equal) },
    NumericNotEquals: { matches: numeric(equal), negated: true },
    NumericLessThan: { matches: numeric((value, wanted) => value < wanted) },
    NumericLessThanEquals: { matches: numeric((value, wanted) => value <= wanted) },
    NumericGreaterThan: { matches: numeric((value, wanted) => value > wanted) },
    NumericGreaterThanEquals: { matches: numeric((value, wanted) => value >= wanted) },
    DateEquals: { matches: date(equal) },
    DateNotEquals: { matches: date(equal), negated: true },
    DateLessThan: { matches: date((value, wanted) => value < wanted) },
    DateLessThanEquals: { matches: date((value, wanted) => value <= wanted) },
    DateGreaterThan: { matches: date((value, wanted) => value > wanted) },
    DateGreaterThanEquals: { matches: date((value, wanted) => value >= wanted) },
    Bool: { matches: sameLetters },
    BinaryEquals: { matches: sameText },
    IpAddress: { matches: inNetwork },
    NotIpAddress: { matches: inNetwork, negated: true },
    // Both are the same to AWS, wildcards included.
    ArnEquals: { matches: arnLike },
    ArnLike: { matches: arnLike },
    ArnNotEquals: { matches: arnLike, negated: true },
    ArnNotLike: { matches: arnLike, negated: true },
};
/** Whether all conditions of a statement hold. @param resolve replaces policy variables in a value */
export function conditionsHold(conditions, context, resolve) {
    return Object.entries(conditions).every(([test, byKey]) => {
        const operator = readOperator(test);
        return Object.entries(byKey).every(([key, wanted]) => {
            const found = context[key.toLowerCase()];
            return holds(operator, found === undefined ? undefined : [found].flat(), [wanted].flat().map(resolve));
        });
    });
}
/** @throws Error for an operator that AWS does not have */
export function requireKnownOperators(conditions) {
    for (const test of Object.keys(conditions))
        readOperator(test);
}
function readOperator(test) {
    const [, set, name = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(test) ?? [];
    const known = Object.hasOwn(operators, name) || (name === "Null" && ifExists === undefined);
    if (!known)
        throw new Error(`got the operator "${test}", which AWS doesn't have; expected one of ${Object.keys(operators).join(", ")}, Null`);
    return { name, set: set, ifExists: ifExists !== undefined };
}
function holds({ name, set, ifExists }, values, wanted) {
    if (name === "Null")
        return wanted.some((value) => (value.toLowerCase() === "true") === (values === undefined));
    const { matches, negated = false } = operators[name];
    if (values === undefined || values.length === 0) {
        if (ifExists || set === "ForAllValues")
            return true;
        return negated && set === undefined;
    }
    const passes = (value) => wanted.some((each) => matches(value, each)) !== negated;
    // A key of one value is the case of both.
    return set === "ForAnyValue" ? values.some(passes) : set === "ForAllValues" || negated ? values.every(passes) : values.some(passes);
}
/** ISO time, or seconds since the epoch. */
function instant(text) {
    return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
function inNetwork(address, network) {
    const [base = "", bits] = network.split("/");
    const family = isIP(base) === 6 ? "ipv6" : "ipv4";
    if (isIP(base) === 0 || isIP(address) === 0)
        return false;
    const list = new BlockList();
    list.addSubnet(base, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
    return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
