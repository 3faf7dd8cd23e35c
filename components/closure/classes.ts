import type * as TypeScript from "typescript";
import type { Found } from "./refusals";
import { isOfNode } from "./values";

/** Whether a function is a class as written; the classes of old targets are functions, which serialize. */
export function isClass(value: unknown): value is { name: string; prototype: object } {
  return typeof value === "function" && /^class\b/.test(sourceOf(value));
}

/** A function's own text, whatever `toString` it has. */
export function sourceOf(value: unknown): string {
  return Function.prototype.toString.call(value);
}

/** What a class's text says about it. */
interface ClassFacts {
  /** `#rate`, as often as it stands there. */
  privateNames: string[];
  /** Fields of instances that have an initial value. */
  fields: string[];
  hasConstructor: boolean;
  /** Whether its constructor reads what it is given. */
  takesArguments: boolean;
  /** Names of `super.total` where it is not called. */
  superReads: string[];
}

/** What is wrong with a captured class, however it is used. */
export function judgeClass(ts: typeof TypeScript, made: { name: string }): Found | undefined {
  const [privateName] = factsOf(ts, made)?.privateNames ?? [];
  return privateName === undefined ? undefined : { kind: "privateMember", what: `${titleOf(made)} with ${privateName}` };
}

/** What is wrong with a captured class of which instances are made in Lambda. */
export function judgeConstruction(ts: typeof TypeScript, made: { name: string }): Found | undefined {
  const facts = factsOf(ts, made);
  if (facts === undefined) return undefined;
  const { fields, hasConstructor, superReads } = facts;
  if (fields.length > 0) {
    return { kind: "field", what: `${titleOf(made)} with the ${fields.length > 1 ? "fields" : "field"} ${fields.join(", ")}` };
  }
  for (let base = baseOf(made); base !== undefined; base = baseOf(base)) {
    if (isOfNode(base)) {
      return base.name === "Object" ? undefined : { kind: "nativeBase", what: `${titleOf(made)}, derived from ${base.name}` };
    }
    const what = `${titleOf(made)}, derived from ${base.name}`;
    if (!hasConstructor && missesArguments(ts, base)) return { kind: "inheritedConstructor", what };
    // Pulumi takes a prototype without members for one that nobody has touched.
    if (!hasMembers(made) && hasMembers(base)) return { kind: "inheritedMethods", what };
    const getter = superReads.find((name) => hasGetter(base, name));
    if (getter !== undefined) return { kind: "superGetter", what: `${titleOf(made)} with super.${getter}` };
  }
  return undefined;
}

/** Whether a base class is made otherwise than it would be: a constructor that Pulumi writes for a derived class passes nothing on. */
function missesArguments(ts: typeof TypeScript, base: { name: string }): boolean {
  const facts = factsOf(ts, base);
  return facts === undefined || facts.fields.length > 0 || facts.takesArguments;
}

/** Whether a class has more of its own than its constructor. */
function hasMembers(made: object): boolean {
  return Reflect.ownKeys(prototypeOf(made)).length > 1;
}

function prototypeOf(made: object): object {
  const { prototype } = made as { prototype?: unknown };
  return typeof prototype === "object" && prototype !== null ? prototype : {};
}

function hasGetter(made: object, name: string): boolean {
  return Object.getOwnPropertyDescriptor(prototypeOf(made), name)?.get !== undefined;
}

function baseOf(made: { name: string }): { name: string } | undefined {
  const base: unknown = Object.getPrototypeOf(made);
  return typeof base === "function" && base !== Function.prototype ? base : undefined;
}

function titleOf({ name }: { name: string }): string {
  return name === "" ? "a class" : `the class ${name}`;
}

/** Undefined for what is no class as written. */
function factsOf(ts: typeof TypeScript, made: { name: string }): ClassFacts | undefined {
  if (!isClass(made)) return undefined;
  const file = ts.createSourceFile("class.ts", `(${sourceOf(made)})`, ts.ScriptTarget.Latest, true);
  const [statement] = file.statements;
  if (!statement || !ts.isExpressionStatement(statement) || !ts.isParenthesizedExpression(statement.expression)) return undefined;
  const { expression } = statement.expression;
  if (!ts.isClassExpression(expression)) return undefined;
  const facts: ClassFacts = { privateNames: [], fields: [], hasConstructor: false, takesArguments: false, superReads: [] };
  const isStatic = (member: TypeScript.PropertyDeclaration) =>
    (member.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
  for (const member of expression.members) {
    if (ts.isConstructorDeclaration(member)) {
      facts.hasConstructor = true;
      facts.takesArguments = member.parameters.length > 0 || /\barguments\b/.test(member.getText(file));
    }
    if (!ts.isPropertyDeclaration(member) || member.initializer === undefined || isStatic(member)) continue;
    if (!ts.isPrivateIdentifier(member.name)) facts.fields.push(member.name.getText(file));
  }
  const walk = (node: TypeScript.Node): void => {
    if (ts.isPrivateIdentifier(node)) facts.privateNames.push(node.text);
    if (ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      if (!ts.isCallExpression(node.parent) || node.parent.expression !== node) facts.superReads.push(node.name.text);
    }
    ts.forEachChild(node, walk);
  };
  walk(expression);
  return facts;
}
