import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { priceOf, pricesAsOf, pricesRegion } from "../../components/prices";
import { hasCredentials } from "../aws";
import { UsageError } from "../failure";
import { askPriceList } from "./priceList";

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
  /** Whether AWS may be asked: not where the endpoint is in an embedded cloud. `kept`: only what it said within the last days. */
  askAws: boolean | "kept";
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
/**
 * The prices of some instance types: the user's, else AWS's price list where there are credentials for it (kept for a week), else those
 * that are shipped.
 */
export async function readPrices(types: readonly string[], options: PriceOptions): Promise<Prices> {
  const { given, factor = 1, region } = options;
  const asked = types.filter((type) => given[type] === undefined);
  const { listed, refusal } = await fromAws(asked, options);
  const fromList = asked.filter((type) => listed[type] !== undefined);
  const shipped = asked.filter((type) => listed[type] === undefined && priceOf(type) !== undefined);
  const oldest = fromList.map((type) => (listed[type] as Listed).asOf).sort()[0];
  const elsewhere = region === undefined || region === pricesRegion ? "" : `, not of ${region}`;
  const sources = [
    ...(asked.length < types.length ? ["your own"] : []),
    ...(oldest === undefined ? [] : [`AWS's price list of ${region}, ${oldest.slice(0, 10)}`]),
    ...(shipped.length > 0 ? [`list prices of ${pricesRegion}, ${pricesAsOf}${elsewhere}`] : []),
    ...(refusal === undefined ? [] : [`AWS's price list could not be asked (${refusal})`]),
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

/** What AWS's price list says, or said within the last days, and why it could not be asked. */
async function fromAws(
  types: readonly string[],
  { region, environment, askAws, signal }: PriceOptions,
): Promise<{ listed: Record<string, Listed>; refusal?: string }> {
  if (region === undefined || askAws === false || types.length === 0) return { listed: {} };
  const file = cacheFile(region, environment);
  const kept = readKept(file);
  const fresh = (type: string) => kept[type] !== undefined && Date.now() - Date.parse(kept[type].asOf) < keptMilliseconds;
  const missing = types.filter((type) => !fresh(type));
  const listed: Record<string, Listed> = Object.fromEntries(types.filter(fresh).map((type) => [type, kept[type] as Listed]));
  if (missing.length === 0 || askAws === "kept" || !hasCredentials(environment)) return { listed };
  try {
    const signals = [AbortSignal.timeout(askMilliseconds), ...(signal === undefined ? [] : [signal])];
    const asOf = new Date().toISOString();
    const answered = await askPriceList(missing, region, AbortSignal.any(signals));
    const asked = Object.fromEntries(Object.entries(answered).map(([type, usdPerHour]) => [type, { usdPerHour, asOf }]));
    write(file, { ...kept, ...asked });
    return { listed: { ...listed, ...asked } };
  } catch (error) {
    // Without the package, the permission or the network the shipped prices are what there is.
    return { listed, refusal: refusalOf(error) };
  }
}

/** Why, in a few words: the user has prices all the same. */
function refusalOf(error: unknown): string {
  const { code, name, message } = error as Error & { code?: string };
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") return "@aws-sdk/client-pricing is not installed";
  if (name === "TimeoutError" || name === "AbortError") return `no answer within ${askMilliseconds / 1000} s`;
  if (name === "AccessDeniedException") return "these credentials lack pricing:GetProducts";
  return code ?? (name === "Error" ? message : name);
}

function cacheFile(region: string, { XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string {
  const folder = XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== "" ? XDG_CACHE_HOME : path.join(HOME ?? homedir(), ".cache");
  return path.join(folder, "sagemaker-async", `prices-${region}.json`);
}

function readKept(file: string): Record<string, Listed | undefined> {
  try {
    if (!existsSync(file)) return {};
    const kept = Object.entries((JSON.parse(readFileSync(file, "utf8")) ?? {}) as Record<string, Partial<Listed> | null>);
    return Object.fromEntries(kept.filter((entry): entry is [string, Listed] => Number(entry[1]?.usdPerHour) > 0));
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
