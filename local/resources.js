import { isDeepStrictEqual } from "node:util";
export function resourceType(schema, create, update, remove) {
    const checked = (registration) => {
        const subject = `${registration.type} "${registration.name}"`;
        return { ...registration, inputs: honoured(schema, registration.inputs, subject) };
    };
    return {
        create: async (registration) => create(checked(registration)),
        ...(update && { update: async (registration, created, before) => update(checked(registration), created, before) }),
        ...(remove && { delete: remove }),
    };
}
/**
 * A resource type that is updated only when its inputs have changed.
 *
 * @param fixed inputs whose change makes another resource on AWS, which only a new embedded cloud does
 */
export function updatable(type, fixed) {
    return {
        ...type,
        update: async (registration, created, before) => {
            const changed = changedInputs(before, registration.inputs);
            const replacing = changed.filter((input) => fixed.includes(input));
            if (replacing.length > 0)
                throw needsNewCloud(replacing);
            return changed.length === 0 ? undefined : type.update(registration, created, before);
        },
    };
}
/** Names of the inputs that are not what they were. */
export function changedInputs(before, now) {
    return Object.keys({ ...before, ...now }).filter((input) => !isDeepStrictEqual(before[input], now[input]));
}
/** What whoever changed these inputs is answered. */
export function needsNewCloud(changed) {
    return new Error(`${changed.join(", ")} changed, which only a new embedded cloud takes: end this one and start it again`);
}
/** The same for a data source. */
export function dataSource(token, schema, answer) {
    return async (inputs) => answer(honoured(schema, inputs, token));
}
function honoured(schema, inputs, subject) {
    const parsed = schema.safeParse(inputs);
    if (parsed.success)
        return parsed.data;
    const problems = parsed.error.issues.map((issue) => {
        const at = issue.path.join(".");
        return issue.code === "unrecognized_keys"
            ? issue.keys.map((key) => `${at ? `${at}.` : ""}${key}: not supported by the embedded cloud`).join("; ")
            : `${at}: ${issue.message}`;
    });
    throw new Error(`${subject}: ${problems.join("; ")}`);
}
/** Autonaming as the AWS provider does it: the logical name and seven hexadecimal digits. */
export function autoName(logicalName) {
    const digits = Math.floor(Math.random() * 0x10000000).toString(16);
    return `${logicalName}-${digits.padStart(7, "0")}`;
}
