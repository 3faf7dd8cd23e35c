import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  RegisterScalableTargetCommand,
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
    expect([await page(), await page("2")]).to.deep.equal([
      { names: ["a", "b"], next: "2" },
      { names: ["c"], next: undefined },
    ]);
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
    expect(await failure(client.send(new DescribeScheduledActionsCommand({ ServiceNamespace: "sagemaker" })))).to.deep.equal([
      501,
      "NotImplemented",
      "The embedded cloud does not support the operation DescribeScheduledActions of Application Auto Scaling.",
    ]);
  });
});
