import Module from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { requireSerializable } from "../../../components/closure/check";
import { refusals, type RefusalKind } from "../../../components/closure/refusals";
import { onCompleted } from "../../../components/handlers";
import type { ServiceOutputs } from "../../../components/stackOutputs";
import { deploy } from "../../../doubles/deploy";
import { takeRejections } from "../../../doubles/rejections";
import { serviceOutputs } from "../../support/outputs";
import { deployed } from "../../support/serialized";

type Closure = () => unknown;

/** What is said of a closure; nothing when it may be deployed. */
async function refusalOf(closure: unknown, packages: string[] = []): Promise<string> {
  return requireSerializable("The handler orders", closure, new Set(packages)).then(
    () => "",
    (error: Error) => error.message,
  );
}

/** What a closure does in the form that Lambda gets; `fails` when Pulumi makes nothing of it, when that does not load, or throws. */
async function inLambda(closure: Closure): Promise<unknown> {
  try {
    return await (
      await deployed<Closure>(() => closure)
    )();
  } catch {
    return "fails";
  }
}

class Point {
  x: number;
  constructor(x: number) {
    this.x = x;
  }
  get double(): number {
    return this.x * 2;
  }
  doubled(): number {
    return this.x * 2;
  }
  static of(x: number): Point {
    return new Point(x);
  }
}
class Shifted extends Point {
  constructor(x: number) {
    super(x + 1);
  }
}
class Counting {
  count: number;
  constructor() {
    this.count = 1;
  }
}
class Doubling extends Counting {
  twice(): number {
    return this.count * 2;
  }
}
class Scaled extends Point {
  scale(factor: number): number {
    return this.x * factor;
  }
}
class Loud extends Point {
  constructor(x: number) {
    super(x);
    this.volume = 2;
  }
  volume: number;
  text(): string {
    return `${super.double}!`;
  }
}
class Quiet extends Point {
  constructor(x: number) {
    super(x);
    this.volume = 1;
  }
  volume: number;
  half(): number {
    return super.doubled() / 4;
  }
}
class Polite extends Point {
  polite: boolean;
  constructor(x: number) {
    super(x);
    this.polite = true;
  }
  override get double(): number {
    return super.doubled() + 1;
  }
}
class Priced {
  rate = 3;
  currency = "EUR";
  static tax = 2;
  total(count: number): number {
    return count * this.rate;
  }
  static taxed(count: number): number {
    return count * Priced.tax;
  }
}
class Copied {
  rate = 3;
  copy(): number {
    return new (this.constructor as typeof Copied)().rate;
  }
}
class Hidden {
  #rate = 3;
  total(): number {
    return this.#rate;
  }
}
class HiddenStatic {
  static #rate = 3;
  static total(): number {
    return HiddenStatic.#rate;
  }
}
class Refused extends Error {
  constructor(
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}
class Registry extends Map<string, number> {}
class Amounts extends Array<number> {
  sum(): number {
    return this.reduce((sum, amount) => sum + amount, 0);
  }
}

const config = { name: "orders", rates: new Map([["page", 1]]) };
const kinds = [{ seen: new Set(["scan"]) }];
const day = new Date(0);
const bytes = new Uint8Array([1, 2]);
const token = Buffer.from("secret");
const query = new URLSearchParams("page=1");
const headers = new Headers({ page: "1" });
const decoder = new TextDecoder();
const address = new URL("https://example.com/orders");
const reference = new WeakRef({ page: 1 });
const stopping = new AbortController();
const format = new Intl.NumberFormat("en");
const mark = Symbol("mark");
const marked = { [mark]: 1, page: 1 };
const tagged = {
  get [Symbol.toStringTag]() {
    return "Order";
  },
};
const point = new Point(3);
const loud = new Loud(3);
const priced = new Priced();
const copied = new Copied();
const hidden = new Hidden();
const scaled = new Scaled(3);
const amounts = Amounts.from([1, 2]) as Amounts;
const running = (function* () {
  yield 1;
})();
const entries = [1, 2].values();
const failure = new Error("boo");
const store = {
  page: 1,
  save() {
    return this.page;
  },
};
const saveBound = store.save.bind(store);
const savePage = ((page: { number: number }) => page.number).bind(undefined, { number: 1 });
const base = { page: () => 1 };
const literal = {
  page() {
    return (super.toString as unknown as Closure)();
  },
};
const readRates = () => config.rates.get("page");

/** What is refused, by what is said of it, up to what becomes of it. */
const refused: [RefusalKind, said: string, Closure][] = [
  ["map", "config.rates: got a Map", () => config.rates.size],
  ["map", "config.rates: got a Map", () => readRates()],
  [
    "map",
    "config.rates: got a Map",
    () => JSON.stringify(Object.entries(config).map(([, value]) => typeof value)).length > 0 && readRates(),
  ],
  ["set", "kinds[0].seen: got a Set", () => kinds[0]?.seen.has("scan")],
  ["date", "day: got a Date", () => day.getTime()],
  ["bytes", "bytes: got a Uint8Array", () => bytes.length],
  ["bytes", "token: got a Buffer", () => token.toString()],
  ["builtIn", "query: got a URLSearchParams", () => query.get("page")],
  ["builtIn", "headers: got a Headers", () => headers.get("page")],
  ["builtIn", "decoder: got a TextDecoder", () => decoder.decode(Buffer.from("page"))],
  ["builtIn", "address: got a URL", () => address.host],
  ["builtIn", "reference: got a WeakRef", () => typeof reference.deref()],
  ["builtIn", "stopping: got an AbortController", () => stopping.signal.aborted],
  ["builtIn", "format: got a NumberFormat", () => format.format(1)],
  ["symbol", "mark: got the symbol mark", () => typeof mark],
  ["symbol", "marked[Symbol(mark)]: got the symbol mark", () => Object.keys(marked)],
  ["symbol", "tagged[Symbol(Symbol.toStringTag)]: got the symbol Symbol.toStringTag", () => Object.prototype.toString.call(tagged)],
  ["bound", "saveBound: got a bound function", () => saveBound()],
  ["bound", "savePage: got a bound function", () => savePage()],
  ["iterator", "running: got an iterator that was started outside", () => running.next().value],
  ["iterator", "entries: got an iterator that was started outside", () => entries.next().value],
  ["error", "failure: got an Error", () => failure.stack],
  ["privateMember", "Hidden: got the class Hidden with #rate", () => new Hidden().total()],
  ["privateMember", "hidden: got the class Hidden with #rate", () => hidden.total()],
  ["privateMember", "HiddenStatic: got the class HiddenStatic with #rate", () => HiddenStatic.total()],
  ["field", "Priced: got the class Priced with the fields rate, currency", () => new Priced().total(2)],
  ["field", "copied: got the class Copied with the field rate", () => copied.copy()],
  ["inheritedConstructor", "Scaled: got the class Scaled, derived from Point", () => new Scaled(2).scale(2)],
  ["inheritedMethods", "Shifted: got the class Shifted, derived from Point", () => new Shifted(2).double],
  ["nativeBase", "Refused: got the class Refused, derived from Error", () => new Refused("boo", 1).message],
  ["nativeBase", "Registry: got the class Registry, derived from Map", () => new Registry().size],
  ["arrayInstance", "amounts: got an instance of Amounts", () => amounts.sum()],
  ["super", "loud.text: got the function text, which uses super", () => loud.text()],
  ["superGetter", "Loud: got the class Loud with super.double", () => new Loud(2).text()],
  ["super", "Polite.double: got the function get double, which uses super", () => new Polite(1).double],
  ["super", "literal.page: got the function page, which uses super", () => literal.page()],
];

const whole = Object.freeze({ page: { number: 1 }, list: Object.freeze([1, 2]) });
const pattern = /page (\d)/i;
const count = 12n;
const counted = {
  pages: 1,
  get next() {
    return this.pages + 1;
  },
};
const plain = Object.assign(Object.create(null) as object, { page: 1 });
const cyclic: { self?: object } = {};
cyclic.self = cyclic;
function* pages() {
  yield 1;
}
async function* pagesLater() {
  yield 1;
}
const add = ((left: number, right: number) => left + right).bind(undefined, 1);
const make = (message: string) => Object.assign(new Error(message), { code: 1 });
const later = Promise.resolve(4);
const notBound = Object.defineProperty(() => 5, "name", { value: "bound five" });
const { isArray } = Array;
const iterable = {
  *[Symbol.iterator]() {
    yield 1;
  },
};
const nested = () => {
  class Inner extends Object {
    override valueOf() {
      return [super.valueOf() === this];
    }
  }
  return new Inner().valueOf() as unknown;
};

/** What works in Lambda, beside what is refused. */
const accepted: Record<string, Closure> = {
  "a property beside a Map": () => config.name,
  "a property beside a symbol": () => marked.page,
  "an error's message": () => failure.message,
  "frozen data": () => whole.page.number + whole.list.length,
  "a regular expression": () => pattern.exec("PAGE 7")?.[1],
  "a BigInt": () => String(count + 1n),
  "a getter": () => counted.next,
  "an object without a prototype": () => JSON.stringify(plain),
  "a cycle": () => cyclic.self === cyclic,
  "a class": () => Point.of(2).double,
  "an instance": () => point.double,
  "a class whose constructor and methods call super": () => new Quiet(2).half() + new Quiet(3).double + new Quiet(3).volume,
  "a derived class whose inherited constructor takes nothing": () => new Doubling().twice(),
  "an instance of a class with fields": () => priced.total(2),
  "static members of a class with fields": () => Priced.taxed(2) + Priced.tax,
  "an instance of a derived class": () => scaled.scale(2),
  "a class in the closure": () => nested(),
  "what the closure makes itself": () => new Map([["page", new Set([new Date(0).getTime()])]]).size,
  "a generator function": () => [...pages()],
  "an async generator function": async () => (await pagesLater().next()).value,
  "an iterable": () => [...iterable],
  "a function bound to plain values": () => add(2),
  "a function that is only called bound": () => notBound(),
  "a function that makes errors": () => make("boo").message + make("boo").code,
  "a promise": async () => (await later) + 1,
  "a built-in function by another name": () => isArray([]),
  "a function of an object, called as its method": () => store.save() + base.page(),
};

describe("a handler's closure", () => {
  for (const [kind, said, closure] of refused) {
    it(`is refused when what it captures ${refusals[kind].happens}: ${said}`, async () => {
      expect(await refusalOf(closure)).to.equal(
        `The handler orders can't run in Lambda:\n  ${said}, which ${refusals[kind].happens}: ${refusals[kind].instead}`,
      );
      expect(await inLambda(closure)).to.not.deep.equal(await closure());
    });
  }

  for (const [what, closure] of Object.entries(accepted)) {
    it(`may capture ${what}, which does in Lambda what it does here`, async () => {
      expect(await refusalOf(closure)).to.equal("");
      expect(await inLambda(closure)).to.deep.equal(await closure());
    });
  }

  it("is refused for all that it captures in vain, so that it is mended once", async () => {
    const closure = () => [day, config.rates, new Hidden(), new Priced()];

    expect((await refusalOf(closure)).match(/^ {2}\w+(\.\w+)?: got/gm)).to.deep.equal([
      "  day: got",
      "  config.rates: got",
      "  Hidden: got",
      "  Priced: got",
    ]);
  });

  it("is refused for what a proxy hides, which has no name", async () => {
    const hidden = new Proxy({ rates: new Map([["page", 1]]) }, {});

    expect(await refusalOf(() => hidden.rates)).to.match(/\n {2}one of the values that it captures: got a Map, which [^\n]+$/);
  });

  it("is refused for a super that does not load, and not for one in a class that stands in a function", async () => {
    const lines = (await refusalOf(() => [nested(), loud.text()])).split("\n").slice(1);

    expect(lines.map((line) => line.slice(0, 16))).to.deep.equal(["  loud.text: got"]);
  });

  it("is refused without names by a Pulumi whose reader is not where it was, for what surely does not arrive", async () => {
    const modules = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
    const load = modules._load;
    modules._load = (request, ...rest) => {
      if (request === "@pulumi/pulumi/runtime/closure/v8") throw new Error("no such part");
      return load(request, ...rest);
    };
    try {
      const unnamed = /\n {2}one of the values that it captures: got a (Date|bound function), which [^\n]+$/;
      expect([await refusalOf(() => day.getTime()), await refusalOf(() => add(2))].every((said) => unnamed.test(said))).to.equal(true);
      expect(await refusalOf(() => new Priced())).to.equal("");
    } finally {
      modules._load = load;
    }
  });

  it("is looked at inside of what is known later: Outputs and promises", async () => {
    const output = pulumi.output({ rates: 1 }).apply(() => ({ rates: new Map([["page", 1]]) }));

    expect(await refusalOf(() => output)).to.match(/^The handler orders can't run in Lambda:\n {2}output.*rates: got a Map, which/);
  });

  it("is refused with Pulumi's own reason, where Pulumi has one", async () => {
    const closure = () => {
      outer: for (const page of [1, 2]) for (const line of [1]) if (page === line) continue outer;
    };

    for (const refused of [closure, () => [loud.text(), closure()]]) {
      expect(await refusalOf(refused)).to.match(
        /^The handler orders can't run in Lambda; capture plain functions and plain data only\. Error serializing .*\n[^]*variable in closure environment: outer/,
      );
    }
  });

  it("may require a package of its archive and of Lambda's runtime, and no other: its first event would find none", async () => {
    // oxlint-disable-next-line typescript/no-require-imports -- a package as a program's import is compiled
    const yaml = require("yaml") as typeof import("yaml");
    const closure = () => yaml.stringify({ page: 1 });

    expect(await refusalOf(closure)).to.equal(
      `The handler orders can't run in Lambda:\n  yaml: got the module yaml, which ${refusals.module.happens}: ${refusals.module.instead}`,
    );
    expect(await refusalOf(closure, ["yaml"])).to.equal("");
    // oxlint-disable-next-line typescript/no-require-imports -- the same, of a package with a scope
    const terminals = require("@xterm/headless") as typeof import("@xterm/headless");
    const opens = () => terminals.Terminal;
    expect(await refusalOf(opens, ["@xterm/addon"])).to.match(/\n {2}@xterm\/headless: got the module @xterm\/headless\//);
    expect(await refusalOf(opens, ["@xterm/headless"])).to.equal("");
    const library = require("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
    expect(await refusalOf(() => library.SNSClient)).to.equal("");
  });

  it("may capture a secret, which its archive then is one for", async () => {
    const token = pulumi.secret("s3cret");

    expect(await refusalOf(() => async () => token.get())).to.equal("");
  });

  it("is called `it` where it is itself what can't run", async () => {
    function sizeOf(this: Map<string, string>): number {
      return this.size;
    }
    const lines = async (closure: unknown) => (await refusalOf(closure)).split("\n").slice(1);

    expect(await lines(sizeOf.bind(new Map()))).to.deep.equal([
      "  it: got a bound function, which loses the objects that it is bound to: write an arrow function that calls the method: (job) => object.method(job)",
    ]);
  });

  it("is a function: undefined would be deployed as a handler of nothing", async () => {
    expect(await refusalOf(undefined)).to.equal("The handler orders can't run in Lambda: got undefined, expected a function");
    expect(await refusalOf(null)).to.equal("The handler orders can't run in Lambda: got null, expected a function");
  });
});

describe("a program with such a handler", () => {
  it("is refused before anything of the handler is registered, in a preview too", async () => {
    const registered: string[] = [];
    const message = await deploy(
      () => {
        const outputs = pulumi.output(serviceOutputs) as unknown as ServiceOutputs;
        onCompleted(outputs, "store", () => void config.rates.get("page"));
        onCompleted(outputs, "alert", () => void new Priced().total(1));
      },
      {},
      registered,
    ).then(
      () => "",
      (error: Error) => error.message,
    );
    await takeRejections();

    expect(message).to.match(/^The handler completed-store can't run in Lambda:\n {2}config\.rates: got a Map, which [^\n]+$/);
    expect(registered).to.deep.equal(["pulumi:pulumi:Stack sagemaker-async-inference-test"]);
  });
});
