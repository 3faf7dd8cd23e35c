import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import { types } from "node:util";
import { linesOf } from "../problems";
import { isClass, judgeClass, judgeConstruction, sourceOf } from "./classes";
import { loadReader, reach } from "./paths";
import { reasonOf } from "./refusals";
import { judgeValue } from "./values";
/**
 * Refuses a closure that would not do in Lambda what it does here: for what it captures, by the variable's name, and for what does not
 * compile or load in the form that Lambda gets. The closure itself is not run.
 *
 * @param subject "The handler ocr-completed-store"
 * @param packages names of the packages in the function's archive
 * @throws pulumi.RunError naming every variable that is captured in vain, what becomes of it and what to write instead
 */
export async function requireSerializable(subject, closure, packages) {
    if (typeof closure !== "function") {
        throw refused(`${subject} can't run in Lambda: got ${closure === null ? "null" : typeof closure}, expected a function`);
    }
    const serialized = await serialize(closure);
    const reader = loadReader();
    const reached = await reachedIn(closure, serialized, reader);
    const problems = await problemsWith(closure, serialized, reached, reader);
    if (problems.length === 0 && serialized.refusal === undefined)
        problems.push(...loadProblems(serialized, packages));
    if (problems.length > 0)
        throw refused([`${subject} can't run in Lambda:`, ...linesOf(problems)].join("\n"));
    if (serialized.refusal !== undefined) {
        throw refused(`${subject} can't run in Lambda; capture plain functions and plain data only. ${serialized.refusal.message}`);
    }
}
/** An error that keeps its message: Pulumi writes the name of each property that waits for it in front, and reports it once. */
function refused(message) {
    return Object.defineProperty(new pulumi.RunError(message), "message", { get: () => message, set: () => undefined });
}
async function serialize(closure) {
    const serialized = { captured: new Set([closure]) };
    const see = (value) => {
        serialized.captured.add(value);
        return true;
    };
    try {
        serialized.text = (await pulumi.runtime.serializeFunction(closure, { serialize: see, allowSecrets: true })).text;
        serialized.load = compileFunction(serialized.text, ["exports", "require", "module"], { filename: "__index.js" });
    }
    catch (error) {
        serialized.refusal = error;
    }
    return serialized;
}
/** Names are looked for only where something may have to be named. */
async function reachedIn(closure, { captured, refusal }, reader) {
    const isSuspect = (value) => isClass(value) || isBound(value) || judgeValue(value) !== undefined;
    if (reader === undefined || (refusal === undefined && ![...captured].some(isSuspect)))
        return { paths: new Map(), constructible: new Set() };
    return reach(closure, captured, reader);
}
async function problemsWith(closure, serialized, { paths, constructible }, reader) {
    const named = [];
    const unnamed = [];
    for (const value of serialized.captured) {
        const found = await judge(value, serialized, constructible, reader);
        if (found === undefined)
            continue;
        const path = value === closure ? "it" : paths.get(value);
        if (path)
            named.push({ propertyPath: path, reason: reasonOf(found) });
        else
            unnamed.push({ propertyPath: "one of the values that it captures", reason: reasonOf(found) });
    }
    // What is behind a value that is refused is not the program's own.
    return named.length > 0 ? named : unnamed;
}
async function judge(value, { refusal, text }, constructible, reader) {
    // The message of one may be captured alone.
    if (types.isNativeError(value))
        return refusal === undefined ? undefined : { kind: "error", what: "an Error" };
    if (typeof value !== "function")
        return judgeValue(value);
    if (isBound(value))
        return refusal?.message.includes("'bound ") !== true && (await keepsItsBonds(value, reader))
            ? undefined
            : { kind: "bound", what: "a bound function" };
    if (isClass(value)) {
        if (reader === undefined)
            return undefined;
        return judgeClass(reader.ts, value) ?? (constructible.has(value) ? judgeConstruction(reader.ts, value) : undefined);
    }
    return refusal !== undefined && text !== undefined && keepsSuper(value, text)
        ? { kind: "super", what: `the function ${nameOf(value)}, which uses super` }
        : undefined;
}
/** A getter's is "get total". */
function nameOf(func) {
    return func.name;
}
function isBound(value) {
    return typeof value === "function" && nameOf(value).startsWith("bound ") && sourceOf(value).includes("[native code]");
}
/** Whether all that a function is bound to is plain, or not used. */
async function keepsItsBonds(bound, reader) {
    const target = await reader?.boundTo(bound).catch(() => undefined);
    if (target === undefined)
        return false;
    const { text, boundThis, boundArguments } = target;
    return (boundThis !== undefined || !/\b(this|super)\b/.test(text)) && !boundArguments.includes(undefined);
}
/** Whether a method stands in the generated text as it was written, with a `super` that is a syntax error outside its class. */
function keepsSuper(method, text) {
    const source = sourceOf(method);
    const afterName = source.slice(source.indexOf("("));
    return /\bsuper\b/.test(source) && text.includes(afterName) && !compiles(`(${source})`) && !compiles(`(function ${afterName})`);
}
function compiles(text) {
    try {
        return compileFunction(text) !== undefined;
    }
    catch {
        return false;
    }
}
/** Why Lambda would not come as far as the handler. */
function loadProblems({ load }, packages) {
    const problems = [];
    const find = createRequire(join(process.cwd(), "index.js"));
    const require = (name) => {
        const [scope = "", second] = name.split("/");
        const packageName = scope.startsWith("@") ? `${scope}/${second}` : scope;
        // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html: the SDK is a part of the runtime
        const isThere = isBuiltin(name) || /^@(aws-sdk|smithy)$/.test(scope) || packages.has(packageName);
        if (!isThere)
            problems.push({ propertyPath: packageName, reason: reasonOf({ kind: "module", what: `the module ${name}` }) });
        // Loaded already, since the closure captured it; where not, an object stands in.
        return isThere ? moduleAt(find, name) : {};
    };
    try {
        load?.({}, require, { exports: {} });
    }
    catch (error) {
        const reason = `what Pulumi makes of it does not load (${error.message}): capture plain functions and plain data only`;
        problems.push({ propertyPath: "it", reason });
    }
    return problems;
}
function moduleAt(find, name) {
    try {
        return find(name);
    }
    catch {
        return {};
    }
}
