import * as autoScaling from "@aws-sdk/client-application-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as sageMaker from "@aws-sdk/client-sagemaker";
import * as documents from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { backlogMetric, dynamoDbFloor, endpointCapacity } from "../../aws/endpointCapacity";
import type { Floor } from "../../core/records/items";
import { startJobServices, type JobServices } from "../../doubles/jobServices";
import { deployed } from "../support/serialized";

/** An endpoint's capacity where both services answer every call the same, and what they were asked. */
function capacityOf(answer: object) {
  const asked: unknown[] = [];
  const client = {
    send: ({ input }: { input: unknown }) => {
      asked.push(input);
      return Promise.resolve(answer);
    },
  };
  const services = { sageMaker: { library: sageMaker, client }, autoScaling: { library: autoScaling, client } };
  return { asked, capacity: endpointCapacity(services, "ocr", "AllTraffic") };
}

describe("the endpoint's instances", () => {
  const variants = [
    { VariantName: "Shadow", DesiredInstanceCount: 9 },
    { VariantName: "AllTraffic", DesiredInstanceCount: 3, CurrentInstanceCount: 1 },
  ];

  it("are those that the variant shall have, whatever others have; bounds take effect only in service", async () => {
    const { asked, capacity } = capacityOf({
      EndpointStatus: "InService",
      EndpointConfigName: "second",
      ProductionVariants: variants,
    });

    expect(await capacity.describe()).to.deep.equal({ desiredInstances: 3, inService: true, endpointConfigName: "second" });
    expect(asked).to.deep.equal([{ EndpointName: "ocr" }]);
    expect(await capacityOf({ EndpointStatus: "Updating", ProductionVariants: variants }).capacity.describe()).to.deep.equal({
      desiredInstances: 3,
      inService: false,
    });
  });

  it("are none while the endpoint is being made", async () => {
    expect(await capacityOf({ EndpointStatus: "Creating" }).capacity.describe()).to.equal(undefined);
    expect(
      await capacityOf({ EndpointStatus: "InService", ProductionVariants: [{ VariantName: "AllTraffic" }] }).capacity.describe(),
    ).to.deep.equal({ desiredInstances: 0, inService: true });
  });

  it("are bounded through the one scalable target that scaling uses", async () => {
    const { asked, capacity } = capacityOf({});
    await capacity.setBounds(2);
    await capacity.setBounds(1, 4);

    const target = {
      ServiceNamespace: "sagemaker",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
      ResourceId: "endpoint/ocr/variant/AllTraffic",
    };
    expect(asked).to.deep.equal([
      { ...target, MinCapacity: 2, MaxCapacity: undefined },
      { ...target, MinCapacity: 1, MaxCapacity: 4 },
    ]);
  });
});

describe("the target's minimum", () => {
  it("is that of the one target, and none when a deployment has taken it away", async () => {
    const { asked, capacity } = capacityOf({ ScalableTargets: [{ MinCapacity: 2 }] });

    expect(await capacity.minimum()).to.equal(2);
    expect(asked).to.deep.equal([
      {
        ServiceNamespace: "sagemaker",
        ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
        ResourceIds: ["endpoint/ocr/variant/AllTraffic"],
      },
    ]);
    expect(await capacityOf({ ScalableTargets: [] }).capacity.minimum()).to.equal(undefined);
  });
});

describe("the floor's item in DynamoDB", () => {
  let services: JobServices;
  let client: DynamoDBClient;
  const asked: unknown[] = [];

  before(async () => {
    services = await startJobServices();
    client = new DynamoDBClient({});
    client.middlewareStack.add(
      (next) => (args) => {
        asked.push((args.input as { ConsistentRead?: boolean }).ConsistentRead);
        return next(args);
      },
      { step: "initialize" },
    );
  });

  after(async () => {
    client.destroy();
    await services.close();
  });

  it("is written by one of those who have read the same, and read as it was written last", async () => {
    const floors = dynamoDbFloor(documents, client, services.tableName);
    const floor: Floor = { jobId: "#floor", schemaVersion: 1, revision: 1, state: "up", instances: 1, setAt: "2026-01-25T22:46:00.000Z" };
    const second = { ...floor, revision: 2 };

    expect(await floors.read()).to.equal(undefined);
    expect([await floors.write(floor, undefined), await floors.write(second, undefined)]).to.deep.equal([true, false]);
    expect([await floors.write(second, 1), await floors.write({ ...floor, revision: 3 }, 1)]).to.deep.equal([true, false]);
    asked.length = 0;
    expect([await floors.read(), asked]).to.deep.equal([second, [true]]);
  });
});

describe("whether requests waited", () => {
  async function ask(datapoints: { Maximum?: number }[] | undefined) {
    const asked: Record<string, unknown>[] = [];
    const library = {
      GetMetricStatisticsCommand: function (this: { input: unknown }, input: unknown) {
        this.input = input;
      },
      CloudWatchClient: function (this: { send: unknown }) {
        this.send = ({ input }: { input: Record<string, unknown> }) => {
          asked.push(input);
          return Promise.resolve({ Datapoints: datapoints });
        };
      },
    };
    const hadBacklog = await deployed(() => backlogMetric("ocr"), { modules: { "@aws-sdk/client-cloudwatch": library } });
    return { answer: await hadBacklog(3900), asked };
  }

  it("is asked of the whole time, in the metric's only dimension", async () => {
    const { asked } = await ask([]);
    const [{ StartTime, EndTime, ...query } = {}] = asked;

    expect(query).to.deep.equal({
      Namespace: "AWS/SageMaker",
      MetricName: "ApproximateBacklogSize",
      Dimensions: [{ Name: "EndpointName", Value: "ocr" }],
      Period: 300,
      Statistics: ["Maximum"],
    });
    expect((EndTime as Date).getTime() - (StartTime as Date).getTime()).to.equal(3_900_000);
  });

  it("is denied only by counts of none: where nothing is known an instance may be at work", async () => {
    const answers = [undefined, [], [{ Maximum: 0 }, { Maximum: 1 }], [{}], [{ Maximum: 0 }, { Maximum: 0 }]];

    expect(await Promise.all(answers.map(async (points) => (await ask(points)).answer))).to.deep.equal([true, true, true, true, false]);
  });
});
