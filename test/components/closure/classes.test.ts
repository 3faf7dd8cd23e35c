import { runInThisContext } from "node:vm";
import * as ts from "typescript";
import { expect } from "chai";
import { isClass, judgeClass, judgeConstruction, sourceOf } from "../../../components/closure/classes";

/** A class as it is written, whatever the compiler of the tests makes of others. */
const written = <Names extends string>(text: string, ...names: Names[]) =>
  runInThisContext(`(() => { ${text}; return { ${names.join(", ")} } })()`) as Record<Names, { new (): object; name: string }>;

const construction = (text: string, last = "Last") => judgeConstruction(ts, written(text, last)[last] as { name: string });
const whole = (text: string) => judgeClass(ts, written(text, "Last").Last);

describe("a captured class", () => {
  it("is one as written: what old targets make of it is a function, which serializes", () => {
    const old = function Old() {};
    const disguised = Object.assign(() => 1, { toString: () => "class A {}" });

    const speaks = () => "of a class";
    expect([class {}, old, disguised, speaks, {}, "class A {}"].map(isClass)).to.deep.equal([true, false, false, false, false, false]);
    expect(sourceOf(disguised)).to.equal("() => 1");
    expect([judgeClass(ts, old), judgeConstruction(ts, old)]).to.deep.equal([undefined, undefined]);
  });

  it("can't have private names, wherever they stand, however it is used", () => {
    const refused = { kind: "privateMember", what: "the class Last with #rate" };

    expect(whole("class Last { #rate = 1 }")).to.deep.equal(refused);
    expect(whole("class Last { static { this.x = 1 } static #rate = 1; #other = 2 }")).to.deep.equal(refused);
    expect(whole("class Last { is(other) { return #rate in other } #rate }")).to.deep.equal(refused);
    expect(
      judgeClass(ts, written("const Last = class { #a }; Object.defineProperty(Last, 'name', { value: '' })", "Last").Last),
    ).to.deep.equal({
      kind: "privateMember",
      what: "a class with #a",
    });
    expect(whole("class Last { rate = 1; static of() { return new Last() } }")).to.equal(undefined);
  });

  it("loses its fields' initial values, but those of the class itself", () => {
    expect(construction("class Last { rate = 1 }")).to.deep.equal({ kind: "field", what: "the class Last with the field rate" });
    expect(construction("class Last { rate = 1; ['sum'] = 2 }")).to.deep.equal({
      kind: "field",
      what: "the class Last with the fields rate, ['sum']",
    });
    expect(construction("class Last { static rate = 1; note; constructor() { this.rate = 1 } #hidden = 1 }")).to.equal(undefined);
  });

  it("can't be derived from one of JavaScript's own, but Object", () => {
    expect(construction("class Last extends Map { size2() {} }")).to.deep.equal({
      kind: "nativeBase",
      what: "the class Last, derived from Map",
    });
    expect(
      construction(
        "class Base extends Error { constructor() { super() } m() {} } class Last extends Base { constructor() { super() } n() {} }",
      ),
    ).to.deep.equal({
      kind: "nativeBase",
      what: "the class Last, derived from Error",
    });
    expect(construction("class Last extends Object { m() {} }")).to.equal(undefined);
    expect(construction("class Last { m() {} }")).to.equal(undefined);
    expect(construction("class Last extends null { m() {} }")).to.equal(undefined);
  });

  it("needs a constructor of its own where its base's does something: Pulumi's passes nothing on", () => {
    const inherited = { kind: "inheritedConstructor", what: "the class Last, derived from Base" };

    expect(construction("class Base { constructor(a) { this.a = a } } class Last extends Base { m() {} }")).to.deep.equal(inherited);
    expect(construction("class Base { constructor() { this.a = arguments[0] } } class Last extends Base { m() {} }")).to.deep.equal(
      inherited,
    );
    expect(construction("class Base { a = 1 } class Last extends Base { m() {} }")).to.deep.equal(inherited);
    // What is no class as written may do anything.
    expect(construction("function Base() {} class Last extends Base { m() {} }")).to.deep.equal(inherited);
    expect(construction("class Base { constructor() { this.a = 1 } } class Last extends Base { m() {} }")).to.equal(undefined);
    expect(construction("class Base { constructor(a) {} } class Last extends Base { constructor() { super(1) } m() {} }")).to.equal(
      undefined,
    );
    expect(
      construction(
        "class First { constructor(a) {} } class Base extends First { constructor() { super(1) } } class Last extends Base { m() {} }",
      ),
    ).to.deep.equal({ ...inherited, what: "the class Last, derived from First" });
  });

  it("loses what it inherits where it adds no method to it", () => {
    expect(construction("class Base { m() {} } class Last extends Base {}")).to.deep.equal({
      kind: "inheritedMethods",
      what: "the class Last, derived from Base",
    });
    expect(construction("class Base {} class Last extends Base {}")).to.equal(undefined);
    expect(construction("class Base { m() {} } class Last extends Base { n() {} }")).to.equal(undefined);
  });

  it("can't read a getter of its base by super, but call its methods", () => {
    const base = "class Base { get total() { return 1 } sum() { return 1 } of() { return this.sum } } class Last extends Base";

    expect(construction(`${base} { all() { return super.total } }`)).to.deep.equal({
      kind: "superGetter",
      what: "the class Last with super.total",
    });
    expect(construction(`${base} { all() { return super.sum() } }`)).to.equal(undefined);
    expect(construction(`${base} { all() { return super.sum } }`)).to.equal(undefined);
    expect(construction(`${base} { all() { return String(super.total) } }`)?.kind).to.equal("superGetter");
    expect(construction(`${base} { all() { return this.total } }`)).to.equal(undefined);
    expect(
      construction(
        "class First { get total() { return 1 } } class Base extends First { m() {} } class Last extends Base { all() { return super.total } }",
      )?.kind,
    ).to.equal("superGetter");
  });
});
