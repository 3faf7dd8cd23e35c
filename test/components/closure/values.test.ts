import { EventEmitter } from "node:events";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { isOfNode, judgeValue } from "../../../components/closure/values";

class Pages extends Array<string> {}
class Alarm extends Error {}
class Order {
  total = 1;
}
class Book extends Map<string, string> {}

describe("a captured value", () => {
  for (const [value, kind, what] of [
    [Symbol("mark"), "symbol", "the symbol mark"],
    [Symbol(), "symbol", "the symbol"],
    [new Map(), "map", "a Map"],
    [new WeakMap(), "map", "a WeakMap"],
    [new Book(), "map", "a Book"],
    [new Set(), "set", "a Set"],
    [new WeakSet(), "set", "a WeakSet"],
    [new Date(), "date", "a Date"],
    [new Uint8Array(1), "bytes", "a Uint8Array"],
    [new Int8Array(1), "bytes", "an Int8Array"],
    [Buffer.from("a"), "bytes", "a Buffer"],
    [new DataView(new ArrayBuffer(1)), "bytes", "a DataView"],
    [new ArrayBuffer(1), "bytes", "an ArrayBuffer"],
    [new SharedArrayBuffer(1), "bytes", "a SharedArrayBuffer"],
    [Object.setPrototypeOf(new Map(), null), "map", "an object"],
    [(function* () {})(), "iterator", "an iterator that was started outside"],
    [new Map().keys(), "iterator", "an iterator that was started outside"],
    [new Set().values(), "iterator", "an iterator that was started outside"],
    [[][Symbol.iterator](), "iterator", "an iterator that was started outside"],
    [""[Symbol.iterator](), "iterator", "an iterator that was started outside"],
    ["a".matchAll(/a/g), "iterator", "an iterator that was started outside"],
    [new Pages(), "arrayInstance", "an instance of Pages"],
    [new URL("https://example.com"), "builtIn", "a URL"],
    [new AbortController(), "builtIn", "an AbortController"],
    [new Intl.NumberFormat(), "builtIn", "a NumberFormat"],
    [new WeakRef({}), "builtIn", "a WeakRef"],
    [Object.create(new URLSearchParams()), "builtIn", "a URLSearchParams"],
  ] as const) {
    it(`is lost in Lambda when it is ${what}`, () => {
      expect(judgeValue(value)).to.deep.equal({ kind, what });
    });
  }

  it("may be plain data, an instance of the program's own classes, or what Pulumi writes or refuses by itself", () => {
    const own = [
      new Order(),
      new EventEmitter(),
      Object.create(null),
      { constructor: 1 },
      Object.create({
        get constructor() {
          return expect.fail("ran somebody's code");
        },
      }),
    ];
    const known = [
      [1],
      Object.setPrototypeOf([1], null),
      /a/,
      Promise.resolve(1),
      new Alarm("a"),
      new Error("a"),
      Object("a"),
      Object(1),
      Object(true),
    ];
    const plain = [undefined, null, 1, "a", true, 1n, {}, [], () => 1];
    const proxies = [new Proxy(new Map(), {}), pulumi.output(new Map())];

    for (const value of [...own, ...known, ...plain, ...proxies] as unknown[]) expect(judgeValue(value)).to.equal(undefined);
  });

  it("is one of Node's own only under Node's own name", () => {
    class URLOfMine {}
    Object.defineProperty(URLOfMine, "name", { value: "URL" });

    expect([Map, Intl.Collator, URL].map(isOfNode)).to.deep.equal([true, true, true]);
    expect([URLOfMine, Order, class {}, { name: "" }].map(isOfNode)).to.deep.equal([false, false, false, false]);
  });
});
