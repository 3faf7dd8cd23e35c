const doesNotLoad = "makes a file that Node refuses to load";
/**
 * What Pulumi's serializer takes and does not bring over. Most of it is not reported by Pulumi: it shows at the handler's first event.
 * Observed on @pulumi/pulumi 3.226 to 3.276.
 */
export const refusals = {
    map: {
        captured: "`Map`, `WeakMap`",
        happens: "arrives without its entries",
        instead: "capture a plain object, or an array of entries, and make the Map inside the handler",
    },
    set: {
        captured: "`Set`, `WeakSet`",
        happens: "arrives without its items",
        instead: "capture an array, and make the Set inside the handler",
    },
    date: {
        captured: "`Date`",
        happens: "arrives without its time",
        instead: "capture its number, date.getTime(), and make the Date inside the handler",
    },
    bytes: {
        captured: "`Uint8Array`, `Buffer` and other typed arrays, `ArrayBuffer`",
        happens: "arrives as an object without length and methods",
        instead: 'capture a string, such as Buffer.from(bytes).toString("base64"), and decode it inside the handler',
    },
    builtIn: {
        captured: "other objects of Node: `URL`, `URLSearchParams`, `Headers`, `TextDecoder`, `WeakRef`, `AbortSignal`, `Intl.…`",
        happens: "arrives without what is in it: its methods throw",
        instead: "capture what it is made of, and make it inside the handler",
    },
    symbol: {
        captured: "a symbol, as a value or as a key; `Symbol.iterator` is fine",
        happens: "arrives as an object: nothing equals it, and as a key it " + doesNotLoad,
        instead: "use a string, or make the symbol inside the handler",
    },
    bound: {
        captured: "`method.bind(object)`",
        happens: "loses the objects that it is bound to",
        instead: "write an arrow function that calls the method: (job) => object.method(job)",
    },
    iterator: {
        captured: "a running generator, an iterator",
        happens: "does not arrive",
        instead: "capture an array of its items, or the generator function",
    },
    error: {
        captured: "an `Error` object",
        happens: "does not arrive",
        instead: "capture its message, and make the Error inside the handler",
    },
    privateMember: {
        captured: "a class with `#private` members, or an instance of one",
        happens: doesNotLoad,
        instead: "name the member without #, or write a function that makes the object",
    },
    field: {
        captured: "a class whose public fields have initial values, when the handler makes instances of it",
        happens: "loses what its fields start with: they are undefined in the instances",
        instead: "assign them in the constructor",
    },
    inheritedConstructor: {
        captured: "a derived class without a constructor of its own, when the handler makes instances of it",
        happens: "runs the constructor that it inherits without its arguments",
        instead: "write one that passes its arguments on: constructor(...args) { super(...args); }",
    },
    inheritedMethods: {
        captured: "a derived class without methods of its own, when the handler makes instances of it",
        happens: "loses the methods that it inherits",
        instead: "make instances of the base class, or move a method into it",
    },
    nativeBase: {
        captured: "a class that extends `Error`, `Map`, `Array` or another class of Node, when the handler makes instances of it",
        happens: "makes objects without what the base class gives them, such as an error's message",
        instead: "write a function that makes the object, such as Object.assign(new Error(message), { code })",
    },
    arrayInstance: {
        captured: "an instance of a class that extends `Array`",
        happens: "arrives as a plain array, without its methods",
        instead: "capture a plain array, and functions that take one",
    },
    super: {
        captured: "`super` in getters, setters, object literals, and in methods of a class of which only an instance is captured",
        happens: doesNotLoad,
        instead: "call the base class's function by its name: Base.prototype.method.call(this)",
    },
    superGetter: {
        captured: "a class that reads a getter of its base class by `super.getter`, when the handler makes instances of it",
        happens: "reads it of the base class instead of the instance",
        instead: "write a method in the base class, and call it: super.method()",
    },
    module: {
        captured: "an npm package that is neither in Lambda's runtime nor in `packages`",
        happens: "is not there when the function loads",
        instead: "name the package in the handler's option packages",
    },
};
/** What is said about it. */
export function reasonOf({ kind, what }) {
    const { happens, instead } = refusals[kind];
    return `got ${what}, which ${happens}: ${instead}`;
}
