import { isOfNode } from "./values";
/** Whether a function is a class as written; the classes of old targets are functions, which serialize. */
export function isClass(value) {
    return typeof value === "function" && /^class\b/.test(sourceOf(value));
}
/** A function's own text, whatever `toString` it has. */
export function sourceOf(value) {
    return Function.prototype.toString.call(value);
}
/** What is wrong with a captured class, however it is used. */
export function judgeClass(ts, made) {
    const [privateName] = factsOf(ts, made)?.privateNames ?? [];
    return privateName === undefined ? undefined : { kind: "privateMember", what: `${titleOf(made)} with ${privateName}` };
}
/** What is wrong with a captured class of which instances are made in Lambda. */
export function judgeConstruction(ts, made) {
    const facts = factsOf(ts, made);
    if (facts === undefined)
        return undefined;
    const { fields, hasConstructor, superReads } = facts;
    if (fields.length > 0) {
        return { kind: "field", what: `${titleOf(made)} with the ${fields.length > 1 ? "fields" : "field"} ${fields.join(", ")}` };
    }
    for (let base = baseOf(made); base !== undefined; base = baseOf(base)) {
        if (isOfNode(base)) {
            return base.name === "Object" ? undefined : { kind: "nativeBase", what: `${titleOf(made)}, derived from ${base.name}` };
        }
        const what = `${titleOf(made)}, derived from ${base.name}`;
        if (!hasConstructor && missesArguments(ts, base))
            return { kind: "inheritedConstructor", what };
        // Pulumi takes a prototype without members for one that nobody has touched.
        if (!hasMembers(made) && hasMembers(base))
            return { kind: "inheritedMethods", what };
        const getter = superReads.find((name) => hasGetter(base, name));
        if (getter !== undefined)
            return { kind: "superGetter", what: `${titleOf(made)} with super.${getter}` };
    }
    return undefined;
}
/** Whether a base class is made otherwise than it would be: a constructor that Pulumi writes for a derived class passes nothing on. */
function missesArguments(ts, base) {
    const facts = factsOf(ts, base);
    return facts === undefined || facts.fields.length > 0 || facts.takesArguments;
}
/** Whether a class has more of its own than its constructor. */
function hasMembers(made) {
    return Reflect.ownKeys(prototypeOf(made)).length > 1;
}
function prototypeOf(made) {
    const { prototype } = made;
    return typeof prototype === "object" && prototype !== null ? prototype : {};
}
function hasGetter(made, name) {
    return Object.getOwnPropertyDescriptor(prototypeOf(made), name)?.get !== undefined;
}
function baseOf(made) {
    const base = Object.getPrototypeOf(made);
    return typeof base === "function" && base !== Function.prototype ? base : undefined;
}
function titleOf({ name }) {
    return name === "" ? "a class" : `the class ${name}`;
}
/** Undefined for what is no class as written. */
function factsOf(ts, made) {
    if (!isClass(made))
        return undefined;
    const file = ts.createSourceFile("class.ts", `(${sourceOf(made)})`, ts.ScriptTarget.Latest, true);
    const [statement] = file.statements;
    if (!statement || !ts.isExpressionStatement(statement) || !ts.isParenthesizedExpression(statement.expression))
        return undefined;
    const { expression } = statement.expression;
    if (!ts.isClassExpression(expression))
        return undefined;
    const facts = { privateNames: [], fields: [], hasConstructor: false, takesArguments: false, superReads: [] };
    const isStatic = (member) => (member.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
    for (const member of expression.members) {
        if (ts.isConstructorDeclaration(member)) {
            facts.hasConstructor = true;
            facts.takesArguments = member.parameters.length > 0 || /\barguments\b/.test(member.getText(file));
        }
        if (!ts.isPropertyDeclaration(member) || member.initializer === undefined || isStatic(member))
            continue;
        if (!ts.isPrivateIdentifier(member.name))
            facts.fields.push(member.name.getText(file));
    }
    const walk = (node) => {
        if (ts.isPrivateIdentifier(node))
            facts.privateNames.push(node.text);
        if (ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
            if (!ts.isCallExpression(node.parent) || node.parent.expression !== node)
                facts.superReads.push(node.name.text);
        }
        ts.forEachChild(node, walk);
    };
    walk(expression);
    return facts;
}
