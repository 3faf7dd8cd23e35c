import { expect } from "chai";
import { readFileSync } from "node:fs";
import { apis, callApi, isAnswered, operationsPath, withOperations } from "../../../docs/operations";
import { EmbeddedCloud } from "../../../local/embeddedCloud";
import { testProgram } from "../../support/cloudContext";

describe("the tables of actions", () => {
  const answered = new Map<string, string[]>();
  let cloud: EmbeddedCloud;
  let roleKey: string;
  let sessionToken = "";

  before(async () => {
    cloud = await EmbeddedCloud.start();
    const assumeRolePolicy = { Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "000000000000" } }] };
    const type = "aws:iam/role:Role";
    const inputs = { name: "empty", assumeRolePolicy };
    await cloud.resources.resources?.[type]?.create({ urn: "", type, name: "empty", inputs, program: testProgram });
    const sts = apis.find(({ title }) => title === "STS") ?? expect.fail("no STS");
    const body = "Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/empty&RoleSessionName=tests";
    const assuming = { ...sts, call: (operation: string) => ({ ...sts.call(operation), body }) };
    const { text } = await callApi(cloud.endpointUrl, assuming, "AssumeRole");
    sessionToken = /<SessionToken>(.*)<\/SessionToken>/.exec(text)?.[1] ?? expect.fail(text);
    roleKey = /<AccessKeyId>(.*)<\/AccessKeyId>/.exec(text)?.[1] ?? expect.fail(text);
  });
  after(() => cloud.close());

  for (const api of apis) {
    it(`have every operation of ${api.title} that the cloud carries out: an empty role is denied each`, async () => {
      const carriedOut: string[] = [];
      answered.set(api.title, carriedOut);
      for (const operation of api.operations) {
        if (!(await isAnswered(cloud.endpointUrl, api, operation))) continue;
        carriedOut.push(operation);
        const { status, text } = await callApi(cloud.endpointUrl, api, operation, roleKey, sessionToken);
        // A HEAD has no body to say it in.
        if (api.call(operation).method === "HEAD" && status === 403) continue;
        // The signature alone lets a caller ask who it is; and a batch of nothing needs nothing.
        if (/^(GetCallerIdentity|Batch(Get|Write)Item)$/.test(operation)) continue;
        expect(text, `${operation} ${status}`).to.match(/is not authorized to perform: /);
      }
      expect(carriedOut.length).to.be.greaterThan(1);
    });
  }

  it("are told in docs/operations.md, each operation that is carried out and no other: npm run docs writes it", async () => {
    const page = readFileSync(operationsPath, "utf8");
    expect(page).to.equal(await withOperations(page, answered));
  });
});
