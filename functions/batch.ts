import { giveUpTime, lambdaRooms, type LambdaContext } from "../aws/lambda";
import { batchPlaces } from "../core/floor/batchRoom";
import { answerBatch, readBatchEvent, type BatchAnswer } from "../core/lifecycle/batch";
import { readSettings } from "./settings";
import { submitPorts, type SubmitFunctionSettings } from "./submit";

/** Settings of {@link batchFunction}. */
export interface BatchFunctionSettings extends SubmitFunctionSettings {
  /** The role that S3 Batch Operations runs as: by it whoever finds the function finds what may invoke it. */
  engineRoleArn: string;
}

/**
 * The batch function: an object of an S3 Batch Operations manifest in, a job out.
 *
 * IAM, exactly: what `submitFunction` needs, except
 * - `s3:PutObject` (inputs stay where they are), and `s3:GetObject` on outputs (nobody waits for a result)
 * - `sqs:SendMessage` (S3 invokes it synchronously, and its report says what failed)
 */
export function batchFunction(): (event: unknown, context: LambdaContext) => Promise<BatchAnswer> {
  const settings = readSettings<BatchFunctionSettings>();
  const submitting = submitPorts(settings);
  const places = batchPlaces({ ...submitting, rooms: lambdaRooms(settings) }, settings.maxOpenJobs);
  const ports = { ...submitting, places };
  return (event, context) => answerBatch(ports, settings, readBatchEvent(event), giveUpTime(context));
}
