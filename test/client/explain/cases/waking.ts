import { asleep, config, facts, minute, scalable, type Case } from "../facts";

/** What is said of a job while no instance exists. */
export const waking: Case[] = [
  [
    "says when the endpoint is woken",
    facts({ now: Date.parse(minute(1)), endpoint: asleep(), scaling: scalable() }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps; the job waits until it wakes up.",
      why: "ocr has 0 instances, which is how it sleeps while nothing waits.",
      since: "2026-01-25T12:00:00.000Z",
      next: "Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within 5 minutes of the submission. Then the instance starts, which takes minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T12:05:00.000Z",
      whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
    },
  ],
  [
    "names the alarm that asks for an instance",
    facts({
      now: Date.parse(minute(4)),
      endpoint: asleep(),
      scaling: scalable(),
      alarms: [{ name: "ocr-wake", since: minute(3.5), reason: "Threshold Crossed" }],
    }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps; the job waits until it wakes up.",
      why: "ocr has 0 instances, which is how it sleeps while nothing waits. The alarm ocr-wake asks for an instance since 2026-01-25T12:03:30.000Z.",
      since: "2026-01-25T12:00:00.000Z",
      next: "Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within 5 minutes of the submission. Then the instance starts, which takes minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T12:05:00.000Z",
      whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
    },
  ],
  [
    "says that the wake-up is late",
    facts({ now: Date.parse(minute(12)), endpoint: asleep(), scaling: scalable() }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps; the job waits until it wakes up.",
      why: "ocr has 0 instances, which is how it sleeps while nothing waits.",
      since: "2026-01-25T12:00:00.000Z",
      next: "An instance should have been asked for by 2026-01-25T12:05:00.000Z, and was not: autoscaling is broken, or it asks in these minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: [
        "Look at the wake-up alarm and its scaling policy in CloudWatch; pulumi up restores both.",
        "Set the desired instance count to 1 by hand.",
      ],
    },
  ],
  [
    "says that an instance is starting, and how long it may take",
    facts({
      endpoint: asleep({ status: "Updating", desiredInstanceCount: 1, since: minute(4) }),
      scaling: scalable({
        lastActivity: { startedAt: minute(4), status: "InProgress", description: "Setting desired instance count to 1.", message: "" },
      }),
      endpointConfig: config,
    }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint wakes up: an instance is starting, and the job waits for it.",
      why: "ocr had 0 instances, and 1 of ml.g5.2xlarge was asked for at 2026-01-25T12:04:00.000Z.",
      since: "2026-01-25T12:04:00.000Z",
      next: "The job starts when the container answers. SageMaker does not say when: usually within minutes, and after the machine is there model and container have at most 60 minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
    },
  ],
  [
    "says so without the sources that can't be read",
    facts({
      endpoint: asleep({ status: "Updating", desiredInstanceCount: 1, since: minute(4) }),
      unreadable: [
        {
          source: "endpointConfig",
          reason: "AccessDeniedException: not authorized",
          statement: {
            Effect: "Allow",
            Action: "sagemaker:DescribeEndpointConfig",
            Resource: "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/ocr-config-1",
          },
        },
        { source: "scaling", reason: "ServiceUnavailable: down" },
      ],
    }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint wakes up: an instance is starting, and the job waits for it.",
      why: "ocr had 0 instances, and 1 was asked for at 2026-01-25T12:04:00.000Z.",
      since: "2026-01-25T12:04:00.000Z",
      next: "The job starts when the container answers. SageMaker does not say when. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: [
        "Wait.",
        "Set minCapacity to 1, or a schedule, if jobs must not wait for a start.",
        'To let explain read the endpoint\'s configuration, add this statement to your policy: {"Effect":"Allow","Action":"sagemaker:DescribeEndpointConfig","Resource":"arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/ocr-config-1"}',
      ],
    },
  ],
  [
    "says that AWS had no instance to give",
    facts({
      endpoint: asleep({
        since: minute(4),
        failureReason: "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
      }),
      scaling: scalable(),
      endpointConfig: config,
    }),
    {
      state: "SUBMITTED",
      situation: "capacity-error",
      summary: "The endpoint sleeps, and AWS had no ml.g5.2xlarge to wake it with.",
      why: "SageMaker says: Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
      since: "2026-01-25T12:04:00.000Z",
      next: "Autoscaling asks again while the request waits. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: [
        "Wait: capacity often comes back within minutes or hours.",
        "Set another instanceType and deploy (pulumi up), or deploy to another region.",
        "Set minCapacity to 1 so that an instance, once had, is kept.",
        "Raise requestTtlSeconds (at most 21600) for jobs that may wait longer, and ask for a higher endpoint quota of ml.g5.2xlarge if the reason names one.",
      ],
    },
  ],
  [
    "finds the lack of capacity in the scaling activity too",
    facts({
      endpoint: asleep(),
      scaling: scalable({
        lastActivity: {
          startedAt: minute(4),
          status: "Failed",
          description: "Setting desired instance count to 1.",
          message: "Failed to set desired instance count to 1. Reason: InsufficientInstanceCapacity",
        },
      }),
    }),
    {
      state: "SUBMITTED",
      situation: "capacity-error",
      summary: "The endpoint sleeps, and AWS had no instance to wake it with.",
      why: "SageMaker says: Failed to set desired instance count to 1. Reason: InsufficientInstanceCapacity.",
      since: "2026-01-25T12:04:00.000Z",
      next: "Autoscaling asks again while the request waits. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: [
        "Wait: capacity often comes back within minutes or hours.",
        "Set another instanceType and deploy (pulumi up), or deploy to another region.",
        "Set minCapacity to 1 so that an instance, once had, is kept.",
        "Raise requestTtlSeconds (at most 21600) for jobs that may wait longer, and ask for a higher endpoint quota if the reason names one.",
      ],
    },
  ],
  [
    "says that the instance's container did not start",
    facts({
      endpoint: asleep({ since: minute(4), failureReason: "The container exited with code 3: no weights here" }),
      scaling: scalable(),
      endpointConfig: config,
    }),
    {
      state: "SUBMITTED",
      situation: "wake-up-failed",
      summary: "The endpoint sleeps, and the instance that should wake it did not start.",
      why: "SageMaker says: The container exited with code 3: no weights here.",
      since: "2026-01-25T12:04:00.000Z",
      next: "Autoscaling asks again while the request waits. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: [
        "Read the container's log: /aws/sagemaker/Endpoints/ocr.",
        "Raise containerStartupTimeoutSeconds or modelDownloadTimeoutSeconds if the model needs longer to load.",
      ],
    },
  ],
  [
    "holds no failure from before the job against it",
    facts({
      now: Date.parse(minute(1)),
      endpoint: asleep({ since: minute(-60), failureReason: "The container exited with code 3" }),
      scaling: scalable(),
    }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps; the job waits until it wakes up.",
      why: "ocr has 0 instances, which is how it sleeps while nothing waits.",
      since: "2026-01-25T12:00:00.000Z",
      next: "Autoscaling asks for an instance when it sees the waiting request in CloudWatch: within 5 minutes of the submission. Then the instance starts, which takes minutes. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T12:05:00.000Z",
      whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
    },
  ],
  [
    "says that nothing will wake it without a scalable target",
    facts({ endpoint: asleep(), scaling: { target: "missing" } }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps, and nothing is there to wake it.",
      why: "ocr has 0 instances. No scalable target is registered for it, so that nothing will start one.",
      since: "2026-01-25T12:00:00.000Z",
      next: "Nothing, until somebody starts an instance. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: ["Register the scalable target again: pulumi up does."],
    },
  ],
  [
    "says that nothing will wake it while scaling out is suspended",
    facts({ endpoint: asleep(), scaling: { target: { minCapacity: 0, maxCapacity: 5, scaleOutSuspended: true } } }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps, and nothing is there to wake it.",
      why: "ocr has 0 instances. Its scalable target has scaling out suspended, so that nothing will start one.",
      since: "2026-01-25T12:00:00.000Z",
      next: "Nothing, until somebody starts an instance. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: ["Resume it: RegisterScalableTarget with SuspendedState.DynamicScalingOutSuspended=false."],
    },
  ],
  [
    "says that nothing will wake it with a maximum of 0",
    facts({ endpoint: asleep(), scaling: { target: { minCapacity: 0, maxCapacity: 0, scaleOutSuspended: false } } }),
    {
      state: "SUBMITTED",
      situation: "waiting-for-wake-up",
      summary: "The endpoint sleeps, and nothing is there to wake it.",
      why: "ocr has 0 instances. Its scalable target allows 0 instances at the most, so that nothing will start one.",
      since: "2026-01-25T12:00:00.000Z",
      next: "Nothing, until somebody starts an instance. If it has not started by 2026-01-25T18:00:00.000Z, it expires.",
      nextAt: "2026-01-25T18:00:00.000Z",
      whatYouCanDo: ["Raise maxCapacity and deploy (pulumi up)."],
    },
  ],
];
