import { notSupported, ServiceError } from "../wire";
/**
 * Reads a filter policy: exact strings, numbers, booleans and null, `prefix`, `suffix`, `equals-ignore-case`,
 * `anything-but` (values, or one prefix or suffix), `numeric` and `exists`; on attributes or on the message's body.
 *
 * @throws ServiceError for what SNS refuses, and for what is not honoured here (`wildcard`, `cidr`, `$or`)
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function readFilterPolicy(policy, scope = "MessageAttributes") {
    let parsed;
    try {
        parsed = JSON.parse(policy);
    }
    catch {
        throw invalid("failed to parse JSON");
    }
    if (!isObject(parsed))
        throw invalid("not a JSON object");
    if (scope !== "MessageAttributes" && scope !== "MessageBody") {
        throw new ServiceError("InvalidParameter", `Invalid parameter: FilterPolicyScope: Invalid value [${scope}].`);
    }
    const onBody = scope === "MessageBody";
    const keys = readKeys(parsed, [], onBody);
    if (keys.length > 5)
        throw invalid("Filter policy can not have more than 5 keys");
    if (keys.reduce((product, { conditions }) => product * conditions.length, 1) > 150)
        throw invalid("Filter policy is too complex");
    return (message) => {
        const document = onBody ? readBody(message.message) : undefined;
        if (onBody && !isObject(document))
            return false;
        return keys.every(({ path, conditions }) => {
            const values = onBody ? valuesAt(document, path) : attributeValues(message.messageAttributes[path[0]]);
            return conditions.some((matches) => matches(values));
        });
    };
}
function readKeys(policy, path, nested) {
    return Object.entries(policy).flatMap(([name, value]) => {
        if (name === "$or")
            throw notSupported('filter policies with "$or"');
        const at = [...path, name];
        if (Array.isArray(value)) {
            if (value.length === 0)
                throw invalid(`"${at.join(".")}" must not be an empty array`);
            return [{ path: at, conditions: value.map((condition) => readCondition(condition, at)) }];
        }
        if (nested && isObject(value))
            return readKeys(value, at, nested);
        throw invalid(`"${at.join(".")}" must be an object or an array`);
    });
}
function readCondition(condition, path) {
    const some = (matches) => (values) => values?.some(matches) ?? false;
    if (!isObject(condition))
        return some((value) => value === condition);
    const [[operator, operand] = ["", undefined], ...others] = Object.entries(condition);
    if (others.length > 0)
        throw invalid(`"${path.join(".")}" has more than one operator in a condition`);
    switch (operator) {
        case "exists":
            if (typeof operand !== "boolean")
                throw invalid('"exists" must be true or false');
            return (values) => (values !== undefined) === operand;
        case "prefix":
        case "suffix":
        case "equals-ignore-case":
            return some(textTest(operator, operand));
        case "anything-but": {
            if (isObject(operand)) {
                const [[inner, text] = ["", undefined]] = Object.entries(operand);
                if (inner !== "prefix" && inner !== "suffix")
                    throw notSupported(`filter policies with "anything-but" of "${inner}"`);
                const excluded = textTest(inner, text);
                return some((value) => !excluded(value));
            }
            const excluded = Array.isArray(operand) ? operand : [operand];
            return some((value) => !excluded.includes(value));
        }
        case "numeric":
            return some(numericTest(operand));
        default:
            throw notSupported(`filter policies with "${operator}"`);
    }
}
function textTest(operator, operand) {
    if (typeof operand !== "string")
        throw invalid(`"${operator}" match pattern must be a string`);
    return (value) => {
        if (typeof value !== "string")
            return false;
        if (operator === "prefix")
            return value.startsWith(operand);
        if (operator === "suffix")
            return value.endsWith(operand);
        return value.toLowerCase() === operand.toLowerCase();
    };
}
const comparisons = {
    "=": (value, bound) => value === bound,
    "<": (value, bound) => value < bound,
    "<=": (value, bound) => value <= bound,
    ">": (value, bound) => value > bound,
    ">=": (value, bound) => value >= bound,
};
function numericTest(operand) {
    if (!Array.isArray(operand) || ![2, 4].includes(operand.length))
        throw invalid('"numeric" must be one or two comparisons');
    const tests = Array.from({ length: operand.length / 2 }, (_, index) => {
        const comparison = comparisons[String(operand[2 * index])];
        const bound = operand[2 * index + 1];
        if (!comparison || typeof bound !== "number")
            throw invalid(`"numeric" does not know ${JSON.stringify(operand)}`);
        return (value) => comparison(value, bound);
    });
    return (value) => typeof value === "number" && tests.every((test) => test(value));
}
/** A binary attribute takes no part in filtering. */
function attributeValues(attribute) {
    const text = attribute?.StringValue;
    if (attribute === undefined || text === undefined)
        return undefined;
    if (attribute.DataType.startsWith("Number"))
        return [Number(text)];
    if (!attribute.DataType.startsWith("String.Array"))
        return [text];
    const values = readBody(text);
    return Array.isArray(values) ? values : [text];
}
function valuesAt(document, path) {
    if (Array.isArray(document)) {
        const found = document.map((element) => valuesAt(element, path)).filter((values) => values !== undefined);
        return found.length === 0 ? undefined : found.flat();
    }
    const [name, ...rest] = path;
    if (name === undefined)
        return isObject(document) ? undefined : [document];
    return isObject(document) && name in document ? valuesAt(document[name], rest) : undefined;
}
function readBody(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
function isObject(value) {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
function invalid(reason) {
    return new ServiceError("InvalidParameter", `Invalid parameter: FilterPolicy: ${reason}`);
}
