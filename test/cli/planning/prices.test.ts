import { expect } from "chai";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readGivenPrices, readPrices, type PriceOptions } from "../../../cli/planning/prices";
import { gpuInstances } from "../../../components/instanceTypes";
import { priceOf } from "../../../components/prices";
import { temporaryFolder } from "../support";

describe("the prices of a plan", () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const options = (added: Partial<PriceOptions> = {}): PriceOptions => ({
    given: {},
    region: "us-east-1",
    environment: { HOME: folder.path, XDG_CACHE_HOME: path.join(folder.path, "cache") },
    askAws: true,
    ...added,
  });

  it("are those that are shipped, with their date and their region, where nobody can be asked", async () => {
    const { usdPerHour, source } = await readPrices(["ml.g5.2xlarge"], options());
    expect(usdPerHour("ml.g5.2xlarge")).to.equal(1.515);
    expect(source).to.equal("list prices of us-east-1, October 2025");
    const elsewhere = await readPrices(["ml.g5.2xlarge"], options({ region: "eu-west-1" }));
    expect(elsewhere.source).to.equal("list prices of us-east-1, October 2025, not of eu-west-1");
  });

  it("are never zero for a type that has none: it is named, with what to do", async () => {
    const { usdPerHour, source } = await readPrices(["ml.p5.48xlarge", "ml.g5.2xlarge"], options());
    expect(usdPerHour("ml.p5.48xlarge")).to.equal(undefined);
    expect(source).to.match(/; no price is known of ml\.p5\.48xlarge: give it with --price ml\.p5\.48xlarge=USD$/);
  });

  it("are the user's own where they are given, and a savings plan is a factor of all", async () => {
    const prices = await readPrices(
      ["ml.p5.48xlarge", "ml.g5.2xlarge"],
      options({ given: readGivenPrices(["ml.p5.48xlarge=60"]), factor: 0.5 }),
    );
    expect([prices.usdPerHour("ml.p5.48xlarge"), prices.usdPerHour("ml.g5.2xlarge")]).to.deep.equal([30, 0.7575]);
    expect(prices.source).to.equal("your own; list prices of us-east-1, October 2025; times 0.5");
    expect(() => readGivenPrices(["ml.g5.2xlarge"])).to.throw(
      '--price: got "ml.g5.2xlarge", expected an instance type and dollars per hour, such as ml.g6e.xlarge=2.6',
    );
  });

  it("are AWS's for as long as a list is fresh, and then asked for again", async () => {
    const file = path.join(folder.path, "cache", "sagemaker-async", "prices-eu-west-1.json");
    mkdirSync(path.dirname(file), { recursive: true });
    const keep = (asOf: Date) => writeFileSync(file, JSON.stringify({ "ml.g5.2xlarge": { usdPerHour: 1.69, asOf: asOf.toISOString() } }));
    const yesterday = new Date(Date.now() - 86_400_000);
    keep(yesterday);
    const { usdPerHour, source } = await readPrices(["ml.g5.2xlarge"], options({ region: "eu-west-1" }));
    expect(usdPerHour("ml.g5.2xlarge")).to.equal(1.69);
    expect(source).to.equal(`AWS's price list of eu-west-1, ${yesterday.toISOString().slice(0, 10)}`);
    keep(new Date(Date.now() - 8 * 86_400_000));
    expect((await readPrices(["ml.g5.2xlarge"], options({ region: "eu-west-1" }))).usdPerHour("ml.g5.2xlarge")).to.equal(1.515);
    expect(readFileSync(file, "utf8"), "without credentials nothing is asked and nothing written").to.contain("1.69");
    for (const broken of [
      "null",
      '{"ml.g5.2xlarge":',
      '{"ml.g5.2xlarge":{"usdPerHour":"","asOf":"2999-01-01"}}',
      '{"ml.g5.2xlarge":null}',
    ]) {
      writeFileSync(file, broken);
      expect((await readPrices(["ml.g5.2xlarge"], options({ region: "eu-west-1" }))).usdPerHour("ml.g5.2xlarge"), broken).to.equal(1.515);
    }
  });

  it("know each type of the catalogue as one that has a price or has none", () => {
    const table = readFileSync(path.join(__dirname, "../../../../components/prices.ts"), "utf8");
    for (const type of Object.keys(gpuInstances)) expect(table, type).to.contain(`"${type}":`);
    expect(priceOf("ml.g4dn.xlarge")).to.equal(0.7364);
    expect(priceOf("toString")).to.equal(undefined);
  });
});
