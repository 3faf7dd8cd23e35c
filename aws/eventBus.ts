import { codedError, thrown } from "../core/records/errors";
import { jobEndedDetailType, jobEndedSource, type JobEnded } from "../core/records/jobEndedEvent";

type Library = typeof import("@aws-sdk/client-eventbridge");
type Client = import("@aws-sdk/client-eventbridge").EventBridgeClient;

/**
 * Puts ends of jobs on an event bus.
 *
 * @param library `@aws-sdk/client-eventbridge`: given, so that a Lambda's archive does without it
 * @param busName name or ARN
 * @returns throws a coded error, `UNAVAILABLE`, when the bus did not take the event
 */
export function eventBus(library: Library, client: Client, busName: string): (ended: JobEnded) => Promise<void> {
  return async (ended) => {
    const entry = {
      EventBusName: busName,
      Source: jobEndedSource,
      DetailType: jobEndedDetailType,
      Time: new Date(ended.job.endedAt ?? Date.now()),
      Detail: JSON.stringify(ended),
    };
    const { Entries: [taken] = [] } = await client.send(new library.PutEventsCommand({ Entries: [entry] }));
    // PutEvents answers 200 for entries that it did not take.
    if (taken?.ErrorCode === undefined) return;
    throw thrown(codedError("UNAVAILABLE", `The event bus ${busName} did not take the event: ${taken.ErrorCode}: ${taken.ErrorMessage}`));
  };
}
