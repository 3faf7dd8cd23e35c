import { consoleLog, type SnsEvent } from "../aws/lambda";
import { forEach } from "../core/forEach";
import { readJobEvent } from "../core/records/jobEvent";
import type { JobRecord } from "../core/records/job";

/**
 * Hands on the ends of an endpoint's jobs that a delivery of the jobs topic carries, one after the other. What is no job event is
 * dropped with a line in the log: delivered again it would read the same.
 *
 * @param endpointName ends of other endpoints on the same topic are not handed on
 */
export function forEachEndedJob(event: SnsEvent, endpointName: string, work: (job: JobRecord) => Promise<void>): Promise<void> {
  return forEach(event.Records, async ({ Sns }) => {
    const message = readJobEvent(Sns.Message);
    if (message.kind === "malformed") {
      const { problem } = message;
      consoleLog({ level: "error", message: "job event dropped", code: "BAD_MESSAGE", problem, messageId: Sns.MessageId });
      return;
    }
    if (message.job.endpointName === endpointName) await work(message.job);
  });
}
