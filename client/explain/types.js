/** Every situation that an explanation can find a job in. */
export const situations = [
    /** No instance exists; one is asked for, or will be. */
    "waiting-for-wake-up",
    /** AWS has no instance of the type to give. */
    "capacity-error",
    /** The endpoint changes to another configuration, or is being created. */
    "endpoint-updating",
    /** The endpoint could not be created or updated, and runs nothing. */
    "endpoint-failed",
    /** Other requests were there first. An estimate. */
    "queued-behind-others",
    /** The request waited longer than its `requestTtlSeconds`. */
    "expired",
    /** The container answered with an error. */
    "model-error",
    /** The model took longer than `invocationTimeoutSeconds`. */
    "invocation-timeout",
    /** The input's object does not exist. */
    "input-missing",
    /** A role lacks a permission: one that runs the job, or the caller's own. */
    "access-denied",
    /** The invocation has ended, and no notification arrived. */
    "notification-lost",
    /** The job completed; its result is gone. */
    "result-deleted",
    /** Recorded; the input is on its way to S3, or the next step is. */
    "accepted",
    /** Recorded; new jobs are held until a fleet that is larger than needed has shrunk. */
    "held-for-scale-in",
    /** The endpoint is being called. */
    "invoking",
    /** The endpoint refused the request for now; it is tried again. */
    "refused-retrying",
    /** Whether an attempt ran can't be known. */
    "in-doubt",
    /** An instance was asked for and its container did not start. */
    "wake-up-failed",
    /** The endpoint does not exist. */
    "endpoint-missing",
    /** Nothing waits before it. An estimate. */
    "running",
    /** Taken by the service; whether it runs or waits can't be known. */
    "in-progress",
    /** The invocation has just ended; its notification is on its way. */
    "recording-end",
    "completed",
    /** Ended without a result, for a reason that has no situation of its own. */
    "failed",
    "cancelled",
    /** There is no record of such a job. */
    "unknown-job",
    /** The record could not be read. */
    "record-unreadable",
];
/** Where facts come from. */
export const sourceNames = [
    "record",
    "input",
    "output",
    "failure",
    "endpoint",
    "endpointConfig",
    "scaling",
    "metrics",
    "alarms",
    "deadLetters",
    "resultLog",
    "containerLog",
];
