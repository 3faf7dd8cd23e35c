import * as pulumi from "@pulumi/pulumi";
import { types } from "node:util";
import { isClass, sourceOf } from "./classes";
/** Undefined with a Pulumi that has no such parts. */
export function loadReader() {
    try {
        /* eslint-disable @typescript-eslint/no-require-imports -- loaded when needed: they may be missing */
        const v8 = require("@pulumi/pulumi/runtime/closure/v8");
        const parser = require("@pulumi/pulumi/runtime/closure/parseFunction");
        const ts = require("@pulumi/pulumi/typescript-shim");
        /* eslint-enable @typescript-eslint/no-require-imports */
        return {
            ts,
            lookup: (func, variable) => v8.lookupCapturedVariableValueAsync(func, variable, false),
            parse: (text) => parser.parseFunction(text)[1],
            boundTo: async (func) => {
                const { targetFunctionText, boundThisValue, boundArgsValues } = await v8.getBoundFunction(func);
                return { text: targetFunctionText, boundThis: boundThisValue, boundArguments: boundArgsValues };
            },
        };
    }
    catch {
        return undefined;
    }
}
/**
 * Finds the ways from a function to what it captures.
 *
 * @param captured what Pulumi's serializer has walked: nothing else is followed
 */
export async function reach(root, captured, reader) {
    const walk = new Walk(captured, reader);
    await walk.visit(root, "");
    const named = new Set(walk.visited);
    const makesItsOwn = [...captured].some((value) => typeof value === "function" && /\.constructor\b/.test(sourceOf(value)));
    for (let next = walk.behind.shift(); next !== undefined; next = walk.behind.shift())
        await walk.visit(next.made, next.path);
    return { paths: walk.paths, constructible: makesItsOwn ? walk.visited : named };
}
class Walk {
    captured;
    reader;
    paths = new Map();
    visited = new Set();
    behind = [];
    constructor(captured, reader) {
        this.captured = captured;
        this.reader = reader;
    }
    async visit(value, path) {
        if (!this.captured.has(value) || this.visited.has(value) || !isWalked(value))
            return;
        this.visited.add(value);
        this.name(value, path);
        if (typeof value === "symbol")
            return;
        if (pulumi.Output.isInstance(value)) {
            // Known by now: the serializer has waited for it.
            return this.visit(await value.promise(), path);
        }
        if (value instanceof Promise)
            return this.visit(await value, path);
        if (typeof value === "function")
            await this.visitCaptures(value, path);
        await this.visitProperties(value, path);
        const base = Object.getPrototypeOf(value);
        await this.visit(base, path);
    }
    name(value, path) {
        if (!this.paths.has(value))
            this.paths.set(value, path);
    }
    async visitCaptures(func, path) {
        const text = sourceOf(func);
        const captures = text.includes("[native code]") ? undefined : this.reader.parse(text)?.capturedVariables;
        if (captures === undefined)
            return;
        for (const [name, chains] of [...captures.required, ...captures.optional]) {
            const value = await this.reader.lookup(func, name).catch(() => undefined);
            // What tsc makes of an import is of no interest: `pricing_1.Invoice` is Invoice for who wrote it.
            const own = /_\d+$/.test(name) ? "" : name;
            await this.visitChains(value, name === "this" ? path : own, chains);
        }
    }
    /** Follows what a function's text takes of a variable; all of it without chains. */
    async visitChains(value, path, chains) {
        if (chains.length === 0 || chains.some(({ infos }) => infos.length === 0) || !isWalked(value))
            return this.visit(value, path);
        this.name(value, path);
        for (const { infos } of chains) {
            const [first, ...rest] = infos;
            const found = descriptorOf(value, first.name);
            const taken = found?.value;
            const makesItself = typeof taken === "function" && (isClass(value) ? /\bnew\s+this\b/ : /\bthis\b/).test(sourceOf(taken));
            if (found?.get !== undefined || makesItself)
                await this.visit(value, path);
            // A class that only its static members are taken of is no way to an instance.
            await this.visitChains(taken, join(path, first.name), rest.length === 0 ? [] : [{ infos: rest }]);
        }
    }
    async visitProperties(value, path) {
        for (const key of Reflect.ownKeys(value)) {
            if (typeof value === "function" && (key === "length" || key === "name"))
                continue;
            const descriptor = Object.getOwnPropertyDescriptor(value, key);
            const item = descriptor?.value;
            if (key === "constructor" && typeof item === "function" && item.prototype === value) {
                this.behind.push({ made: item, path });
                continue;
            }
            const way = typeof value === "function" && key === "prototype" ? path : join(path, key);
            await this.visit(key, way);
            // eslint-disable-next-line @typescript-eslint/unbound-method -- they are looked at, not called
            for (const each of [item, descriptor?.get, descriptor?.set])
                await this.visit(each, way);
        }
    }
}
function isWalked(value) {
    if (typeof value === "symbol" || typeof value === "function" || pulumi.Output.isInstance(value))
        return true;
    return typeof value === "object" && value !== null && !types.isProxy(value);
}
function descriptorOf(value, name) {
    if (typeof value === "symbol")
        return undefined;
    for (let at = value; at !== null; at = Object.getPrototypeOf(at)) {
        const found = Object.getOwnPropertyDescriptor(at, name);
        if (found)
            return found;
    }
    return undefined;
}
function join(path, key) {
    if (typeof key === "symbol")
        return `${path}[${String(key)}]`;
    if (/^\d+$/.test(key))
        return `${path}[${key}]`;
    if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key))
        return `${path}[${JSON.stringify(key)}]`;
    return path === "" ? key : `${path}.${key}`;
}
