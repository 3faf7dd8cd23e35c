import { expect } from "chai";
import { terraformTypes } from "../../docs/terraform";
import type { Created } from "../../local/resources";
import { cases } from "./cases";
import { comparable, startWireCloud, told, type WireCase } from "./cloud";

type WireCloud = Awaited<ReturnType<typeof startWireCloud>>;

/** What was read of one resource. */
interface Seen {
  made: unknown;
  changed: unknown;
  gone: unknown;
}

describe("the control plane, which programs and the AWS provider make the same things by", function () {
  this.timeout(60_000);
  let clouds: WireCloud[];
  const byProgram = new Map<string, Seen>();
  const byProvider = new Map<string, Seen>();
  const seen = (by: Map<string, Seen>, { type }: WireCase) => by.get(type) as Seen;

  before(async () => {
    // One each: a queue's name is not free at once.
    clouds = await Promise.all([startWireCloud(), startWireCloud()]);
    const [programs, providers] = clouds as [WireCloud, WireCloud];
    const made: [WireCase, Created][] = [];
    for (const each of cases) {
      const created = await programs.program.create(each);
      const before = comparable(await each.read(programs.clients));
      made.push([each, await programs.program.update(each, created)]);
      byProgram.set(each.type, { made: before, changed: comparable(await each.read(programs.clients)), gone: undefined });
    }
    for (const [each, created] of made.reverse()) {
      await programs.program.delete(each, created);
      seen(byProgram, each).gone = await each.read(programs.clients).then(comparable, told);
    }

    for (const each of cases) {
      await each.create(providers.clients);
      const before = comparable(await each.read(providers.clients));
      await each.change?.call(providers.clients);
      byProvider.set(each.type, { made: before, changed: comparable(await each.read(providers.clients)), gone: undefined });
    }
    for (const each of [...cases].reverse()) {
      await each.delete(providers.clients);
      seen(byProvider, each).gone = await each.read(providers.clients).then(comparable, told);
    }
  });
  after(() => Promise.all(clouds.map((cloud) => cloud.close())));

  for (const { type, gone } of cases) {
    it(`reads ${type} the same, by whichever door it was made and changed, and not once it is deleted`, () => {
      expect(byProvider.get(type)).to.deep.equal(byProgram.get(type));
      expect(byProvider.get(type)?.gone).to.deep.equal(gone);
    });
  }

  it("is tried with every type that a program can have here, the project's own among them", () => {
    const tried = cases.map(({ type }) => type);
    expect([...tried].sort()).to.deep.equal(clouds[0]?.types.filter((type) => type.startsWith("aws:")).sort());
    expect(Object.keys(terraformTypes).filter((type) => type.startsWith("aws:") && !tried.includes(type))).to.deep.equal([]);
  });

  it("answers with nothing that the service's API model does not have", () => {
    expect([...new Set(clouds.flatMap(({ problems }) => problems))]).to.deep.equal([]);
  });
});
