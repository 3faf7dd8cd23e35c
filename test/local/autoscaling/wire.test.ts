import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DeleteScheduledActionCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  ListTagsForResourceCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { expect } from "chai";
import { Front } from "../../../local/front";
import { resourceId, start, testCloud, type TestCloud } from "../cloudwatch/cloud";

const key = {
  ServiceNamespace: "sagemaker",
  ResourceId: resourceId,
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
} as const;

describe("Application Auto Scaling's API", () => {
  let cloud: TestCloud;
  let front: Front;
  let client: ApplicationAutoScalingClient;

  beforeEach(async () => {
    cloud = await testCloud();
    front = new Front();
    front.add(cloud.autoscaling);
    const port = await front.listen(0);
    client = new ApplicationAutoScalingClient({
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    client.destroy();
    await front.close();
    await cloud.close();
  });

  it("raises the fleet at once when a program pins the minimum, and says so", async () => {
    const { ScalableTargetARN } = await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5 }));
    await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 2, SuspendedState: { DynamicScalingInSuspended: true } }));
    await cloud.minutes(1);
    const { ScalableTargets } = await client.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker", ResourceIds: [resourceId] }),
    );
    expect(ScalableTargets).to.deep.equal([
      {
        ...key,
        MinCapacity: 2,
        MaxCapacity: 5,
        RoleARN:
          "arn:aws:iam::000000000000:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/" +
          "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
        CreationTime: new Date(start),
        SuspendedState: { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: false, ScheduledScalingSuspended: false },
        ScalableTargetARN,
      },
    ]);
    const { ScalingActivities = [] } = await client.send(new DescribeScalingActivitiesCommand(key));
    expect(ScalingActivities.map(({ ActivityId: _, ...activity }) => activity)).to.deep.equal([
      {
        ...key,
        Description: "Setting desired instance count to 2.",
        Cause: "minimum capacity was set to 2",
        StartTime: new Date(start),
        EndTime: new Date(start + 5000),
        StatusCode: "Successful",
        StatusMessage: "Successfully set desired instance count to 2. Change successfully fulfilled by sagemaker.",
      },
    ]);
    expect(cloud.endpoint.desired).to.equal(2);
  });

  it("keeps a policy's ARN over changes, and takes its alarms along when it goes", async () => {
    await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5 }));
    const policy = {
      ...key,
      PolicyName: "backlog",
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 5,
        ScaleInCooldown: 600,
        ScaleOutCooldown: 120,
        DisableScaleIn: false,
        CustomizedMetricSpecification: {
          MetricName: "ApproximateBacklogSizePerInstance",
          Namespace: "AWS/SageMaker",
          Dimensions: [{ Name: "EndpointName", Value: "ocr" }],
          Statistic: "Average",
        },
      },
    } satisfies PutScalingPolicyCommandInput;
    const first = await client.send(new PutScalingPolicyCommand(policy));
    const second = await client.send(new PutScalingPolicyCommand(policy));
    expect(second.PolicyARN).to.equal(first.PolicyARN);
    const { ScalingPolicies } = await client.send(
      new DescribeScalingPoliciesCommand({ ServiceNamespace: "sagemaker", PolicyNames: ["backlog"] }),
    );
    expect(ScalingPolicies).to.deep.equal([
      { ...policy, PolicyARN: second.PolicyARN, Alarms: second.Alarms, CreationTime: new Date(start) },
    ]);
    expect(cloud.cloudWatch.alarms().map(({ arn }) => arn)).to.deep.equal(second.Alarms?.map(({ AlarmARN }) => AlarmARN));
    await client.send(new DeleteScalingPolicyCommand({ ...key, PolicyName: "backlog" }));
    expect(cloud.cloudWatch.alarms()).to.deep.equal([]);
  });

  it("gives a policy back as it was given, or a provider that compares it plans a change that is none", async () => {
    await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5 }));
    const StepScalingPolicyConfiguration = {
      AdjustmentType: "ExactCapacity" as const,
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    };
    await client.send(new PutScalingPolicyCommand({ ...key, PolicyName: "a", PolicyType: "StepScaling", StepScalingPolicyConfiguration }));
    const { ScalingPolicies = [] } = await client.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: "sagemaker" }));

    expect(ScalingPolicies[0]?.StepScalingPolicyConfiguration).to.deep.equal(StepScalingPolicyConfiguration);
  });

  it("keeps a target's tags, and takes and gives them as the provider does", async () => {
    const { ScalableTargetARN: ResourceARN } = await client.send(
      new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5, Tags: { Team: "ocr", stage: "dev" } }),
    );
    await client.send(new TagResourceCommand({ ResourceARN, Tags: { stage: "prod", Cost: "7" } }));
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ["Team"] }));
    // A provider registers again for a change of the bounds, without tags.
    await client.send(new RegisterScalableTargetCommand({ ...key, MaxCapacity: 6 }));

    expect((await client.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).to.deep.equal({ stage: "prod", Cost: "7" });
  });

  it("creates, changes and deletes a scheduled action: what is not given again stays, but for its times", async () => {
    await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5 }));
    const ScheduledActionName = "morning";
    const described = async () => {
      const { ScheduledActions = [] } = await client.send(
        new DescribeScheduledActionsCommand({
          ServiceNamespace: "sagemaker",
          ResourceId: resourceId,
          ScheduledActionNames: [ScheduledActionName],
        }),
      );
      return ScheduledActions.map(({ ScheduledActionARN, ...rest }) => ({
        ...rest,
        arn: ScheduledActionARN?.replace(/scheduledAction:[0-9a-f-]{36}/, "scheduledAction:ID"),
      }));
    };
    await client.send(
      new PutScheduledActionCommand({
        ...key,
        ScheduledActionName,
        Schedule: "cron(0 8 * * ? *)",
        Timezone: "Europe/Berlin",
        StartTime: new Date(start),
        EndTime: new Date(start + 86_400_000),
        ScalableTargetAction: { MinCapacity: 2 },
      }),
    );
    const common = {
      ...key,
      ScheduledActionName,
      Timezone: "Europe/Berlin",
      CreationTime: new Date(start),
      arn: `arn:aws:autoscaling:us-east-1:000000000000:scheduledAction:ID:resource/sagemaker/${resourceId}:scheduledActionName/morning`,
    };
    expect(await described()).to.deep.equal([
      {
        ...common,
        Schedule: "cron(0 8 * * ? *)",
        StartTime: new Date(start),
        EndTime: new Date(start + 86_400_000),
        ScalableTargetAction: { MinCapacity: 2 },
      },
    ]);

    await client.send(new PutScheduledActionCommand({ ...key, ScheduledActionName, Schedule: "cron(0 9 * * ? *)" }));
    expect(await described()).to.deep.equal([{ ...common, Schedule: "cron(0 9 * * ? *)", ScalableTargetAction: { MinCapacity: 2 } }]);
    await cloud.minutes(8 * 60 - 1);
    expect(cloud.endpoint.changes).to.deep.equal([]);
    await cloud.minutes(1);
    expect(cloud.endpoint.changes).to.deep.equal([{ at: 480, count: 2, cause: "minimum capacity was set to 2" }]);

    await client.send(new DeleteScheduledActionCommand({ ...key, ScheduledActionName }));
    expect(await described()).to.deep.equal([]);
  });

  it("deregisters a target with all that hangs on it, or the name could not be used again", async () => {
    await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5 }));
    const ScalableTargetAction = { MinCapacity: 2 };
    const action = { ...key, ScheduledActionName: "a", Schedule: "rate(1 hour)", ScalableTargetAction };
    await client.send(new PutScheduledActionCommand(action));
    await client.send(new DeregisterScalableTargetCommand(key));

    expect((await client.send(new DescribeScheduledActionsCommand({ ServiceNamespace: "sagemaker" }))).ScheduledActions).to.deep.equal([]);
  });

  it("pages through what it has", async () => {
    await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5 }));
    for (const PolicyName of ["a", "b", "c"]) {
      await client.send(
        new PutScalingPolicyCommand({
          ...key,
          PolicyName,
          PolicyType: "StepScaling",
          StepScalingPolicyConfiguration: {
            AdjustmentType: "ExactCapacity",
            StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
          },
        }),
      );
    }
    const page = async (NextToken?: string) => {
      const answer = await client.send(
        new DescribeScalingPoliciesCommand({ ServiceNamespace: "sagemaker", MaxResults: 2, ...(NextToken && { NextToken }) }),
      );
      return { names: answer.ScalingPolicies?.map(({ PolicyName }) => PolicyName), next: answer.NextToken };
    };
    const first = await page();
    expect([first.names, await page(first.next)]).to.deep.equal([["a", "b"], { names: ["c"], next: undefined }]);
  });

  it("says no as the service does", async () => {
    const failure = async (sent: Promise<unknown>) => {
      const { name, message, $metadata } = (await sent.catch((error: unknown) => error)) as Error & {
        $metadata: { httpStatusCode: number };
      };
      return [$metadata.httpStatusCode, name, message];
    };
    const unregistered =
      `No scalable target registered for service namespace: sagemaker, resource ID: ${resourceId}, ` +
      "scalable dimension: sagemaker:variant:DesiredInstanceCount";
    expect(await failure(client.send(new DeregisterScalableTargetCommand(key)))).to.deep.equal([
      400,
      "ObjectNotFoundException",
      unregistered,
    ]);
    expect(await failure(client.send(new RegisterScalableTargetCommand(key)))).to.deep.equal([
      400,
      "ValidationException",
      "MinCapacity and MaxCapacity are required to register a new scalable target.",
    ]);
    await client.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 0, MaxCapacity: 5 }));
    expect(await failure(client.send(new PutScalingPolicyCommand({ ...key, PolicyName: "a", PolicyType: "StepScaling" })))).to.deep.equal([
      400,
      "ValidationException",
      "A StepScaling policy takes stepScalingPolicyConfiguration, and only that.",
    ]);
    expect(
      await failure(client.send(new PutScalingPolicyCommand({ ...key, PolicyName: "a", PolicyType: "PredictiveScaling" }))),
    ).to.deep.equal([400, "ValidationException", 'PolicyType: Invalid option: expected one of "StepScaling"|"TargetTrackingScaling"']);
    expect(await failure(client.send(new DeleteScalingPolicyCommand({ ...key, PolicyName: "a" })))).to.deep.equal([
      400,
      "ObjectNotFoundException",
      `No scaling policy found for policy name: a, resource ID: ${resourceId}`,
    ]);
    expect(await failure(client.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: "sagemaker", NextToken: "7" })))).to.deep.equal(
      [400, "InvalidNextTokenException", "The NextToken supplied was invalid: 7"],
    );
    expect(await failure(client.send(new DeleteScheduledActionCommand({ ...key, ScheduledActionName: "a" })))).to.deep.equal([
      400,
      "ObjectNotFoundException",
      `No scheduled action found for scheduled action name: a, resource ID: ${resourceId}`,
    ]);
    expect(await failure(client.send(new ListTagsForResourceCommand({ ResourceARN: "arn:x" })))).to.deep.equal([
      400,
      "ResourceNotFoundException",
      "Resource not found: arn:x",
    ]);
    const tooMany = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`k${at}`, "v"]));
    const { ScalableTargets = [] } = await client.send(new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker" }));
    expect(
      await failure(client.send(new TagResourceCommand({ ResourceARN: ScalableTargets[0]?.ScalableTargetARN, Tags: tooMany }))),
    ).to.deep.equal([400, "TooManyTagsException", `The resource ${resourceId} can have at most 50 tags.`]);
    expect(
      await failure(
        client.send(
          new PutScheduledActionCommand({
            ...key,
            ScheduledActionName: "a",
            Schedule: "rate(1 day)",
            ScalableTargetAction: { MinCapacity: 3, MaxCapacity: 2 },
          }),
        ),
      ),
    ).to.deep.equal([
      400,
      "ValidationException",
      "ScalableTargetAction: maximum capacity cannot be less than minimum capacity: got 3 to 2",
    ]);
  });
});
