import { expect } from "chai";
import { autoscaling } from "../../../local/identity/actions/autoscaling";
import type { ResourceFacts } from "../../../local/identity/actions/table";

const sagemaker = "arn:aws:sagemaker:eu-west-1:000000000000";

describe("what registering a scalable target takes", () => {
  const needsWith = (factsOf: (arn: string) => ResourceFacts | undefined) => {
    const body = Buffer.from(JSON.stringify({ ServiceNamespace: "sagemaker", ResourceId: "endpoint/Ocr/variant/AllTraffic" }));
    const headers = { "x-amz-target": "AnyScaleFrontendService.RegisterScalableTarget" };
    const request = { method: "POST", path: "/", query: new URLSearchParams(), headers, body, accessKeyId: undefined };
    const needs = autoscaling(request, { region: "eu-west-1", accountId: "000000000000", factsOf }) ?? [];
    return needs.filter(({ action }) => action === "sagemaker:DescribeEndpointConfig").map(({ resource }) => resource);
  };

  it("asks for the configuration that the endpoint serves: a deployer needs no other's", () => {
    const endpointConfigArn = `${sagemaker}:endpoint-config/ocr-1`;
    expect(needsWith((arn) => (arn === `${sagemaker}:endpoint/ocr` ? { endpointConfigArn } : undefined))).to.deep.equal([
      endpointConfigArn,
    ]);
  });

  it("asks for any where there is no such endpoint, so that nobody learns of it", () => {
    expect(needsWith(() => undefined)).to.deep.equal([`${sagemaker}:endpoint-config/*`]);
  });
});
