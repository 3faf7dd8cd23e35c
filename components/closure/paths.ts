import * as pulumi from "@pulumi/pulumi";
import type * as TypeScript from "typescript";
import { types } from "node:util";
import { isClass, sourceOf } from "./classes";

/** A property chain that a function's text takes of a variable, as Pulumi reads it. */
interface Chain {
  infos: { name: string }[];
}

interface ParsedFunction {
  capturedVariables: Record<"required" | "optional", Map<string, Chain[]>>;
}

/** Those parts of Pulumi's serializer that read a function: they are not of its public interface. */
export interface Reader {
  ts: typeof TypeScript;
  /** The value of a variable that a function captures. */
  lookup(func: unknown, variable: string): Promise<unknown>;
  parse(text: string): ParsedFunction | undefined;
  /** What a function is bound to: values that are not plain come as undefined, which is how they are lost. */
  boundTo(func: unknown): Promise<{ text: string; boundThis: unknown; boundArguments: unknown[] }>;
}

interface Internals {
  lookupCapturedVariableValueAsync(func: unknown, variable: string, throwOnFailure: boolean): Promise<unknown>;
  getBoundFunction(func: unknown): Promise<{ targetFunctionText: string; boundThisValue: unknown; boundArgsValues: unknown[] }>;
  parseFunction(text: string): [error: string, parsed: ParsedFunction | undefined];
}

/** Undefined with a Pulumi that has no such parts. */
export function loadReader(): Reader | undefined {
  try {
    /* oxlint-disable typescript/no-require-imports -- loaded when needed: they may be missing */
    const v8 = require("@pulumi/pulumi/runtime/closure/v8") as Internals;
    const parser = require("@pulumi/pulumi/runtime/closure/parseFunction") as Internals;
    const ts = require("@pulumi/pulumi/typescript-shim") as typeof TypeScript;
    /* oxlint-enable typescript/no-require-imports */
    return {
      ts,
      lookup: (func, variable) => v8.lookupCapturedVariableValueAsync(func, variable, false),
      parse: (text) => parser.parseFunction(text)[1],
      boundTo: async (func) => {
        const { targetFunctionText, boundThisValue, boundArgsValues } = await v8.getBoundFunction(func);
        return { text: targetFunctionText, boundThis: boundThisValue, boundArguments: boundArgsValues };
      },
    };
  } catch {
    return undefined;
  }
}

/** Where what a closure captures stands in the program. */
export interface Reached {
  /** By value: the variable and the properties that lead to it, as its program writes them. */
  paths: Map<unknown, string>;
  /** Classes that the closure can name, and not only the instances that it captures. */
  constructible: Set<unknown>;
}

/** A class that only an instance leads to. */
interface Behind {
  made: unknown;
  path: string;
}

/**
 * Finds the ways from a function to what it captures.
 *
 * @param captured what Pulumi's serializer has walked: nothing else is followed
 */
export async function reach(root: unknown, captured: ReadonlySet<unknown>, reader: Reader): Promise<Reached> {
  const walk = new Walk(captured, reader);
  await walk.visit(root, "");
  const named = new Set(walk.visited);
  const makesItsOwn = [...captured].some((value) => typeof value === "function" && /\.constructor\b/.test(sourceOf(value)));
  for (let next = walk.behind.shift(); next !== undefined; next = walk.behind.shift()) await walk.visit(next.made, next.path);
  return { paths: walk.paths, constructible: makesItsOwn ? walk.visited : named };
}

class Walk {
  readonly paths = new Map<unknown, string>();
  readonly visited = new Set<unknown>();
  readonly behind: Behind[] = [];

  constructor(
    private readonly captured: ReadonlySet<unknown>,
    private readonly reader: Reader,
  ) {}

  async visit(value: unknown, path: string): Promise<void> {
    if (!this.captured.has(value) || this.visited.has(value) || !isWalked(value)) return;
    this.visited.add(value);
    this.name(value, path);
    if (typeof value === "symbol") return;
    if (pulumi.Output.isInstance(value)) {
      // Known by now: the serializer has waited for it.
      return this.visit(await (value as unknown as { promise(): Promise<unknown> }).promise(), path);
    }
    if (value instanceof Promise) return this.visit(await value, path);
    if (typeof value === "function") await this.visitCaptures(value);
    await this.visitProperties(value, path);
    const base: unknown = Object.getPrototypeOf(value);
    await this.visit(base, path);
  }

  private name(value: unknown, path: string): void {
    if (!this.paths.has(value)) this.paths.set(value, path);
  }

  private async visitCaptures(func: object): Promise<void> {
    const text = sourceOf(func);
    const captures = text.includes("[native code]") ? undefined : this.reader.parse(text)?.capturedVariables;
    if (captures === undefined) return;
    for (const [name, chains] of [...captures.required, ...captures.optional]) {
      const value = await this.reader.lookup(func, name).catch(() => undefined);
      // What tsc makes of an import is of no interest: `pricing_1.Invoice` is Invoice for who wrote it.
      await this.visitChains(value, /_\d+$/.test(name) ? "" : name, chains);
    }
  }

  /** Follows what a function's text takes of a variable; all of it without chains. */
  private async visitChains(value: unknown, path: string, chains: readonly Chain[]): Promise<void> {
    if (chains.length === 0 || chains.some(({ infos }) => infos.length === 0) || !isWalked(value)) return this.visit(value, path);
    this.name(value, path);
    for (const { infos } of chains) {
      const [first, ...rest] = infos as [{ name: string }, ...{ name: string }[]];
      const found = descriptorOf(value as object, first.name);
      const taken: unknown = found?.value;
      const makesItself = typeof taken === "function" && (isClass(value) ? /\bnew\s+this\b/ : /\bthis\b/).test(sourceOf(taken));
      if (found?.get !== undefined || makesItself) await this.visit(value, path);
      // A class that only its static members are taken of is no way to an instance.
      await this.visitChains(taken, join(path, first.name), rest.length === 0 ? [] : [{ infos: rest }]);
    }
  }

  private async visitProperties(value: object, path: string): Promise<void> {
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      const item: unknown = descriptor?.value;
      if ((item as { prototype?: unknown } | null | undefined)?.prototype === value) {
        this.behind.push({ made: item, path });
        continue;
      }
      const way = typeof value === "function" && key === "prototype" ? path : join(path, key);
      await this.visit(key, way);
      // oxlint-disable-next-line typescript/unbound-method -- they are looked at, not called
      for (const each of [item, descriptor?.get, descriptor?.set]) await this.visit(each, way);
    }
  }
}

function isWalked(value: unknown): value is object | symbol {
  if (typeof value === "symbol" || typeof value === "function" || pulumi.Output.isInstance(value)) return true;
  return typeof value === "object" && value !== null && !types.isProxy(value);
}

function descriptorOf(value: object, name: string): PropertyDescriptor | undefined {
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found) return found;
  }
  return undefined;
}

function join(path: string, key: string | symbol): string {
  if (typeof key === "symbol") return `${path}[${String(key)}]`;
  if (/^\d+$/.test(key)) return `${path}[${key}]`;
  if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
