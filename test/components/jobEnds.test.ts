import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { AsyncInferenceArgs } from "../../components/args";
import { AsyncInference } from "../../components/asyncInference";
import { policyRows } from "../../docs/policies";
import { webhookFunctionsOf } from "../../outputs";
import { deploy, type Deployment } from "../../doubles/deploy";
import { graphOf, inputsOf, topicFunction } from "../support/readable";

const run = (args: AsyncInferenceArgs = {}) => deploy(() => new AsyncInference("ocr", { image: "ocr:1", ...args }).outputs);

describe("what else hears of the ends of jobs", () => {
  let plain: Deployment;
  before(async () => {
    plain = await run();
  });

  /** What is registered besides what a service without it has; of that nothing is missing. */
  const added = (deployment: Deployment): string[] => {
    const usual = graphOf(plain);
    const actual = graphOf(deployment);
    expect(usual.filter((line) => !actual.includes(line))).to.deep.equal([]);
    return actual.filter((line) => !usual.includes(line));
  };
  const settingsOf = async (deployment: Deployment, name: string) => {
    const { environment } = await inputsOf(deployment, "aws:lambda/function:Function", name);
    return (environment as { variables: { SETTINGS: Record<string, unknown> } }).variables.SETTINGS;
  };
  /** What a function may do besides writing its log and dead letters. */
  const allowed = (deployment: Deployment, name: string) =>
    policyRows(deployment.resources)
      .filter(({ principal, actions }) => principal === `role ${name}-0a1b2c3` && !/^(logs|sqs):/.test(actions.join()))
      .map(({ actions, resources, conditions }) => [actions, resources, conditions]);

  it("are put on an event bus when a service has one, by a function that may do nothing else", async () => {
    const deployment = await run({ eventBusName: "shop" });

    expect(added(deployment)).to.deep.equal(topicFunction("ocr-bus"));
    expect(deployment.outputs["busFunctionArn"]).to.equal("arn:aws:lambda:eu-west-1:123456789012:function:ocr-bus-0a1b2c3");
    expect(await settingsOf(deployment, "ocr-bus")).to.deep.equal({ endpointName: "ocr-endpoint-0a1b2c3", eventBusName: "shop" });
    expect(allowed(deployment, "ocr-bus")).to.deep.equal([
      [
        ["events:PutEvents"],
        ["arn:aws:events:eu-west-1:123456789012:event-bus/shop"],
        ["StringEquals events:source sagemaker-async-inference"],
      ],
    ]);
  });

  it("are put on another account's bus by its ARN", async () => {
    const busArn = "arn:aws:events:eu-west-1:210987654321:event-bus/central";
    const [statement] = allowed(await run({ eventBusName: busArn }), "ocr-bus");
    expect(statement?.[1]).to.deep.equal([busArn]);
  });

  it("answer tasks of workflows when these are enabled, by a function that reads nothing of a job but who waits for it", async () => {
    const deployment = await run({ workflowsEnabled: true });
    const stateMachines = ["arn:aws:states:eu-west-1:123456789012:stateMachine:*"];

    expect(added(deployment)).to.deep.equal(topicFunction("ocr-tasks"));
    expect(deployment.outputs["tasksFunctionArn"]).to.equal("arn:aws:lambda:eu-west-1:123456789012:function:ocr-tasks-0a1b2c3");
    expect(await settingsOf(deployment, "ocr-tasks")).to.deep.equal({
      endpointName: "ocr-endpoint-0a1b2c3",
      jobTableName: "ocr-jobs-0a1b2c3",
    });
    expect(allowed(deployment, "ocr-tasks")).to.deep.equal([
      [
        ["dynamodb:GetItem"],
        ["arn:aws:dynamodb:eu-west-1:123456789012:table/ocr-jobs-0a1b2c3"],
        ["ForAllValues:StringEquals dynamodb:Attributes jobId or taskTokens", "StringEqualsIfExists dynamodb:Select SPECIFIC_ATTRIBUTES"],
      ],
      [["states:SendTaskFailure", "states:SendTaskSuccess"], stateMachines, []],
    ]);
    const { filterPolicy } = await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "ocr-tasks");
    expect(filterPolicy).to.deep.equal({ hasTasks: ["true"] });
    const answers = (name: string) =>
      allowed(deployment, name).flatMap(([actions]) => actions?.filter((action) => action.startsWith("states:")));
    expect([answers("ocr-submit"), answers("ocr-sweep"), answers("ocr-result")]).to.deep.equal([
      ["states:SendTaskFailure", "states:SendTaskSuccess"],
      ["states:SendTaskHeartbeat"],
      [],
    ]);
    const enabled = await Promise.all(["submit", "sweep", "result"].map((name) => settingsOf(deployment, `ocr-${name}`)));
    expect(enabled.map((settings) => settings["workflowsEnabled"])).to.deep.equal([true, true, undefined]);
  });

  it("become spans where a receiver of them is given, by a function that may do nothing but send them", async () => {
    const deployment = await run({
      traceEndpoint: "https://collector.example.com",
      traceHeaders: { authorization: "Bearer s3cret" },
      traceSamplePercent: 5,
    });

    expect(added(deployment)).to.deep.equal(topicFunction("ocr-tracing"));
    const lambda = deployment.resources.find(({ type, name }) => type === "aws:lambda/function:Function" && name === "ocr-tracing");
    // Secret in the state: headers may hold a token.
    expect(lambda?.inputs["environment"]).to.deep.equal({
      secret: {
        variables: {
          SETTINGS: JSON.stringify({
            endpointName: "ocr-endpoint-0a1b2c3",
            traceEndpoint: "https://collector.example.com",
            traceHeaders: { authorization: "Bearer s3cret" },
            resource: { "service.name": "ocr", "deployment.environment.name": "test" },
          }),
        },
      },
    });
    expect(allowed(deployment, "ocr-tracing")).to.deep.equal([]);
    const { filterPolicy } = await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "ocr-tracing");
    expect(filterPolicy).to.deep.equal({ traced: ["true"] });
    const shares = await Promise.all(["submit", "sweep", "result"].map((name) => settingsOf(deployment, `ocr-${name}`)));
    expect(shares.map((settings) => settings["traceSamplePercent"])).to.deep.equal([5, undefined, undefined]);
    const { tracingFunctionArn, traceSamplePercent } = deployment.outputs;
    expect([tracingFunctionArn, traceSamplePercent]).to.deep.equal([
      "arn:aws:lambda:eu-west-1:123456789012:function:ocr-tracing-0a1b2c3",
      5,
    ]);
  });

  describe("as webhooks", () => {
    const orders = { url: "https://shop.example.com/jobs", secret: `whsec_${"A".repeat(32)}` };
    let deployment: Deployment;
    before(async () => {
      deployment = await run({ webhooks: { orders: { ...orders, formerSecret: `whsec_${"B".repeat(32)}`, states: ["FAILED"] } } });
    });

    it("take a queue, a parameter and a function, and leave all else as it was", async () => {
      const name = "ocr-webhook-orders";
      expect(added(deployment)).to.deep.equal([
        `aws:cloudwatch/logGroup:LogGroup ${name}`,
        `aws:iam/role:Role ${name}`,
        `aws:iam/rolePolicy:RolePolicy ${name}`,
        `aws:lambda/eventSourceMapping:EventSourceMapping ${name}`,
        `aws:lambda/function:Function ${name}`,
        `aws:sns/topicSubscription:TopicSubscription ${name}`,
        `aws:sqs/queue:Queue ${name}`,
        `aws:sqs/queuePolicy:QueuePolicy ${name}`,
        `aws:ssm/parameter:Parameter ${name}`,
      ]);
      const { filterPolicy, rawMessageDelivery } = await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", name);
      expect([filterPolicy, rawMessageDelivery]).to.deep.equal([{ state: ["FAILED"] }, true]);
      expect(webhookFunctionsOf(deployment.outputs)).to.deep.equal({
        orders: "arn:aws:lambda:eu-west-1:123456789012:function:ocr-webhook-orders-0a1b2c3",
      });
    });

    it("keep their secrets in an encrypted parameter, and out of the function's settings and every other resource", async () => {
      const { type, value } = await inputsOf(deployment, "aws:ssm/parameter:Parameter", "ocr-webhook-orders");
      expect([type, value]).to.deep.equal(["SecureString", { secret: `whsec_${"A".repeat(32)} whsec_${"B".repeat(32)}` }]);
      const { value: _, ...settings } = await settingsOf(deployment, "ocr-webhook-orders");
      expect(settings).to.deep.equal({
        endpointName: "ocr-endpoint-0a1b2c3",
        url: orders.url,
        secretsParameterName: "ocr-webhook-orders-0a1b2c3",
        queueArn: "arn:aws:sqs:eu-west-1:123456789012:ocr-webhook-orders-0a1b2c3",
        queueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/ocr-webhook-orders-0a1b2c3",
        deadLetterQueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/ocr-dead-letters-0a1b2c3",
      });
      const others = deployment.resources.filter((resource) => resource.type !== "aws:ssm/parameter:Parameter");
      expect(JSON.stringify([others, deployment.outputs])).to.not.include("whsec_");
    });

    it("are delivered by a function that may do nothing else", () => {
      const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}-0a1b2c3`;
      const rows = policyRows(deployment.resources).filter(({ principal }) => principal === "role ocr-webhook-orders-0a1b2c3");
      expect(rows.map(({ actions, resources, conditions }) => [actions, resources, conditions]).slice(1)).to.deep.equal([
        [
          ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
          [arn("sqs", "ocr-webhook-orders")],
          [],
        ],
        [["ssm:GetParameter"], [arn("ssm", "parameter/ocr-webhook-orders")], []],
        [["sqs:SendMessage"], [arn("sqs", "ocr-dead-letters")], []],
      ]);
    });

    const refused = (webhooks: object) =>
      run({ webhooks: webhooks as AsyncInferenceArgs["webhooks"] & object }).then(
        () => expect.fail("was accepted"),
        (error: unknown) => (error as Error).message,
      );

    it("are refused together with all that is wrong with them, and no word of a secret", async () => {
      const message = await refused({
        Orders: orders,
        short: { ...orders, secret: "whsec_c2hvcnQ=" },
        clear: { ...orders, url: "http://shop.example.com/jobs" },
        metadata: { ...orders, url: "https://169.254.169.254/latest" },
        password: { ...orders, url: "https://me:pass@shop.example.com" },
        unsigned: { url: orders.url },
        early: { ...orders, states: ["SUBMITTED"] },
        typo: { ...orders, event: ["FAILED"] },
      });
      const elsewhere = await refused({
        machine: { ...orders, url: "https://2130706433/jobs" },
        inside: { ...orders, url: "https://10.0.0.7/jobs" },
        nowhere: { ...orders, url: "https://shop.example.com:99999/jobs" },
        vpc: { ...orders, privateAllowed: true },
      });
      for (const line of [
        'webhooks.machine.url: got "https://2130706433/jobs", but 127.0.0.1 is of the sender\'s own machine or network: give the address of a receiver',
        'webhooks.inside.url: got "https://10.0.0.7/jobs", but 10.0.0.7 is private, and privateAllowed is not set',
        'webhooks.nowhere.url: got "https://shop.example.com:99999/jobs", which is no URL: mend its host or port',
        "webhooks.vpc.privateAllowed: got true, but functionsInVpc is false, and functions outside of a VPC reach no private network",
      ]) {
        expect(elsewhere).to.include(line);
      }
      for (const line of [
        'webhooks.Orders: got "Orders", expected a name in its place: at most 10 webhooks by name',
        "webhooks.short.secret: got a value that is not shown, expected whsec_ and the base64 of 24 to 64 random bytes",
        'webhooks.clear.url: got "http://shop.example.com/jobs", expected an https URL without user, password and #',
        'webhooks.metadata.url: got "https://169.254.169.254/latest", expected an https URL',
        'webhooks.password.url: got "https://me:pass@shop.example.com", expected an https URL',
        "webhooks.unsigned.secret: got nothing, expected whsec_",
        'webhooks.early.states[0]: got "SUBMITTED", expected a list of one or more of COMPLETED, FAILED, EXPIRED, CANCELLED',
        "webhooks.typo.event: got a value that is not shown, expected one of url, secret, formerSecret, states, privateAllowed in its place",
      ]) {
        expect(message).to.include(line);
      }
      expect(message).to.not.include("c2hvcnQ");
    });

    it("may lead to this machine in the clear, for the embedded cloud, and have a secret that is known later", async () => {
      const webhooks = { orders: { url: "http://127.0.0.1:8080/jobs", secret: pulumi.secret(orders.secret) } };
      const { value } = await inputsOf(await run({ webhooks }), "aws:ssm/parameter:Parameter", "ocr-webhook-orders");
      expect(value).to.deep.equal({ secret: orders.secret });
    });

    it("are refused with a secret that turns out to be none", async () => {
      const message = await refused({ orders: { url: orders.url, secret: pulumi.secret("hunter2") } });
      expect(message).to.include("webhooks.orders.secret: got a value that is not shown, expected whsec_").and.not.include("hunter2");
    });
  });

  it("leave the functions of a service that nobody else listens to as they were", async () => {
    expect(Object.keys(await settingsOf(plain, "ocr-submit"))).to.not.include("workflowsEnabled");
    expect(Object.keys(await settingsOf(plain, "ocr-sweep"))).to.not.include("workflowsEnabled");
    expect(Object.keys(await settingsOf(plain, "ocr-submit"))).to.not.include("traceSamplePercent");
  });
});
