import { expect } from "chai";
import type { Created } from "../../local/resources";
import { comparable, startWireCloud, told, type WireCase } from "./cloud";
import { iamCases } from "./cases/iam";
import { messagingCases } from "./cases/messaging";
import { sageMakerCases } from "./cases/sagemaker";
import { scalingCases } from "./cases/scaling";

/** In the order in which one needs the other. */
const cases: readonly WireCase[] = [...iamCases, ...messagingCases, ...sageMakerCases, ...scalingCases];

describe("the control plane, which programs and the AWS provider make the same things by", function () {
  this.timeout(60_000);
  let cloud: Awaited<ReturnType<typeof startWireCloud>>;
  const byProgram = new Map<string, { made: unknown; changed: unknown }>();
  const byProvider = new Map<string, { made: unknown; changed: unknown; gone: unknown }>();

  before(async () => {
    cloud = await startWireCloud();
    const read = async ({ read: ask }: WireCase) => comparable(await ask(cloud.clients));
    const made: [WireCase, Created][] = [];
    for (const each of cases) {
      const created = await cloud.program.create(each);
      const before = await read(each);
      made.push([each, await cloud.program.update(each, created)]);
      byProgram.set(each.type, { made: before, changed: await read(each) });
    }
    for (const [each, created] of made.reverse()) await cloud.program.delete(each, created);

    for (const each of cases) {
      await each.create(cloud.clients);
      const before = await read(each);
      await each.change?.call(cloud.clients);
      byProvider.set(each.type, { made: before, changed: await read(each), gone: undefined });
    }
    for (const each of [...cases].reverse()) {
      await each.delete(cloud.clients);
      const gone = await each.read(cloud.clients).then(comparable, told);
      byProvider.set(each.type, { ...(byProvider.get(each.type) as { made: unknown; changed: unknown }), gone });
    }
  });
  after(() => cloud.close());

  for (const { type, gone } of cases) {
    it(`reads ${type} the same, by whichever door it was made and changed, and not once it is deleted`, () => {
      const { made, changed, gone: afterwards } = byProvider.get(type) ?? {};
      expect({ made, changed }).to.deep.equal(byProgram.get(type));
      expect(afterwards).to.deep.equal(gone);
    });
  }

  it("answers with nothing that the service's API model does not have", () => {
    expect([...new Set(cloud.problems)]).to.deep.equal([]);
  });
});
