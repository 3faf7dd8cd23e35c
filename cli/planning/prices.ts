import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { priceOf, pricesAsOf, pricesRegion } from "../../components/prices";
import { hasCredentials } from "../aws";
import { UsageError } from "../failure";

/** Prices of instances, and where they come from. */
export interface Prices {
  /** US dollars per hour and instance; undefined for a type whose price is not known. */
  usdPerHour: (instanceType: string) => number | undefined;
  /** Where the prices come from and of when they are, for people. */
  source: string;
}

/** What decides which prices are used. */
export interface PriceOptions {
  /** US dollars per hour by type: the user's win. */
  given: Readonly<Record<string, number>>;
  /** What is paid of the list price, such as 0.7 with a savings plan. @default 1 */
  factor?: number | undefined;
  /** Where the endpoint runs; undefined when nothing says so. */
  region: string | undefined;
  environment: NodeJS.ProcessEnv;
  /** Whether AWS may be asked: not where the endpoint is in an embedded cloud. */
  askAws: boolean;
  signal?: AbortSignal;
}

/** A price and when AWS's list had it. */
interface Listed {
  usdPerHour: number;
  asOf: string;
}

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
export async function readPrices(types: readonly string[], options: PriceOptions): Promise<Prices> {
  const { given, factor = 1, region } = options;
  const asked = types.filter((type) => given[type] === undefined);
  const listed = region !== undefined && options.askAws && asked.length > 0 ? await fromAws(asked, region, options) : {};
  const fromList = asked.filter((type) => listed[type] !== undefined);
  const shipped = asked.filter((type) => listed[type] === undefined && priceOf(type) !== undefined);
  const oldest = fromList.map((type) => (listed[type] as Listed).asOf).sort()[0];
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
export function readGivenPrices(pairs: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, type, usd] = /^(ml\.[a-z0-9-]+\.[a-z0-9]+)=(\d+(?:\.\d+)?)$/.exec(pair) ?? [];
      if (type === undefined || usd === undefined) {
        throw new UsageError(
          `--price: got ${JSON.stringify(pair)}, expected an instance type and dollars per hour, such as ml.g6e.xlarge=2.6`,
        );
      }
      return [type, Number(usd)] as const;
    }),
  );
}

/** What AWS's price list says, or said within the last days; empty where it can't be asked. */
async function fromAws(types: readonly string[], region: string, options: PriceOptions): Promise<Record<string, Listed>> {
  const file = cacheFile(region, options.environment);
  const kept = readKept(file);
  const fresh = (type: string) => kept[type] !== undefined && Date.now() - Date.parse(kept[type].asOf) < keptMilliseconds;
  const missing = types.filter((type) => !fresh(type));
  const found: Record<string, Listed> = Object.fromEntries(types.filter(fresh).map((type) => [type, kept[type] as Listed]));
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

async function askPriceList(types: readonly string[], region: string, abortSignal: AbortSignal): Promise<Record<string, Listed>> {
  const { PricingClient, GetProductsCommand } = await import("@aws-sdk/client-pricing");
  const client = new PricingClient({ region: priceListRegion });
  const asOf = new Date().toISOString();
  try {
    const prices = types.map(async (type) => {
      const filter = (Field: string, Value: string) => ({ Type: "TERM_MATCH" as const, Field, Value });
      const Filters = [filter("regionCode", region), filter("instanceName", type)];
      const { PriceList = [] } = await client.send(new GetProductsCommand({ ServiceCode: "AmazonSageMaker", Filters }), { abortSignal });
      const usdPerHour = hostingPrice(PriceList.map(String));
      return usdPerHour === undefined ? [] : [[type, { usdPerHour, asOf }] as const];
    });
    return Object.fromEntries((await Promise.all(prices)).flat());
  } finally {
    client.destroy();
  }
}

/** A product of the price list, as far as it is read here. */
interface Product {
  product?: { attributes?: { usagetype?: string } };
  terms?: { OnDemand?: Record<string, { priceDimensions?: Record<string, { unit?: string; pricePerUnit?: { USD?: string } }> }> };
}

/**
 * The price of hosting among the uses of an instance type: its usage type is `Host:ml.…`, behind the region's abbreviation.
 *
 * @param products JSON documents, as GetProducts answers
 */
export function hostingPrice(products: readonly string[]): number | undefined {
  for (const text of products) {
    const { product, terms } = JSON.parse(text) as Product;
    if (!/(^|-)Host:ml\./.test(product?.attributes?.usagetype ?? "")) continue;
    const dimensions = Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions = {} }) => Object.values(priceDimensions));
    const price = Number(dimensions.find(({ unit }) => /^h(ou)?rs?$/i.test(unit ?? ""))?.pricePerUnit?.USD);
    if (price > 0) return price;
  }
  return undefined;
}

function cacheFile(region: string, { XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string {
  const folder = XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== "" ? XDG_CACHE_HOME : path.join(HOME ?? homedir(), ".cache");
  return path.join(folder, "sagemaker-async", `prices-${region}.json`);
}

function readKept(file: string): Record<string, Listed | undefined> {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Listed>) : {};
  } catch {
    // What was cut off in the middle is asked for again.
    return {};
  }
}

function write(file: string, prices: Record<string, Listed | undefined>): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(prices));
  } catch {
    // A home that can't be written to only costs the next plan a question.
  }
}
