import { parseXML } from "@aws-sdk/xml-builder";
import { notSupported, ServiceError } from "../wire";
const malformed = () => new ServiceError("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400);
/** Reads a request's document. @param root name that its outermost element must have @throws ServiceError MalformedXML */
export function readDocument(body, root) {
    let document;
    try {
        document = parseXML(body.toString());
    }
    catch {
        throw malformed();
    }
    const element = document[root];
    if (element === undefined)
        throw malformed();
    return element;
}
/** The children of that name, in their order. */
export function children(element, name) {
    const found = typeof element === "string" ? undefined : element[name];
    return found === undefined ? [] : [found].flat();
}
/** The only child of that name. @throws ServiceError MalformedXML when there are several */
export function child(element, name) {
    const found = children(element, name);
    if (found.length > 1)
        throw malformed();
    return found[0];
}
/** Text of the only child of that name. @throws ServiceError MalformedXML for one that has children itself */
export function textOf(element, name) {
    const found = child(element, name);
    if (typeof found === "object")
        throw malformed();
    return found;
}
/** The same for one that must be there, and be one of these values when they are given. */
export function requiredText(element, name, values) {
    const text = textOf(element, name);
    if (text === undefined || (values !== undefined && !values.includes(text)))
        throw malformed();
    return text;
}
/** The same for `true` or `false`. @returns undefined for one that is not there */
export function booleanOf(element, name) {
    const text = textOf(element, name);
    if (text !== undefined && text !== "true" && text !== "false")
        throw malformed();
    return text === undefined ? undefined : text === "true";
}
/** The same for a number. @returns NaN for what is none */
export function numberOf(element, name) {
    const text = textOf(element, name);
    return text === undefined ? undefined : /^-?\d+$/.test(text) ? Number(text) : NaN;
}
/** Refuses elements that would do nothing here. @param names those that are honoured @param where how a refusal names the place */
export function requireOnly(element, names, where) {
    if (typeof element === "string")
        return;
    const unknown = Object.keys(element).find((name) => name !== "xmlns" && !name.includes(":") && name !== "#text" && !names.includes(name));
    if (unknown !== undefined)
        throw notSupported(`<${unknown}> in ${where}`);
}
/** `<Tag><Key>…</Key><Value>…</Value></Tag>`, as S3 has its tags. @throws ServiceError InvalidTag */
export function readTags(element) {
    const pairs = (element === undefined ? [] : children(element, "Tag")).map((tag) => [
        requiredText(tag, "Key"),
        requiredText(tag, "Value"),
    ]);
    if (new Set(pairs.map(([key]) => key)).size < pairs.length) {
        throw new ServiceError("InvalidTag", "Cannot provide multiple Tags with the same key", 400);
    }
    return Object.fromEntries(pairs);
}
