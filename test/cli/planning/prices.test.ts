import { expect } from "chai";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hostingPrice, readGivenPrices, readPrices, type PriceOptions } from "../../../cli/planning/prices";
import { gpuInstances } from "../../../components/instanceTypes";
import { priceOf } from "../../../components/prices";
import { temporaryFolder } from "../support";

/** A product of AWS's price list, as GetProducts answers. */
const product = (usagetype: string, usd: string, unit = "Hrs") =>
  JSON.stringify({
    product: { productFamily: "ML Instance", attributes: { usagetype, instanceName: "ml.g6e.xlarge", regionCode: "eu-west-1" } },
    terms: { OnDemand: { "A.B": { priceDimensions: { "A.B.C": { unit, pricePerUnit: { USD: usd } } } } } },
  });

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
  });

  it("are those of hosting, among all that an instance type is used for", () => {
    const products = [
      product("EU-Notebk:ml.g6e.xlarge", "9"),
      product("EU-Train:ml.g6e.xlarge", "8"),
      product("EU-Host:ml.g6e.xlarge", "2.9"),
    ];
    expect(hostingPrice(products)).to.equal(2.9);
    expect(hostingPrice([product("USE1-Host:ml.g6e.xlarge", "1", "GB")]), "no price per hour").to.equal(undefined);
    expect(hostingPrice([product("Host:ml.g6e.xlarge", "0.0000000000")]), "free is not what an instance is").to.equal(undefined);
    expect(hostingPrice([])).to.equal(undefined);
  });

  it("know each type of the catalogue as one that has a price or has none", () => {
    const table = readFileSync(path.join(__dirname, "../../../../components/prices.ts"), "utf8");
    for (const type of Object.keys(gpuInstances)) expect(table, type).to.contain(`"${type}":`);
    expect(priceOf("ml.g4dn.xlarge")).to.equal(0.7364);
    expect(priceOf("toString")).to.equal(undefined);
  });
});
