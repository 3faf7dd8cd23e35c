import { expect } from "chai";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { servingPrice } from "../../../cli/planning/priceList";
import { readPrices } from "../../../cli/planning/prices";
import { temporaryFolder } from "../support";

/**
 * A product as GetProducts answers it, a JSON document in a string. The shape is that of the example of the API reference, the attributes
 * those of SageMaker's offer: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
 */
function product(usagetype: string, prices: readonly string[], unit = "Hrs"): string {
  const sku = Buffer.from(usagetype).toString("hex").slice(-16).toUpperCase();
  const terms = prices.map((USD, index) => {
    const term = `${sku}.JRTCKXETX${index}`;
    const rate = `${term}.6YS6EN2CT7`;
    const dimension = { unit, endRange: "Inf", beginRange: "0", appliesTo: [], rateCode: rate, description: "", pricePerUnit: { USD } };
    return [term, { priceDimensions: { [rate]: dimension }, sku, offerTermCode: "JRTCKXETXF", termAttributes: {} }] as const;
  });
  const attributes = { servicecode: "AmazonSageMaker", regionCode: "eu-west-3", instanceName: "ml.g6.xlarge", usagetype };
  return JSON.stringify({
    product: { productFamily: "ML Instance", attributes, sku },
    serviceCode: "AmazonSageMaker",
    terms: { OnDemand: Object.fromEntries(terms) },
    version: "20261004120000",
    publicationDate: "2026-10-04T12:00:00Z",
  });
}

describe("AWS's price list", () => {
  it("has a price of asynchronous endpoints by itself, among all that an instance type is used for", () => {
    const products = [
      product("EUW3-Notebk:ml.g6.xlarge", ["9"]),
      product("EUW3-Host:ml.g6.xlarge", ["1.5"]),
      product("EUW3-AsyncInf:ml.g6.xlarge", ["1.4302000000"]),
      product("EUW3-Train:ml.g6.xlarge", ["8"]),
    ];
    expect(servingPrice(products, "ml.g6.xlarge")).to.equal(1.4302);
    expect(servingPrice(products.slice(0, 2), "ml.g6.xlarge"), "where it isn't listed: that of other endpoints").to.equal(1.5);
    expect(servingPrice([product("AsyncInf:ml.g6.xlarge", ["1.1"])], "ml.g6.xlarge"), "us-east-1 once had no prefix").to.equal(1.1);
  });

  it("has products that are none of them: another type's, a free tier, what is not by the hour, or no JSON", () => {
    expect(servingPrice([product("EUW3-AsyncInf:ml.g6.xlarge-AsyncInfParent", ["1"])], "ml.g6.xlarge")).to.equal(undefined);
    expect(servingPrice([product("EUW3-AsyncInf:ml.g6.2xlarge", ["1"])], "ml.g6.xlarge")).to.equal(undefined);
    expect(servingPrice([product("EUW3-Host:ml.g6.xlarge", ["0.0000000000"])], "ml.g6.xlarge")).to.equal(undefined);
    expect(servingPrice([product("EUW3-Host:ml.g6.xlarge", ["0.0000000000", "2"])], "ml.g6.xlarge")).to.equal(2);
    expect(servingPrice([product("EUW3-Host:ml.g6.xlarge", ["1"], "GB-Mo")], "ml.g6.xlarge")).to.equal(undefined);
    expect(servingPrice(["{", "null", "[]", product("Host:ml.g6.xlarge", ["3"])], "ml.g6.xlarge")).to.equal(3);
  });

  describe("asked by the SDK", () => {
    const folder = temporaryFolder();
    const asked: { target: string; scope: string; body: Record<string, unknown> }[] = [];
    let answers: { status: number; body: object }[] = [];
    let server: Server;
    let environment: NodeJS.ProcessEnv;
    beforeEach(async () => {
      asked.length = 0;
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const { "x-amz-target": target = "", authorization = "" } = request.headers;
          const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
          asked.push({ target: String(target), scope: /\/(\w+-\w+-\d\/\w+)\/aws4/.exec(authorization)?.[1] ?? "", body });
          const answer = answers.shift() ?? { status: 500, body: {} };
          response.writeHead(answer.status, { "Content-Type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer.body));
        });
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      environment = process.env;
      process.env = {
        ...process.env,
        AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
        AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        AWS_ENDPOINT_URL_PRICING: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
        XDG_CACHE_HOME: folder.path,
      };
    });
    afterEach(async () => {
      process.env = environment;
      await once(server.close(), "close");
    });
    after(() => folder.remove());
    const prices = (region: string) => readPrices(["ml.g6.xlarge"], { given: {}, region, environment: process.env, askAws: true });

    it("is read to its last page, in the one region that answers, and then kept with its date", async () => {
      answers = [
        { status: 200, body: { FormatVersion: "aws_v1", NextToken: "more=", PriceList: [product("EUW3-Train:ml.g6.xlarge", ["8"])] } },
        { status: 200, body: { FormatVersion: "aws_v1", PriceList: [product("EUW3-AsyncInf:ml.g6.xlarge", ["1.4302000000"])] } },
      ];
      const { usdPerHour, source } = await prices("eu-west-3");
      expect(usdPerHour("ml.g6.xlarge")).to.equal(1.4302);
      const today = new Date().toISOString().slice(0, 10);
      expect(source).to.equal(`AWS's price list of eu-west-3, ${today}`);
      const Filters = [
        { Type: "TERM_MATCH", Field: "regionCode", Value: "eu-west-3" },
        { Type: "TERM_MATCH", Field: "instanceName", Value: "ml.g6.xlarge" },
      ];
      const first = { ServiceCode: "AmazonSageMaker", Filters };
      expect(asked).to.deep.equal([
        { target: "AWSPriceListService.GetProducts", scope: "us-east-1/pricing", body: first },
        { target: "AWSPriceListService.GetProducts", scope: "us-east-1/pricing", body: { ...first, NextToken: "more=" } },
      ]);
      expect((await prices("eu-west-3")).usdPerHour("ml.g6.xlarge"), "not asked again").to.equal(1.4302);
      expect(asked.length).to.equal(2);
      const kept = JSON.parse(readFileSync(path.join(folder.path, "sagemaker-async", "prices-eu-west-3.json"), "utf8")) as object;
      expect(kept).to.have.nested.property("ml\\.g6\\.xlarge.usdPerHour", 1.4302);
    });

    it("costs no plan its prices when it refuses: the shipped ones are used, and why is said", async () => {
      answers = [{ status: 400, body: { __type: "AccessDeniedException", Message: "no" } }];
      const { usdPerHour, source } = await prices("eu-west-1");
      expect(usdPerHour("ml.g6.xlarge")).to.equal(1.127);
      expect(source).to.equal(
        "list prices of us-east-1, October 2025, not of eu-west-1; AWS's price list could not be asked (these credentials lack pricing:GetProducts)",
      );
    });

    it("may know no such type in a region", async () => {
      answers = [{ status: 200, body: { FormatVersion: "aws_v1", PriceList: [] } }];
      expect((await prices("eu-south-1")).source).to.equal("list prices of us-east-1, October 2025, not of eu-south-1");
    });
  });
});
