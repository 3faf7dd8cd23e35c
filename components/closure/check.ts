import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import { types } from "node:util";
import { linesOf, type Problem } from "../problems";
import { isClass, judgeClass, judgeConstruction, sourceOf } from "./classes";
import { loadReader, reach, type Reached, type Reader } from "./paths";
import { reasonOf, type Found } from "./refusals";
import { judgeValue } from "./values";

/** What Pulumi makes of a closure, and what it walked for that. */
interface Serialized {
  captured: Set<unknown>;
  text?: string;
  /** Runs the text up to the handler: what is in it is made of what the closure captured, and no code of the closure runs. */
  load?: (exports: object, require: (name: string) => unknown, module: object) => void;
  /** Why Pulumi makes nothing of it, or Node nothing of the text. */
  refusal?: Error;
}

/**
 * Refuses a closure that would not do in Lambda what it does here: for what it captures, by the variable's name, and for what does not
 * compile or load in the form that Lambda gets. The closure itself is not run.
 *
 * @param subject "The handler ocr-completed-store"
 * @param packages names of the packages in the function's archive
 * @throws pulumi.RunError naming every variable that is captured in vain, what becomes of it and what to write instead
 */
export async function requireSerializable(subject: string, closure: unknown, packages: ReadonlySet<string>): Promise<void> {
  if (typeof closure !== "function") {
    throw refused(`${subject} can't run in Lambda: got ${closure === null ? "null" : typeof closure}, expected a function`);
  }
  const serialized = await serialize(closure as () => unknown);
  const reader = loadReader();
  const reached = await reachedIn(closure, serialized, reader);
  const problems = await problemsWith(closure, serialized, reached, reader);
  if (problems.length === 0 && serialized.refusal === undefined) problems.push(...loadProblems(serialized, packages));
  if (problems.length > 0) throw refused([`${subject} can't run in Lambda:`, ...linesOf(problems)].join("\n"));
  if (serialized.refusal !== undefined) {
    throw refused(`${subject} can't run in Lambda; capture plain functions and plain data only. ${serialized.refusal.message}`);
  }
}

/** An error that keeps its message: Pulumi writes the name of each property that waits for it in front, and reports it once. */
export function refused(message: string): pulumi.RunError {
  return Object.defineProperty(new pulumi.RunError(message), "message", { get: () => message, set: () => undefined });
}

async function serialize(closure: () => unknown): Promise<Serialized> {
  const serialized: Serialized = { captured: new Set([closure]) };
  const see = (value: unknown) => {
    serialized.captured.add(value);
    return true;
  };
  try {
    serialized.text = (await pulumi.runtime.serializeFunction(closure, { serialize: see, allowSecrets: true })).text;
    serialized.load = compileFunction(serialized.text, ["exports", "require", "module"], { filename: "__index.js" }) as Serialized["load"];
  } catch (error) {
    serialized.refusal = error as Error;
  }
  return serialized;
}

/** Names are looked for only where something may have to be named. */
async function reachedIn(closure: unknown, { captured, refusal }: Serialized, reader: Reader | undefined): Promise<Reached> {
  const isSuspect = (value: unknown) => isClass(value) || isBound(value) || judgeValue(value) !== undefined;
  if (reader === undefined || (refusal === undefined && ![...captured].some(isSuspect)))
    return { paths: new Map(), constructible: new Set() };
  return reach(closure, captured, reader);
}

async function problemsWith(
  closure: unknown,
  serialized: Serialized,
  { paths, constructible }: Reached,
  reader?: Reader,
): Promise<Problem[]> {
  const named: Problem[] = [];
  const unnamed: Problem[] = [];
  for (const value of serialized.captured) {
    const found = await judge(value, serialized, constructible, reader);
    if (found === undefined) continue;
    const path = value === closure ? "it" : paths.get(value);
    if (path) named.push({ propertyPath: path, reason: reasonOf(found) });
    else unnamed.push({ propertyPath: "one of the values that it captures", reason: reasonOf(found) });
  }
  // What is behind a value that is refused is not the program's own.
  return named.length > 0 ? named : unnamed;
}

async function judge(
  value: unknown,
  { refusal, text }: Serialized,
  constructible: Set<unknown>,
  reader?: Reader,
): Promise<Found | undefined> {
  // The message of one may be captured alone.
  if (types.isNativeError(value)) return refusal === undefined ? undefined : { kind: "error", what: "an Error" };
  if (typeof value !== "function") return judgeValue(value);
  if (isBound(value)) return (await keepsItsBonds(value, reader)) ? undefined : { kind: "bound", what: "a bound function" };
  if (isClass(value)) {
    if (reader === undefined) return undefined;
    return judgeClass(reader.ts, value) ?? (constructible.has(value) ? judgeConstruction(reader.ts, value) : undefined);
  }
  return refusal !== undefined && text !== undefined && keepsSuper(value, text)
    ? { kind: "super", what: `the function ${nameOf(value)}, which uses super` }
    : undefined;
}

/** A getter's is "get total". */
function nameOf(func: object): string {
  return (func as { name: string }).name;
}

function isBound(value: unknown): boolean {
  return typeof value === "function" && nameOf(value).startsWith("bound ") && sourceOf(value).includes("[native code]");
}

/** Whether all that a function is bound to is plain, or not used. */
async function keepsItsBonds(bound: unknown, reader: Reader | undefined): Promise<boolean> {
  const target = await reader?.boundTo(bound).catch(() => undefined);
  if (target === undefined) return false;
  const { text, boundThis, boundArguments } = target;
  return (boundThis !== undefined || !/\b(this|super)\b/.test(text)) && !boundArguments.includes(undefined);
}

/** Whether a method stands in the generated text as it was written, with a `super` that is a syntax error outside its class. */
function keepsSuper(method: unknown, text: string): boolean {
  const source = sourceOf(method);
  const afterName = source.slice(source.indexOf("("));
  return /\bsuper\b/.test(source) && text.includes(afterName) && !compiles(`(${source})`) && !compiles(`(function ${afterName})`);
}

function compiles(text: string): boolean {
  try {
    return compileFunction(text) !== undefined;
  } catch {
    return false;
  }
}

/** Why Lambda would not come as far as the handler. */
function loadProblems({ load }: Serialized, packages: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = [];
  const find = createRequire(join(process.cwd(), "index.js"));
  const require = (name: string): unknown => {
    const [scope = "", second] = name.split("/");
    const packageName = scope.startsWith("@") ? `${scope}/${second}` : scope;
    // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html: the SDK is a part of the runtime
    const isThere = isBuiltin(name) || /^@(aws-sdk|smithy)$/.test(scope) || packages.has(packageName);
    if (!isThere) problems.push({ propertyPath: packageName, reason: reasonOf({ kind: "module", what: `the module ${name}` }) });
    // Loaded already, since the closure captured it; where not, an object stands in.
    return isThere ? moduleAt(find, name) : {};
  };
  try {
    load?.({}, require, { exports: {} });
  } catch (error) {
    const reason = `what Pulumi makes of it does not load (${(error as Error).message}): capture plain functions and plain data only`;
    problems.push({ propertyPath: "it", reason });
  }
  return problems;
}

function moduleAt(find: NodeJS.Require, name: string): unknown {
  try {
    return find(name);
  } catch {
    return {};
  }
}
