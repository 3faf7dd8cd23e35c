import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { loadReader, reach, type Reached, type Reader } from "../../../components/closure/paths";

/** Values that Pulumi's serializer walks from a closure, with those that it refuses. */
async function captured(closure: object): Promise<Set<unknown>> {
  const seen = new Set<unknown>([closure]);
  const serialize = (value: unknown) => (seen.add(value), true);
  await pulumi.runtime.serializeFunction(closure as () => void, { serialize, allowSecrets: true }).catch(() => undefined);
  return seen;
}

const reader = loadReader() as Reader;
const reached = async (closure: object): Promise<Reached> => reach(closure, await captured(closure), reader);
/** How a closure leads to values. */
const paths = async (closure: object, ...values: unknown[]) => {
  const found = (await reached(closure)).paths;
  return values.map((value) => found.get(value));
};

const map = () => new Map([["page", 1]]);
const [first, second, third] = [map(), map(), map()];

describe("the way from a closure to what it captures", () => {
  it("is the closure itself, a variable, and the properties as a program writes them", async () => {
    const mark = Symbol("mark");
    const config = { rates: first, "page rate": second, list: ["a", { last: third }], [mark]: 1 };
    const closure = () => [first, config] as unknown;

    expect(await paths(closure, closure, first, second, third, config.list, mark)).to.deep.equal([
      "",
      "first",
      'config["page rate"]',
      "config.list[1].last",
      "config.list",
      "config[Symbol(mark)]",
    ]);
    const odd = { "1a": first, a1: second, 12: third, "": { é$_: mark } };
    expect(await paths(() => odd, first, second, third, mark)).to.deep.equal(['odd["1a"]', "odd.a1", "odd[12]", 'odd[""].é$_']);
  });

  it("goes by what the text takes of a variable, and no further", async () => {
    const config = { rates: first, inner: { deep: second, beside: third } };

    expect(await paths(() => config.inner.deep.size, config, config.inner, first, second, third)).to.deep.equal([
      "config",
      "config.inner",
      undefined,
      "config.inner.deep",
      undefined,
    ]);
    const alias = config.inner;
    expect(await paths(() => [config.inner.deep.size, alias.deep.has("a")], alias, second)).to.deep.equal([
      "config.inner",
      "config.inner.deep",
    ]);
    const half = (key: "deep" | "beside") => [config.inner.deep.size, config.inner[key]];
    expect(await paths(half, first, second, third)).to.deep.equal([undefined, "config.inner.deep", "config.inner.beside"]);
  });

  it("is in the words of the function that captures it, not of the one that calls that", async () => {
    const rates = { page: first };
    const read = () => rates.page.size;
    const pricing_1 = { rates, read };

    expect(await paths(() => read(), read, first)).to.deep.equal(["read", "rates.page"]);
    expect(await paths(() => pricing_1.rates.page.size, first)).to.deep.equal(["rates.page"]);
    const [pricing_12, a_1b] = [{ rates }, { rates: second }];
    expect(await paths(() => [pricing_12.rates.page.size, a_1b.rates.size], first, second)).to.deep.equal(["rates.page", "a_1b.rates"]);
    const store = Object.assign(() => 1, { page: second });
    expect(await paths(() => store, second)).to.deep.equal(["store.page"]);
    const named = { length: first, name: second, prototype: third };
    expect(await paths(() => named, first, second, third)).to.deep.equal(["named.length", "named.name", "named.prototype"]);
  });

  it("is that of an Output or a promise, whose value it leads to", async () => {
    const output = pulumi.output(1).apply(() => ({ rates: first }));
    const promise = Promise.resolve({ rates: second });

    expect(await paths(() => [output, promise], first, second)).to.satisfy(
      ([ofOutput, ofPromise]: string[]) => /^output\b.*rates$/.test(ofOutput ?? "") && ofPromise === "promise.rates",
    );
  });

  it("leads through a getter or a method to the object that it is of", async () => {
    const counted = {
      rates: first,
      get count() {
        return this.rates.size;
      },
      sum() {
        return this.rates.size;
      },
      name: () => "counted",
    };

    expect(await paths(() => counted.count, counted, first)).to.deep.equal(["counted", "counted.rates"]);
    expect(await paths(() => counted.sum(), first)).to.deep.equal(["counted.rates"]);
    expect(await paths(() => counted.name(), counted, first)).to.deep.equal(["counted", undefined]);
    const box = {
      set page(rates: object) {
        second.set(typeof rates, 1);
      },
    };
    expect(await paths(() => box, second)).to.deep.equal(["second"]);
  });

  it("ends at a proxy, a plain value and what was not captured", async () => {
    const proxy = new Proxy({ rates: first }, {});
    const nothing = { none: null, text: "a", proxy };

    expect(await paths(() => nothing, first, null, "a", proxy)).to.deep.equal([undefined, undefined, undefined, undefined]);
    const closure = () => first;
    expect((await reach(closure, new Set([closure]), reader)).paths).to.deep.equal(new Map([[closure, ""]]));
  });

  it("is read with Pulumi's own eyes, which see what a function is bound to", async () => {
    const add = (left: number, right: number) => left + right;

    expect(await reader.boundTo(add.bind({ page: 1 }, 2))).to.deep.equal({
      text: add.toString(),
      boundThis: undefined,
      boundArguments: [2],
    });
  });
});

describe("a class that a closure can make instances of", () => {
  class Base {
    static all = third;
    static made() {
      return new this();
    }
    static isBase(value: object) {
      return value instanceof Object;
    }
    total() {
      return 1;
    }
  }
  class Priced extends Base {
    rate() {
      return first.size;
    }
  }
  const constructible = async (closure: object) => {
    const found = (await reached(closure)).constructible;
    return [Base, Priced].filter((each) => found.has(each)).map(({ name }) => name);
  };

  it("is one that it names, with its bases, or has by a static member that makes one", async () => {
    expect(await constructible(() => new Priced())).to.deep.equal(["Base", "Priced"]);
    expect(await paths(() => Priced, Reflect.get(Priced.prototype, "rate"), first)).to.deep.equal(["Priced.rate", "first"]);
    expect(await constructible(() => Base.made())).to.deep.equal(["Base"]);
    expect(await constructible(() => [Base.all.size, Base.isBase({})])).to.deep.equal([]);
  });

  it("is that of an instance whose own code takes its constructor", async () => {
    class Copied {
      copy() {
        return new (this.constructor as typeof Copied)();
      }
    }
    const copied = new Copied();

    expect((await reached(() => copied.copy())).constructible.has(Copied)).to.equal(true);
    const listed = { constructor: Copied };
    expect(await paths(() => listed, Copied)).to.deep.equal(["listed.constructor"]);
  });

  it("is none that only an instance leads to, unless something takes a constructor of its own accord", async () => {
    const priced = new Priced();

    expect(await constructible(() => priced.rate())).to.deep.equal([]);
    expect(await constructible(() => priced)).to.deep.equal([]);
    expect(await constructible(() => (priced as { constructor: unknown }).constructor)).to.include("Priced");
    expect(await paths(() => priced, Priced, first, Reflect.get(Priced.prototype, "rate"))).to.deep.equal([
      "priced",
      "first",
      "priced.rate",
    ]);
  });
});
