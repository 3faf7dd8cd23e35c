import { parseXML } from "@aws-sdk/xml-builder";
import { notSupported, ServiceError } from "../wire";

/** An element of a document: its children by name, or its text. */
export type Element = string | { readonly [name: string]: Element | Element[] };

/** The refusal of a document that is not as S3 has it. */
export const malformed = () =>
  new ServiceError("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400);

/** Reads a request's document. @param root name that its outermost element must have @throws ServiceError MalformedXML */
export function readDocument(body: Buffer, root: string): Element {
  let document: Record<string, Element>;
  try {
    document = parseXML(body.toString()) as Record<string, Element>;
  } catch {
    throw malformed();
  }
  const element = document[root];
  if (element === undefined) throw malformed();
  return element;
}

/** The children of that name, in their order. */
export function children(element: Element, name: string): Element[] {
  const found = typeof element === "string" ? undefined : element[name];
  return found === undefined ? [] : [found].flat();
}

/** The only child of that name. @throws ServiceError MalformedXML when there are several */
export function child(element: Element, name: string): Element | undefined {
  const found = children(element, name);
  if (found.length > 1) throw malformed();
  return found[0];
}

/** Text of the only child of that name. @throws ServiceError MalformedXML for one that has children itself */
export function textOf(element: Element, name: string): string | undefined {
  const found = child(element, name);
  if (typeof found === "object") throw malformed();
  return found;
}

/** The same for one that must be there, and be one of these values when they are given. */
export function requiredText<Value extends string = string>(element: Element, name: string, values?: readonly Value[]): Value {
  const text = textOf(element, name);
  if (text === undefined || (values !== undefined && !values.includes(text as Value))) throw malformed();
  return text as Value;
}

/** The same for `true` or `false`. @returns undefined for one that is not there */
export function booleanOf(element: Element, name: string): boolean | undefined {
  const text = textOf(element, name);
  if (text !== undefined && text !== "true" && text !== "false") throw malformed();
  return text === undefined ? undefined : text === "true";
}

/** The same for a number. @returns NaN for what is none */
export function numberOf(element: Element, name: string): number | undefined {
  const text = textOf(element, name);
  return text === undefined ? undefined : /^-?\d+$/.test(text) ? Number(text) : NaN;
}

/** Refuses elements that would do nothing here. @param names those that are honoured @param where how a refusal names the place */
export function requireOnly(element: Element, names: readonly string[], where: string): void {
  if (typeof element === "string") return;
  const unknown = Object.keys(element).find((name) => name !== "xmlns" && !name.includes(":") && name !== "#text" && !names.includes(name));
  if (unknown !== undefined) throw notSupported(`<${unknown}> in ${where}`);
}

/** `<Tag><Key>…</Key><Value>…</Value></Tag>`, as S3 has its tags. @throws ServiceError InvalidTag */
export function readTags(element: Element | undefined): Record<string, string> {
  const pairs = (element === undefined ? [] : children(element, "Tag")).map((tag) => [
    requiredText(tag, "Key"),
    requiredText(tag, "Value"),
  ]);
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) {
    throw new ServiceError("InvalidTag", "Cannot provide multiple Tags with the same key", 400);
  }
  return Object.fromEntries(pairs) as Record<string, string>;
}
