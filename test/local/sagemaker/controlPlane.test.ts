import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  waitUntilEndpointDeleted,
  waitUntilEndpointInService,
  type CreateEndpointConfigCommandInput,
  type CreateModelCommandInput,
  type ProductionVariant,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import type { Service } from "../../../local/wire";
import { errorTopic, FakeContainers, roleArn, startSageMaker, successTopic, type TestSageMaker } from "./support";

const now = Date.UTC(2026, 0, 1);
const arn = (kind: string, name: string) => `arn:aws:sagemaker:us-east-1:000000000000:${kind}/${name}`;

describe("SageMaker's control plane", () => {
  let cloud: TestSageMaker;
  let containers: FakeContainers;
  let deleted: string[];
  beforeEach(async () => {
    containers = new FakeContainers();
    deleted = [];
    cloud = await startSageMaker({
      startContainer: containers.start,
      clock: new VirtualClock(now),
      onEndpointDeleted: (name) => deleted.push(name),
    });
    await cloud.deploy();
  });
  afterEach(() => cloud.close());

  const refusal = (sent: Promise<unknown>): Promise<string> =>
    sent.then(
      () => "accepted",
      ({ name, message, $metadata }: Error & { $metadata: { httpStatusCode: number } }) =>
        `${$metadata.httpStatusCode} ${name}: ${message}`,
    );
  const configOf = (
    EndpointConfigName: string,
    variant: Partial<ProductionVariant> = {},
    more: Partial<CreateEndpointConfigCommandInput> = {},
  ) =>
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [
        { VariantName: "AllTraffic", ModelName: "model", InstanceType: "ml.g5.2xlarge", InitialInstanceCount: 1, ...variant },
      ],
      AsyncInferenceConfig: { OutputConfig: { S3OutputPath: "s3://bucket/output" } },
      ...more,
    });
  const update = (EndpointConfigName: string) => cloud.sdk.send(new UpdateEndpointCommand({ EndpointName: "ep", EndpointConfigName }));

  it("describes an endpoint as clients and consoles read it", async () => {
    const { $metadata: _, ...described } = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));

    expect(described).to.deep.equal({
      EndpointName: "ep",
      EndpointArn: arn("endpoint", "ep"),
      EndpointConfigName: "config",
      EndpointStatus: "InService",
      CreationTime: new Date(now),
      LastModifiedTime: new Date(now),
      AsyncInferenceConfig: {
        OutputConfig: {
          S3OutputPath: "s3://bucket/output/",
          S3FailurePath: "s3://bucket/failure/",
          NotificationConfig: { SuccessTopic: successTopic, ErrorTopic: errorTopic },
        },
      },
      ProductionVariants: [
        { VariantName: "AllTraffic", CurrentWeight: 1, DesiredWeight: 1, CurrentInstanceCount: 1, DesiredInstanceCount: 1 },
      ],
    });
  });

  it("describes configuration and model as they were made", async () => {
    const { $metadata: _config, ...config } = await cloud.sdk.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "config" }));
    const { $metadata: _model, ...model } = await cloud.sdk.send(new DescribeModelCommand({ ModelName: "model" }));

    expect(config).to.deep.include({
      EndpointConfigName: "config",
      EndpointConfigArn: arn("endpoint-config", "config"),
      CreationTime: new Date(now),
      ProductionVariants: [
        { VariantName: "AllTraffic", ModelName: "model", InstanceType: "ml.g5.2xlarge", InitialInstanceCount: 1, InitialVariantWeight: 1 },
      ],
    });
    expect(model).to.deep.equal({
      ModelName: "model",
      ModelArn: arn("model", "model"),
      CreationTime: new Date(now),
      ExecutionRoleArn: roleArn,
      PrimaryContainer: { Image: "image:1", Environment: {} },
      EnableNetworkIsolation: false,
    });
  });

  it("makes, lists and deletes an endpoint on another configuration of a program's model", async () => {
    await cloud.sdk.send(configOf("second"));
    const { EndpointArn } = await cloud.sdk.send(new CreateEndpointCommand({ EndpointName: "Second", EndpointConfigName: "second" }));
    expect(EndpointArn).to.equal(arn("endpoint", "second"));
    await waitUntilEndpointInService({ client: cloud.sdk, maxWaitTime: 10, minDelay: 1 }, { EndpointName: "Second" });
    const page = await cloud.sdk.send(new ListEndpointsCommand({ MaxResults: 1 }));
    const rest = await cloud.sdk.send(new ListEndpointsCommand({ MaxResults: 1, NextToken: page.NextToken }));
    expect([page, rest].map(({ Endpoints, NextToken }) => [Endpoints?.map(({ EndpointName }) => EndpointName), NextToken])).to.deep.equal([
      [["Second"], "Second"],
      [["ep"], undefined],
    ]);
    expect((await cloud.sdk.send(new ListEndpointsCommand({ NameContains: "ec", StatusEquals: "Creating" }))).Endpoints).to.deep.equal([]);

    await cloud.sdk.send(new DeleteEndpointCommand({ EndpointName: "Second" }));
    await waitUntilEndpointDeleted({ client: cloud.sdk, maxWaitTime: 10, minDelay: 1 }, { EndpointName: "Second" });
    expect([containers.running.size, deleted]).to.deep.equal([1, ["Second"]]);
    await cloud.sdk.send(new DeleteEndpointConfigCommand({ EndpointConfigName: "second" }));
    expect(await refusal(cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "Second" })))).to.equal(
      `400 ValidationException: Could not find endpoint "${arn("endpoint", "second")}".`,
    );
  });

  it("changes the instance count of a variant, but not of one that does not exist", async () => {
    const scale = (VariantName: string) =>
      cloud.sdk.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: "ep",
          DesiredWeightsAndCapacities: [{ VariantName, DesiredInstanceCount: 0 }],
        }),
      );
    expect(await refusal(scale("other"))).to.equal(
      '400 ValidationException: The variant name(s) "other" is/are not present within endpoint "ep".',
    );
    await scale("AllTraffic");

    expect(cloud.sagemaker.endpoints.variant("ep", "AllTraffic")?.desiredInstanceCount).to.equal(0);
    expect(cloud.sagemaker.endpoints.variant("ep", "other")).to.equal(undefined);
    expect(cloud.sagemaker.endpoints.variant("other", "AllTraffic")).to.equal(undefined);
  });

  it("tells of an endpoint that can't start by its status and reason, and takes no requests for it", async () => {
    containers.failure = "no weights here";
    await cloud.sdk.send(configOf("second"));
    await cloud.sdk.send(new CreateEndpointCommand({ EndpointName: "second", EndpointConfigName: "second" }));
    await cloud.event((event) => event.kind === "instance" && event.endpointName === "second" && event.change === "failed");

    const { EndpointStatus, FailureReason } = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "second" }));
    expect([EndpointStatus, FailureReason]).to.deep.equal(["Failed", "no weights here"]);
    expect(await refusal(cloud.invoke({ EndpointName: "second", Body: Buffer.from("x") }))).to.equal(
      "400 ValidationError: Endpoint second of account 000000000000 not found.",
    );
  });

  it("says why a model that no program made can't be served", async () => {
    await cloud.sdk.send(new CreateModelCommand({ ModelName: "other", ExecutionRoleArn: roleArn, PrimaryContainer: { Image: "image:1" } }));
    await cloud.sdk.send(configOf("second", { ModelName: "other" }));
    await cloud.sdk.send(new CreateEndpointCommand({ EndpointName: "second", EndpointConfigName: "second" }));

    expect((await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "second" }))).FailureReason).to.equal(
      "Nothing can serve the model other on this machine: it was made with CreateModel. " +
        "Use a model of a Pulumi program that sets local:modelCommand.",
    );
    await cloud.sdk.send(new DeleteModelCommand({ ModelName: "other" }));
  });

  describe("refuses what SageMaker refuses:", () => {
    const features = (what: string) =>
      `400 ValidationException: One or more endpoint features are not supported using this configuration: asynchronous inference can't have ${what}.`;
    const variant = { VariantName: "B", ModelName: "model", InstanceType: "ml.g5.xlarge", InitialInstanceCount: 1 } as const;
    const data = { InitialSamplingPercentage: 1, DestinationS3Uri: "s3://bucket", CaptureOptions: [] };
    const refused: [string, CreateEndpointConfigCommand, string][] = [
      [
        "two variants",
        configOf("new", {}, { ProductionVariants: [variant, variant] }),
        features("2 production variants: it must have one"),
      ],
      ["data capture", configOf("new", {}, { DataCaptureConfig: data }), features("data capture")],
      ["a shadow variant", configOf("new", {}, { ShadowProductionVariants: [variant] }), features("shadow variants")],
      ["serverless", configOf("new", { ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 1 } }), features("a serverless variant")],
      ["managed scaling", configOf("new", { ManagedInstanceScaling: { Status: "ENABLED" } }), features("managed instance scaling")],
      ["Inf1", configOf("new", { InstanceType: "ml.inf1.xlarge" }), features("ml.inf1.xlarge: Inf1 instances")],
      ["an explainer", configOf("new", {}, { ExplainerConfig: {} }), features("an explainer")],
      [
        "an endpoint that starts at zero",
        configOf("new", { InitialInstanceCount: 0 }),
        "400 ValidationException: 1 validation error(s) detected: 'ProductionVariants.0.InitialInstanceCount' failed to satisfy constraint: " +
          "Too small: expected number to be >=1",
      ],
      [
        "a second configuration of the same name",
        configOf("config"),
        `400 ValidationException: Cannot create already existing endpoint configuration "${arn("endpoint-config", "config")}".`,
      ],
      [
        "a model that does not exist",
        configOf("new", { ModelName: "other" }),
        `400 ValidationException: Could not find model "${arn("model", "other")}".`,
      ],
      [
        "what this cloud does not know",
        configOf("new", {}, { MetricsConfig: { EnableEnhancedMetrics: true } }),
        "501 NotImplemented: The embedded cloud does not support MetricsConfig of CreateEndpointConfig.",
      ],
    ];
    for (const [what, command, message] of refused) {
      it(what, async () => {
        expect(await refusal(cloud.sdk.send(command))).to.equal(message);
      });
    }

    for (const instanceType of [
      "ml.g4dn.xlarge",
      "ml.g5.xlarge",
      "ml.g6e.xlarge",
      "ml.p4d.24xlarge",
      "ml.p5.48xlarge",
      "ml.trn1.2xlarge",
    ]) {
      it(`a volume size or a volume key on ${instanceType}, which has local disks`, async () => {
        const InstanceType = instanceType as NonNullable<ProductionVariant["InstanceType"]>;
        expect([
          await refusal(cloud.sdk.send(configOf("new", { InstanceType, VolumeSizeInGB: 100 }))),
          await refusal(cloud.sdk.send(configOf("new", { InstanceType }, { KmsKeyId: "alias/key" }))),
        ]).to.deep.equal([
          `400 ValidationException: VolumeSizeInGB is not supported for the instance type ${instanceType}, which has local storage. Leave it out.`,
          `400 ValidationException: KmsKeyId is not supported for the instance type ${instanceType}, whose local storage is encrypted by its hardware.`,
        ]);
      });
    }

    it("but takes both where the volume is attached", async () => {
      expect(
        await refusal(cloud.sdk.send(configOf("new", { InstanceType: "ml.p3.2xlarge", VolumeSizeInGB: 100 }, { KmsKeyId: "alias/key" }))),
      ).to.equal("accepted");
    });

    it("a second endpoint or model of the same name", async () => {
      expect(await refusal(cloud.sdk.send(new CreateEndpointCommand({ EndpointName: "ep", EndpointConfigName: "config" })))).to.equal(
        `400 ValidationException: Cannot create already existing endpoint "${arn("endpoint", "ep")}".`,
      );
      const model = new CreateModelCommand({ ModelName: "model", ExecutionRoleArn: roleArn, PrimaryContainer: { Image: "image:1" } });
      expect(await refusal(cloud.sdk.send(model))).to.equal(
        `400 ValidationException: Cannot create already existing model "${arn("model", "model")}".`,
      );
    });

    it("the deletion of a configuration in use", async () => {
      expect(await refusal(cloud.sdk.send(new DeleteEndpointConfigCommand({ EndpointConfigName: "config" })))).to.equal(
        `400 ValidationException: Cannot delete endpoint configuration "${arn("endpoint-config", "config")}" ` +
          `because it is in use by endpoint "${arn("endpoint", "ep")}".`,
      );
    });

    const registered =
      '400 ValidationException: The variant(s) "[AllTraffic]" must be deregistered as scalable targets with AWS Auto Scaling ' +
      "before they can be removed or have their instance type updated.";
    it("another instance type, or the loss of the variant, while autoscaling has it", async () => {
      await cloud.sdk.send(configOf("type", { InstanceType: "ml.g6.2xlarge" }));
      await cloud.sdk.send(configOf("name", { VariantName: "Other" }));
      await cloud.sdk.send(configOf("same"));
      cloud.control.registered = true;

      expect([await refusal(update("type")), await refusal(update("name"))]).to.deep.equal([registered, registered]);
      cloud.control.registered = false;
      expect(await refusal(update("type"))).to.equal("accepted");
    });

    it("an update or a deletion during an update", async () => {
      await cloud.sdk.send(configOf("second"));
      containers.gate = new Promise(() => undefined);
      await update("second");

      expect(await refusal(update("config"))).to.equal(
        `400 ValidationException: Cannot update in-progress endpoint "${arn("endpoint", "ep")}".`,
      );
      expect(await refusal(cloud.sdk.send(new DeleteEndpointCommand({ EndpointName: "ep" })))).to.equal(
        `400 ValidationException: Cannot delete in-progress endpoint "${arn("endpoint", "ep")}".`,
      );
    });

    it("an update to the configuration that the endpoint has: a change is seen by its name only", async () => {
      expect(await refusal(update("config"))).to.equal(
        `400 ValidationException: Cannot update endpoint "${arn("endpoint", "ep")}": it already has the endpoint configuration config.`,
      );
    });

    it("a pipeline of containers, a multi-model container and a model without a container", async () => {
      const Image = "image:1";
      const create = (more: Partial<CreateModelCommandInput>) =>
        refusal(cloud.sdk.send(new CreateModelCommand({ ModelName: "new", ExecutionRoleArn: roleArn, ...more })));
      expect([
        await create({ Containers: [{ Image }, { Image }] }),
        await create({ PrimaryContainer: { Image, Mode: "MultiModel" } }),
        await create({}),
      ]).to.deep.equal([
        features("a pipeline of containers"),
        features("a multi-model container"),
        "400 ValidationException: A model must have a PrimaryContainer.",
      ]);
    });

    it("a body that is no JSON", async () => {
      const send = cloud.sagemaker.wire?.["sagemaker"] as Service;
      const headers = { "x-amz-target": "SageMaker.ListEndpoints" };
      const request = { method: "POST", path: "/", query: new URLSearchParams(), headers, body: Buffer.from("{") };

      expect(await send(request).catch((error: Error) => error.name)).to.equal("SerializationException");
    });

    it("operations that it does not have, by name", async () => {
      expect(await refusal(cloud.sdk.send(new ListModelsCommand({})))).to.equal(
        "501 NotImplemented: The embedded cloud does not support SageMaker.ListModels.",
      );
    });
  });
});
