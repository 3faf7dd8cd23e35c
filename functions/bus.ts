import { eventBus } from "../aws/eventBus";
import type { SnsEvent } from "../aws/lambda";
import { jobEndedOf } from "../core/records/jobEndedEvent";
import { forEachEndedJob } from "./endedJobs";
import { readSettings } from "./settings";

/** Settings of {@link busFunction}. */
export interface BusFunctionSettings {
  endpointName: string;
  /** Name or ARN. */
  eventBusName: string;
}

/**
 * The bus function: a job's end in, an event on an EventBridge bus out. Subscribed to the jobs topic, which every end passes.
 * At least once: events of one end have the same `idempotencyKey`.
 *
 * IAM, exactly:
 * - `events:PutEvents` on the bus, of this source alone
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function busFunction(): (event: SnsEvent) => Promise<void> {
  const settings = readSettings<BusFunctionSettings>();
  const library = require("@aws-sdk/client-eventbridge") as typeof import("@aws-sdk/client-eventbridge");
  const put = eventBus(library, new library.EventBridgeClient({}), settings.eventBusName);
  return (event) => forEachEndedJob(event, settings.endpointName, (job) => put(jobEndedOf(job)));
}
