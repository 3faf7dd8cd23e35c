import { types } from "node:util";
import type { Found } from "./refusals";

/** Base classes that serialize, or of which a part may be captured that does: what is left of them Pulumi refuses by itself. */
const sound = new Set(["Object", "Function", "Array", "RegExp", "Promise", "String", "Number", "Boolean", "Symbol", "BigInt"]);

/** What is wrong with a captured value that is no function, whatever is done with it; undefined when nothing is. */
export function judgeValue(value: unknown): Found | undefined {
  // Those that Pulumi knows, such as Symbol.iterator, it writes by name.
  if (typeof value === "symbol") return { kind: "symbol", what: `the symbol ${String(value.description ?? "")}`.trimEnd() };
  // What a proxy is can only be asked of its traps; Outputs are proxies too.
  if (typeof value !== "object" || value === null || types.isProxy(value)) return undefined;
  if (types.isMap(value) || types.isWeakMap(value)) return { kind: "map", what: named(value) };
  if (types.isSet(value) || types.isWeakSet(value)) return { kind: "set", what: named(value) };
  if (types.isDate(value)) return { kind: "date", what: named(value) };
  if (types.isArrayBufferView(value) || types.isAnyArrayBuffer(value)) return { kind: "bytes", what: named(value) };
  if (isIterator(value)) return { kind: "iterator", what: "an iterator that was started outside" };
  if (Array.isArray(value)) {
    const name = className(value);
    return name === "Array" || name === undefined ? undefined : { kind: "arrayInstance", what: `an instance of ${name}` };
  }
  // Its message alone can be captured.
  if (types.isNativeError(value)) return undefined;
  for (let base: unknown = Object.getPrototypeOf(value); base !== null; base = Object.getPrototypeOf(base)) {
    const made = ownConstructor(base as object);
    if (made !== undefined && isOfNode(made) && !sound.has(made.name)) return { kind: "builtIn", what: withArticle(made.name) };
  }
  return undefined;
}

/** Whether a function is one of JavaScript's or Node's own constructors. */
export function isOfNode(made: { name: string }): boolean {
  if (made.name === "") return false;
  const { name } = made;
  return ([globalThis, Intl] as unknown as Record<string, unknown>[]).some((place) => Object.hasOwn(place, name) && place[name] === made);
}

function isIterator(value: object): boolean {
  if (types.isGeneratorObject(value) || types.isMapIterator(value) || types.isSetIterator(value)) return true;
  return /^\[object (Array Iterator|String Iterator|RegExp String Iterator|Iterator Helper)\]$/.test(Object.prototype.toString.call(value));
}

function named(value: object): string {
  return withArticle(className(value) ?? "object");
}

function withArticle(name: string): string {
  // A "URL" is spoken with a consonant first, a "Uint8Array" too.
  return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}

function className(value: object): string | undefined {
  const base: unknown = Object.getPrototypeOf(value);
  return base === null ? undefined : ownConstructor(base as object)?.name;
}

/** What a prototype's `constructor` is; never by a getter, which is somebody's code. */
function ownConstructor(prototype: object): { name: string } | undefined {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" ? made : undefined;
}
