import { notSupported, ServiceError } from "./wire";
/**
 * Checks a request against what the service takes, and says what is wrong in AWS's words.
 *
 * @param operation such as `IAM's CreateRole`
 * @param code of the error, as the service spells it
 * @throws ServiceError for a bad value, and status 501 for a member that the embedded cloud does not have
 */
export function validated(schema, input, operation, code = "ValidationException") {
    const parsed = schema.safeParse(input);
    if (parsed.success)
        return parsed.data;
    const { issues } = parsed.error;
    const unknown = issues.flatMap((issue) => issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key].join(".")) : []);
    if (unknown.length > 0)
        throw notSupported(`${unknown.join(", ")} of ${operation}`);
    const problems = issues.map((issue) => problemOf(issue, valueAt(input, issue.path)));
    throw new ServiceError(code, `${problems.length} validation error${problems.length === 1 ? "" : "s"} detected: ${problems.join("; ")}`);
}
function problemOf(issue, value) {
    const at = issue.path.map((part) => (typeof part === "string" ? part.charAt(0).toLowerCase() + part.slice(1) : String(part))).join(".");
    const shown = value === undefined ? "null" : `'${typeof value === "string" ? value : JSON.stringify(value)}'`;
    return `Value ${shown} at '${at}' failed to satisfy constraint: ${value === undefined ? "Member must not be null" : constraintOf(issue)}`;
}
function constraintOf(issue) {
    switch (issue.code) {
        case "too_small":
            return `Member must have ${measured(issue.origin)} greater than or equal to ${issue.minimum}`;
        case "too_big":
            return `Member must have ${measured(issue.origin)} less than or equal to ${issue.maximum}`;
        case "invalid_format":
            return issue.pattern === undefined
                ? issue.message
                : `Member must satisfy regular expression pattern: ${issue.pattern.replace(/^\/|\/\w*$/g, "")}`;
        case "invalid_value":
            return `Member must satisfy enum value set: [${issue.values.join(", ")}]`;
        default:
            return issue.message;
    }
}
function measured(origin) {
    return origin === "number" || origin === "int" ? "value" : "length";
}
function valueAt(input, path) {
    return path.reduce((value, part) => value?.[part], input);
}
