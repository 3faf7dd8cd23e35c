import {
  AddTagsCommand,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteTagsCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  ListTrainingJobsCommand,
  ListTagsCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  waitUntilEndpointDeleted,
  waitUntilEndpointInService,
  type CreateEndpointConfigCommandInput,
  type CreateModelCommandInput,
  type ListEndpointsCommandInput,
  type ProductionVariant,
  type UpdateEndpointCommandInput,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import type { Registration, ResourceType } from "../../../local/resources";
import type { Service } from "../../../local/wire";
import { testProgram } from "../../support/cloudContext";
import {
  configInputs,
  errorTopic,
  FakeContainers,
  modelCommand,
  roleArn,
  startSageMaker,
  successTopic,
  until,
  type TestSageMaker,
} from "./support";

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
      PrimaryContainer: { Image: "image:1", Environment: {}, Mode: "SingleModel" },
      EnableNetworkIsolation: false,
    });
  });

  it("makes, lists and deletes an endpoint on another configuration of a program's model", async () => {
    await cloud.sdk.send(configOf("second"));
    const { EndpointArn } = await cloud.sdk.send(new CreateEndpointCommand({ EndpointName: "Second", EndpointConfigName: "second" }));
    expect(EndpointArn).to.equal(arn("endpoint", "second"));
    await waitUntilEndpointInService({ client: cloud.sdk, maxWaitTime: 60, minDelay: 1 }, { EndpointName: "Second" });
    const page = await cloud.sdk.send(new ListEndpointsCommand({ MaxResults: 1 }));
    const rest = await cloud.sdk.send(new ListEndpointsCommand({ MaxResults: 1, NextToken: page.NextToken }));
    expect([page, rest].map(({ Endpoints, NextToken }) => [Endpoints?.map(({ EndpointName }) => EndpointName), NextToken])).to.deep.equal([
      [["Second"], page.NextToken],
      [["ep"], undefined],
    ]);
    expect((await cloud.sdk.send(new ListEndpointsCommand({ NameContains: "ec", StatusEquals: "Creating" }))).Endpoints).to.deep.equal([]);
    const listed = async (input: ListEndpointsCommandInput) =>
      (await cloud.sdk.send(new ListEndpointsCommand(input))).Endpoints?.map(({ EndpointName }) => EndpointName);
    const [before, after] = [new Date(now - 1), new Date(now + 60_000)];
    expect([
      await listed({ SortBy: "Name", SortOrder: "Ascending", NameContains: "e" }),
      await listed({ SortBy: "Status" }),
      await listed({ SortOrder: "Ascending", CreationTimeAfter: before, LastModifiedTimeBefore: after }),
      await listed({ CreationTimeAfter: after }),
      await listed({ LastModifiedTimeBefore: before }),
    ]).to.deep.equal([["Second", "ep"], ["Second", "ep"], ["ep", "Second"], [], []]);
    const models = await cloud.sdk.send(new ListModelsCommand({ SortBy: "Name", CreationTimeBefore: after }));
    const configs = await cloud.sdk.send(new ListEndpointConfigsCommand({ SortBy: "Name", SortOrder: "Ascending" }));
    expect([
      models.Models?.map(({ ModelName }) => ModelName),
      configs.EndpointConfigs?.map((config) => config.EndpointConfigName),
    ]).to.deep.equal([["model"], ["config", "second"]]);

    await cloud.sdk.send(new DeleteEndpointCommand({ EndpointName: "Second" }));
    await waitUntilEndpointDeleted({ client: cloud.sdk, maxWaitTime: 60, minDelay: 1 }, { EndpointName: "Second" });
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
        "Start the embedded cloud with --model-command and the command line that serves it.",
    );
    await cloud.sdk.send(new DeleteModelCommand({ ModelName: "other" }));
  });

  it("keeps tags of models, configurations and endpoints, and changes them as the provider does", async () => {
    const Tags = [
      { Key: "Team", Value: "ocr" },
      { Key: "stage", Value: "dev" },
    ];
    const PrimaryContainer = { Image: "image:1" };
    await cloud.sdk.send(new CreateModelCommand({ ModelName: "Second", ExecutionRoleArn: roleArn, PrimaryContainer, Tags }));
    await cloud.sdk.send(configOf("Second", { ModelName: "model" }, { Tags }));
    await cloud.sdk.send(new CreateEndpointCommand({ EndpointName: "Second", EndpointConfigName: "Second", Tags }));

    for (const kind of ["model", "endpoint-config", "endpoint"]) {
      const ResourceArn = arn(kind, "second");
      const tags = async () => (await cloud.sdk.send(new ListTagsCommand({ ResourceArn }))).Tags;
      expect(await tags(), kind).to.deep.equal(Tags);
      const added = await cloud.sdk.send(new AddTagsCommand({ ResourceArn, Tags: [{ Key: "stage", Value: "prod" }] }));
      expect(added.Tags).to.deep.equal([Tags[0], { Key: "stage", Value: "prod" }]);
      await cloud.sdk.send(new DeleteTagsCommand({ ResourceArn, TagKeys: ["Team"] }));
      expect(await tags(), kind).to.deep.equal([{ Key: "stage", Value: "prod" }]);
    }
    expect(await refusal(cloud.sdk.send(new ListTagsCommand({ ResourceArn: arn("model", "none") })))).to.equal(
      `400 ValidationException: Could not find model "${arn("model", "none")}".`,
    );
    const many = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: "" }));
    expect(await refusal(cloud.sdk.send(new AddTagsCommand({ ResourceArn: arn("model", "second"), Tags: many })))).to.equal(
      `400 ResourceLimitExceeded: The resource ${arn("model", "second")} can have at most 50 tags.`,
    );
  });

  it("retains the number of instances and the deployment's settings in an update that asks for it", async () => {
    const DeploymentConfig = {
      BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE" as const, WaitIntervalInSeconds: 0 } },
    };
    const describe = async () => {
      const described = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));
      return [described.EndpointConfigName, described.ProductionVariants?.[0]?.DesiredInstanceCount, described.LastDeploymentConfig];
    };
    for (const name of ["second", "third", "fourth"]) await cloud.sdk.send(configOf(name));
    cloud.sagemaker.endpoints.setDesiredInstanceCount("ep", "AllTraffic", 2, "a test");
    const inService = () => until(() => cloud.sagemaker.endpoints.variant("ep", "AllTraffic")?.endpointStatus === "InService");
    await inService();
    const next = async (input: Partial<UpdateEndpointCommandInput>) => {
      await cloud.sdk.send(new UpdateEndpointCommand({ EndpointName: "ep", EndpointConfigName: undefined, ...input }));
      await inService();
      return describe();
    };

    expect(await next({ EndpointConfigName: "second", RetainAllVariantProperties: true, DeploymentConfig })).to.deep.equal([
      "second",
      2,
      DeploymentConfig,
    ]);
    expect(await next({ EndpointConfigName: "third", RetainDeploymentConfig: true })).to.deep.equal(["third", 1, DeploymentConfig]);
    expect(await next({ EndpointConfigName: "fourth" })).to.deep.equal(["fourth", 1, undefined]);
  });

  it("rolls an update back that can't start: the endpoint serves with what it had, and says why", async () => {
    await cloud.sdk.send(configOf("second"));
    containers.failure = "no weights here";
    await update("second");
    await until(() => cloud.sagemaker.endpoints.variant("ep", "AllTraffic")?.endpointStatus === "InService");

    const { EndpointConfigName, FailureReason } = await cloud.sdk.send(new DescribeEndpointCommand({ EndpointName: "ep" }));
    expect({ EndpointConfigName, FailureReason }).to.deep.equal({ EndpointConfigName: "config", FailureReason: "no weights here" });
    await cloud.sdk.send(new DeleteEndpointConfigCommand({ EndpointConfigName: "second" }));
  });

  it("updates and deletes what a program made by the same rules", async () => {
    const type = (name: string) => cloud.sagemaker.resources?.[name] as Required<ResourceType>;
    const of = (kind: string, name: string, inputs: object): Registration => ({
      urn: "",
      type: kind,
      name,
      inputs: { ...inputs },
      program: { ...testProgram, localSettings: { modelCommand, instanceStartupSeconds: "0" } },
    });
    const configType = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
    const endpointType = "aws:sagemaker/endpoint:Endpoint";
    const second = await type(configType).create(of(configType, "second", { ...configInputs(), name: "second" }));
    const before = { name: "ep", endpointConfigName: "config" };
    const made = { id: "ep", state: { ...before, arn: arn("endpoint", "ep") } };
    const inputs = { ...before, endpointConfigName: "second", tags: { Team: "ocr" } };

    const updated = await type(endpointType).update(of(endpointType, "ep", inputs), made, before);
    expect(updated?.state).to.deep.equal({
      ...inputs,
      region: "us-east-1",
      tagsAll: { Team: "ocr" },
      arn: arn("endpoint", "ep"),
    });
    expect(await type(endpointType).update(of(endpointType, "ep", inputs), made, inputs)).to.equal(undefined);
    expect(cloud.sagemaker.endpoints.variant("ep", "AllTraffic")?.endpointStatus).to.equal("InService");
    const said = (work: Promise<unknown>) =>
      work.then(
        () => "accepted",
        (error: Error) => error.message,
      );
    expect(await said(type(configType).delete(second))).to.contain("because it is in use by endpoint");
    expect(type(configType).fixed).to.include("productionVariants").and.not.include("tags");
    await type(endpointType).delete(made);
    await type(configType).delete(second);
    expect([containers.running.size, deleted]).to.deep.equal([0, ["ep"]]);
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
      expect(await refusal(cloud.sdk.send(new ListTrainingJobsCommand({})))).to.equal(
        "501 NotImplemented: The embedded cloud does not support SageMaker.ListTrainingJobs.",
      );
    });
  });
});
