import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { mocks, resourcesOf } from "../../testing";
import { deploy } from "../../doubles/deploy";

describe("mocks for unit tests of programs", () => {
  it("have every resource of a service registered, with the inputs that it has on AWS", async () => {
    const program = () => new AsyncInference("ocr", { image: "ocr:1", maxCapacity: 2 });
    const resources = await resourcesOf(program);
    const { resources: onAws, components } = await deploy(async () => void program());

    expect(
      resources
        .filter(({ isComponent }) => !isComponent)
        .map(({ type, name }) => `${type} ${name}`)
        .sort(),
    ).to.deep.equal(onAws.map(({ type, name }) => `${type} ${name}`).sort());
    expect(resources.filter(({ isComponent }) => isComponent).length).to.equal(components.length - 1);
    expect(resources.find(({ type }) => type === "aws:appautoscaling/target:Target")?.inputs).to.deep.include({ maxCapacity: 2 });
  });

  it("answer with names, ARNs and data of the region and account that the test is about", async () => {
    const [, rule] = await resourcesOf(
      () => {
        const topic = new aws.sns.Topic("orders");
        const { accountId } = aws.getCallerIdentityOutput();
        const { partition } = aws.getPartitionOutput();
        new aws.cloudwatch.EventRule("rule", { description: pulumi.interpolate`${topic.arn} ${accountId} ${partition}` });
      },
      { region: "cn-north-1", accountId: "999999999999" },
    );

    expect(rule?.inputs["description"]).to.equal("arn:aws-cn:sns:cn-north-1:999999999999:orders-0a1b2c3 999999999999 aws-cn");
  });

  it("have settings, other stacks, and answers of the test's own", async () => {
    const [parameter] = (
      await resourcesOf(
        async () => {
          const stack = new pulumi.StackReference("acme/network/prod");
          const zones = aws.getAvailabilityZonesOutput();
          const key = new aws.kms.Key("key");
          const size = new pulumi.Config("mine").require("size");
          new aws.ssm.Parameter("parameter", {
            type: "String",
            value: pulumi.secret(pulumi.interpolate`${stack.requireOutput("vpc")} ${zones.names[0]} ${key.keyId} ${size}`),
          });
        },
        {
          project: "mine",
          config: { "mine:size": "2" },
          stacks: { "acme/network/prod": { vpc: "vpc-1" } },
          call: ({ token }) => (token.includes("getAvailabilityZones") ? { names: ["eu-west-1a"] } : undefined),
          state: ({ type }) => (type === "aws:kms/key:Key" ? { keyId: "key-1" } : undefined),
        },
      )
    ).filter(({ type }) => type === "aws:ssm/parameter:Parameter");

    expect(parameter).to.deep.include({ secretInputs: ["value"], isComponent: false });
    expect(parameter?.inputs["value"]).to.equal("vpc-1 eu-west-1a key-1 2");
  });

  it("say which stack or data source has no answer, and where to give it", async () => {
    const failure = (program: () => unknown) => resourcesOf(program).then(String, (error: Error) => error.message);

    expect(await failure(() => new pulumi.StackReference("acme/network/prod").requireOutput("vpc"))).to.contain(
      "There is no stack acme/network/prod: give its outputs in the option stacks of mocks(), which has none.",
    );
    expect(await failure(() => aws.getAvailabilityZones())).to.contain(
      "There is no answer for the data source aws:index/getAvailabilityZones:getAvailabilityZones: give one in the option call of mocks().",
    );
  });

  it("reject when a handler can't run in Lambda, and leave the listeners of the test's runner as they were", async () => {
    const listeners = process.listeners("unhandledRejection");
    const prices = new Map([["page", 1]]);
    const program = () => new AsyncInference("ocr", { image: "ocr:1" }).onCompleted("store", () => void prices.get("page"));

    expect(await resourcesOf(program).then(String, (error: Error) => error.message)).to.match(
      /^The handler ocr-completed-store can't run in Lambda:\n {2}prices: got a Map/,
    );
    expect(process.listeners("unhandledRejection")).to.deep.equal(listeners);
  });

  it("work with Pulumi's own setMocks", async () => {
    await pulumi.runtime.setMocks(mocks(), "project", "test");
    const topic = new aws.sns.Topic("orders");

    expect(await new Promise((resolve) => topic.arn.apply(resolve))).to.equal("arn:aws:sns:eu-west-1:123456789012:orders-0a1b2c3");
  });
});
