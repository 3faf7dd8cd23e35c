import type * as z from "zod";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import type { Alarms } from "./alarms";
import type { Dashboards } from "./dashboards";
import type { MetricStore } from "./metrics";

/** What the operations work on. */
export interface Shared {
  context: CloudContext;
  store: MetricStore;
  alarms: Alarms;
  dashboards: Dashboards;
}

/** Carries out one call. Throws ServiceError. */
export type Operation = (input: unknown, shared: Shared) => Record<string, unknown>;

/** An operation whose parameters are as the schema says. */
export function operation<Schema extends z.ZodType>(
  schema: Schema,
  carryOut: (input: z.infer<Schema>, shared: Shared) => Record<string, unknown>,
): Operation {
  return (input, shared) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return carryOut(parsed.data, shared);
    const problems = parsed.error.issues.map((issue) =>
      issue.code === "unrecognized_keys"
        ? [...issue.path, issue.keys.join(", ")].join(".") + ": not supported by the embedded cloud"
        : `${issue.path.join(".")}: ${issue.message}`,
    );
    throw new ServiceError("InvalidParameterValue", problems.join("; "), 400, "InvalidParameterValueException");
  };
}
