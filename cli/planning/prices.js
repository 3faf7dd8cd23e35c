import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { priceOf, pricesAsOf, pricesRegion } from "../../components/prices";
import { hasCredentials } from "../aws";
import { UsageError } from "../failure";
/** Prices change a few times a year. */
const keptMilliseconds = 7 * 86_400_000;
/** A plan must not wait for a list that does not answer. */
const askMilliseconds = 10_000;
/** The price list has few addresses; it has the prices of all regions. https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-api.html */
const priceListRegion = "us-east-1";
/**
 * The prices of some instance types: the user's, else AWS's price list where there are credentials for it (kept for a week), else those
 * that are shipped.
 */
export async function readPrices(types, options) {
  const { given, factor = 1, region } = options;
  const asked = types.filter((type) => given[type] === undefined);
  const listed = region !== undefined && options.askAws && asked.length > 0 ? await fromAws(asked, region, options) : {};
  const fromList = asked.filter((type) => listed[type] !== undefined);
  const shipped = asked.filter((type) => listed[type] === undefined && priceOf(type) !== undefined);
  const oldest = fromList.map((type) => listed[type].asOf).sort()[0];
  const elsewhere = region === undefined || region === pricesRegion ? "" : `, not of ${region}`;
  const sources = [
    ...(asked.length < types.length ? ["your own"] : []),
    ...(oldest === undefined ? [] : [`AWS's price list of ${region}, ${oldest.slice(0, 10)}`]),
    ...(shipped.length > 0 ? [`list prices of ${pricesRegion}, ${pricesAsOf}${elsewhere}`] : []),
  ];
  const unknown = types.filter((type) => given[type] === undefined && listed[type] === undefined && priceOf(type) === undefined);
  const words = [
    ...(sources.length > 0 ? [`${sources.join("; ")}${factor === 1 ? "" : `; times ${factor}`}`] : []),
    ...(unknown.length > 0 ? [`no price is known of ${unknown.join(", ")}: give it with --price ${unknown[0]}=USD`] : []),
  ];
  return {
    usdPerHour: (type) => {
      const price = given[type] ?? listed[type]?.usdPerHour ?? priceOf(type);
      return price === undefined ? undefined : price * factor;
    },
    source: words.join("; "),
  };
}
/** Reads `--price type=usd`, repeatable. @throws UsageError */
export function readGivenPrices(pairs) {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, type, usd] = /^(ml\.[a-z0-9-]+\.[a-z0-9]+)=(\d+(?:\.\d+)?)$/.exec(pair) ?? [];
      if (type === undefined || usd === undefined) {
        throw new UsageError(
          `--price: got ${JSON.stringify(pair)}, expected an instance type and dollars per hour, such as ml.g6e.xlarge=2.6`,
        );
      }
      return [type, Number(usd)];
    }),
  );
}
/** What AWS's price list says, or said within the last days; empty where it can't be asked. */
async function fromAws(types, region, options) {
  const file = cacheFile(region, options.environment);
  const kept = readKept(file);
  const fresh = (type) => kept[type] !== undefined && Date.now() - Date.parse(kept[type].asOf) < keptMilliseconds;
  const missing = types.filter((type) => !fresh(type));
  const found = Object.fromEntries(types.filter(fresh).map((type) => [type, kept[type]]));
  if (missing.length === 0 || !hasCredentials(options.environment)) return found;
  try {
    const signals = [AbortSignal.timeout(askMilliseconds), ...(options.signal === undefined ? [] : [options.signal])];
    const asked = await askPriceList(missing, region, AbortSignal.any(signals));
    write(file, { ...kept, ...asked });
    return { ...found, ...asked };
  } catch {
    // Without the package, the permission or the network the shipped prices are what there is; their date is reported.
    return found;
  }
}
async function askPriceList(types, region, abortSignal) {
  const { PricingClient, GetProductsCommand } = await import("@aws-sdk/client-pricing");
  const client = new PricingClient({ region: priceListRegion });
  const asOf = new Date().toISOString();
  try {
    const prices = types.map(async (type) => {
      const filter = (Field, Value) => ({ Type: "TERM_MATCH", Field, Value });
      const Filters = [filter("regionCode", region), filter("instanceName", type)];
      const { PriceList = [] } = await client.send(new GetProductsCommand({ ServiceCode: "AmazonSageMaker", Filters }), { abortSignal });
      const usdPerHour = hostingPrice(PriceList.map(String));
      return usdPerHour === undefined ? [] : [[type, { usdPerHour, asOf }]];
    });
    return Object.fromEntries((await Promise.all(prices)).flat());
  } finally {
    client.destroy();
  }
}
/**
 * The price of hosting among the uses of an instance type: its usage type is `Host:ml.…`, behind the region's abbreviation.
 *
 * @param products JSON documents, as GetProducts answers
 */
export function hostingPrice(products) {
  for (const text of products) {
    const { product, terms } = JSON.parse(text);
    if (!/(^|-)Host:ml\./.test(product?.attributes?.usagetype ?? "")) continue;
    const dimensions = Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions = {} }) => Object.values(priceDimensions));
    const price = Number(dimensions.find(({ unit }) => /^h(ou)?rs?$/i.test(unit ?? ""))?.pricePerUnit?.USD);
    if (price > 0) return price;
  }
  return undefined;
}
function cacheFile(region, { XDG_CACHE_HOME, HOME }) {
  const folder = XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== "" ? XDG_CACHE_HOME : path.join(HOME ?? homedir(), ".cache");
  return path.join(folder, "sagemaker-async", `prices-${region}.json`);
}
function readKept(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  } catch {
    // What was cut off in the middle is asked for again.
    return {};
  }
}
function write(file, prices) {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(prices));
  } catch {
    // A home that can't be written to only costs the next plan a question.
  }
}
