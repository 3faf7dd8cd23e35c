import { ServiceError } from "../wire";
/** An operation whose parameters are as the schema says. */
export function operation(schema, carryOut) {
    return (input, shared) => {
        const parsed = schema.safeParse(input);
        if (parsed.success)
            return carryOut(parsed.data, shared);
        const problems = parsed.error.issues.map((issue) => issue.code === "unrecognized_keys"
            ? [...issue.path, issue.keys.join(", ")].join(".") + ": not supported by the embedded cloud"
            : `${issue.path.join(".")}: ${issue.message}`);
        throw new ServiceError("InvalidParameterValue", problems.join("; "), 400, "InvalidParameterValueException");
    };
}
