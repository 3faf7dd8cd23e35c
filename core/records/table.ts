/** Version of a record's shape, in each record's `schemaVersion`. */
export const recordSchemaVersion = 1;

/** Over how many keys the `due` index is spread: one hot key would take at most 1,000 writes per second. */
export const dueShardCount = 8;

/** `dueAt` of a job that waits for its priority: it stays counted as open, and nobody looks at it but who admits it. */
export const waitingDueAt = "9999-12-31T23:59:59.999Z";

/**
 * The index of jobs that wait for their priority, in the order of their turns; the table has it only with priorities. One key takes
 * 1,000 writes per second, above which DynamoDB slows down a batch and nothing else.
 */
export const waitingIndex = {
  attributes: [
    { name: "priority", type: "S" },
    { name: "turn", type: "N" },
  ],
  index: { name: "waiting", hashKey: "priority", rangeKey: "turn", projectionType: "KEYS_ONLY" },
} as const;

/**
 * Shape of the job table as plain data: the component creates it, the adapters and the tests use the same names.
 *
 * Items that are not jobs (leases, marks, counts) have keys that start with `#`, which no job id can.
 * All indexes are sparse: a record is in one only while it has both of its attributes.
 */
export const jobTable = {
  hashKey: "jobId",
  /** Epoch seconds; set when a job ends, so that no open job is ever dropped. */
  ttlAttribute: "expiresAt",
  attributes: [
    { name: "jobId", type: "S" },
    { name: "dueShard", type: "N" },
    { name: "dueAt", type: "S" },
    { name: "waiter", type: "S" },
    { name: "endedAt", type: "S" },
    { name: "createdDay", type: "S" },
    { name: "createdAt", type: "S" },
  ],
  indexes: {
    /** Jobs that are open, or whose end isn't announced, by when to look at them again; with what counts them. */
    due: { name: "due", hashKey: "dueShard", rangeKey: "dueAt", projectionType: "INCLUDE", nonKeyAttributes: ["state", "createdAt"] },
    /** Ended jobs of one waiter, in the order of their ends. */
    ended: { name: "ended", hashKey: "waiter", rangeKey: "endedAt", projectionType: "ALL" },
    /** Jobs of one UTC day, in the order in which they were accepted. */
    created: {
      name: "created",
      hashKey: "createdDay",
      rangeKey: "createdAt",
      projectionType: "INCLUDE",
      nonKeyAttributes: ["state", "endpointName", "endedAt"],
    },
  },
} as const;
