import { randomUUID } from "node:crypto";
import { escapeXml } from "./protocol";
import { notSupported } from "./wire";
/**
 * A service of the Query protocol: the operation and its parameters as a form, the answer in XML.
 *
 * @param name as people say it, such as `IAM`
 * @param namespace of its answers
 */
export function queryService(name, namespace, operations) {
    return async ({ body, accessKeyId }) => {
        const form = new URLSearchParams(body.toString());
        const action = form.get("Action") ?? "";
        const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
        if (!operation)
            throw notSupported(`${name}'s ${action}`);
        form.delete("Action");
        form.delete("Version");
        const result = operation(nested(form), accessKeyId);
        const inside = result === undefined ? "" : `<${action}Result>${elements(result)}</${action}Result>`;
        const requestId = randomUUID();
        return {
            status: 200,
            headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
            body: `<${action}Response xmlns="${namespace}">${inside}` +
                `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`,
        };
    };
}
/** `Tags.member.1.Key=team` as `{ Tags: [{ Key: "team" }] }`. */
function nested(form) {
    const root = {};
    for (const [name, value] of form) {
        const parts = name.split(".").filter((part) => part !== "member");
        // An empty list is sent by its name alone.
        if (name.endsWith(".member") || (parts.length === 1 && value === "" && form.has(`${name}.member.1`)))
            continue;
        let at = root;
        for (const part of parts.slice(0, -1))
            at = (at[part] ??= {});
        at[parts.at(-1)] = value;
    }
    return listed(root);
}
function listed(value) {
    if (typeof value !== "object" || value === null)
        return value;
    const entries = Object.entries(value).map(([name, inner]) => [name, listed(inner)]);
    const isList = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
    return isList ? entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => inner) : Object.fromEntries(entries);
}
function elements(value) {
    return Object.entries(value)
        .map(([name, inner]) => (inner === undefined ? "" : `<${name}>${content(inner)}</${name}>`))
        .join("");
}
function content(value) {
    if (Array.isArray(value))
        return value.map((inner) => `<member>${content(inner)}</member>`).join("");
    return typeof value === "object" ? elements(value) : escapeXml(String(value));
}
