/** The price list has few addresses; it has the prices of all regions. https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-api.html */
const priceListRegion = "us-east-1";

/** A product of the price list, as far as it is read here. */
interface Product {
  product?: { attributes?: { usagetype?: string; regionCode?: string } };
  terms?: { OnDemand?: Record<string, { priceDimensions?: Record<string, { unit?: string; pricePerUnit?: { USD?: string } }> }> };
}

/**
 * Asks AWS's price list what an instance of each type costs in a region while it serves an asynchronous endpoint.
 *
 * @returns US dollars per hour by type, without the types that the list has no such price of
 * @throws what the SDK throws: no package, no permission for `pricing:GetProducts`, no network
 */
export async function askPriceList(types: readonly string[], region: string, abortSignal: AbortSignal): Promise<Record<string, number>> {
  const { PricingClient, paginateGetProducts } = await import("@aws-sdk/client-pricing");
  const client = new PricingClient({ region: priceListRegion });
  try {
    const prices = types.map(async (type) => {
      const filter = (Field: string, Value: string) => ({ Type: "TERM_MATCH" as const, Field, Value });
      const Filters = [filter("regionCode", region), filter("instanceName", type)];
      const products: string[] = [];
      // An instance type is a product for each use: notebooks, training, processing and more. A page may have only a part of them.
      for await (const page of paginateGetProducts({ client }, { ServiceCode: "AmazonSageMaker", Filters }, { abortSignal })) {
        const { PriceList = [] } = page as { PriceList?: unknown[] };
        products.push(...PriceList.map(String));
      }
      const usdPerHour = servingPrice(products, type);
      return usdPerHour === undefined ? [] : [[type, usdPerHour] as const];
    });
    return Object.fromEntries((await Promise.all(prices)).flat());
  } finally {
    client.destroy();
  }
}

/**
 * The price of serving among the uses of an instance type. Asynchronous endpoints have a usage type of their own, such as
 * `USE1-AsyncInf:ml.g6e.2xlarge`. Where a region's list has none of that type, that of all other endpoints (`USE1-Host:ml.…`) is taken:
 * where both are listed they are the same.
 *
 * @param products JSON documents, as GetProducts answers
 */
export function servingPrice(products: readonly string[], instanceType: string): number | undefined {
  const prices = new Map<string, number>();
  for (const text of products) {
    const { product, terms } = productIn(text);
    const usage = (product?.attributes?.usagetype ?? "").replace(/^[A-Z0-9]+-/, "");
    const dimensions = Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions = {} }) => Object.values(priceDimensions));
    const hourly = dimensions.filter(({ unit }) => /^h(ou)?rs?$/i.test(unit ?? "")).map(({ pricePerUnit }) => Number(pricePerUnit?.USD));
    // A free tier has terms of its own at no price.
    const paid = hourly.find((usd) => usd > 0 && usd < Infinity);
    if (paid !== undefined) prices.set(usage, paid);
  }
  return prices.get(`AsyncInf:${instanceType}`) ?? prices.get(`Host:${instanceType}`);
}

/** One that can't be read is none: the others may have the price. */
function productIn(text: string): Product {
  try {
    return (JSON.parse(text) ?? {}) as Product;
  } catch {
    return {};
  }
}
