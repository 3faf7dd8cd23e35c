import { facts, invoking, minute, object } from "../facts";
/** What is said of a job when objects tell more than the record. */
export const objects = [
    [
        "says that the result is there and its notification is not",
        facts({ output: object(), now: Date.parse(minute(10)), deadLetters: 2 }),
        {
            state: "SUBMITTED",
            situation: "notification-lost",
            summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
            why: "A result of 1204 bytes is at s3://service/output/1.order-17/result, written at 2026-01-25T12:04:00.000Z, 6 minutes ago. Notifications take seconds; SageMaker does not promise that each arrives.",
            since: "2026-01-25T12:04:00.000Z",
            next: "The sweeper finds the object and records the end when the job is due.",
            nextAt: "2026-01-25T12:30:00.000Z",
            whatYouCanDo: [
                "Read the result now: it is at s3://service/output/1.order-17/result.",
                "Look at the 2 messages in the dead-letter queue: this notification may be among them.",
                "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish there (sns:Publish): pulumi up restores both.",
            ],
        },
    ],
    [
        "says that a failure is there and its notification is not",
        facts({ output: "missing", failure: { ...object(), text: "CUDA out of memory" }, now: Date.parse(minute(31)), deadLetters: 0 }),
        {
            state: "SUBMITTED",
            situation: "notification-lost",
            summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
            why: 'A failure object of 1204 bytes is at s3://service/failure/1.order-17-error.out, written at 2026-01-25T12:04:00.000Z, 27 minutes ago. Notifications take seconds; SageMaker does not promise that each arrives. It says: "CUDA out of memory".',
            since: "2026-01-25T12:04:00.000Z",
            next: "The job is due: the sweeper, which looks at due jobs every minute, finds the object and records the end.",
            nextAt: "2026-01-25T12:30:00.000Z",
            whatYouCanDo: [
                "Read the failure object now: it is at s3://service/failure/1.order-17-error.out.",
                "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish there (sns:Publish): pulumi up restores both.",
            ],
        },
    ],
    [
        "gives a notification its time",
        facts({ output: object(), now: Date.parse(minute(4.5)) }),
        {
            state: "SUBMITTED",
            situation: "recording-end",
            summary: "The invocation has ended; its end is being recorded.",
            why: "A result of 1204 bytes is at s3://service/output/1.order-17/result, written at 2026-01-25T12:04:00.000Z, 30 seconds ago. SageMaker's notification of it is on its way.",
            since: "2026-01-25T12:04:00.000Z",
            next: "The job's end is recorded within seconds. If the notification is lost, the sweeper records it when the job is due.",
            nextAt: "2026-01-25T12:30:00.000Z",
            whatYouCanDo: [],
        },
    ],
    [
        "finds the result of a call whose answer was lost",
        facts({ record: invoking({ dueAt: minute(1.995) }), output: object(), now: Date.parse(minute(10)) }),
        {
            state: "INVOKING",
            situation: "notification-lost",
            summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
            why: "A result of 1204 bytes is at s3://service/output/1.order-17/result, written at 2026-01-25T12:04:00.000Z, 6 minutes ago. Notifications take seconds; SageMaker does not promise that each arrives.",
            since: "2026-01-25T12:04:00.000Z",
            next: "The job is due: the sweeper, which looks at due jobs every minute, finds the object and records the end.",
            nextAt: "2026-01-25T12:01:59.700Z",
            whatYouCanDo: [
                "Read the result now: it is at s3://service/output/1.order-17/result.",
                "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish there (sns:Publish): pulumi up restores both.",
            ],
        },
    ],
];
