import { floorCall } from "../aws/floorCall";
import { giveUpTime, lambdaLowEntry, lambdaPorts, type LambdaContext } from "../aws/lambda";
import type { SubmitAnswer } from "../core/messages/answer";
import { openCountReader } from "../core/floor/openCount";
import { answerRequest, type SubmitPorts, type SubmitSettings } from "../core/lifecycle/submit";
import { lambdaTasks } from "./lambdaTasks";
import { readSettings, type JobResources } from "./settings";

/** Settings of {@link submitFunction}. Prefixes have no leading and one trailing slash. */
export interface SubmitFunctionSettings extends SubmitSettings, JobResources {
  /** Keeps instances for the job: see `floorFunction`. */
  floorFunctionName: string;
  /** Whether a request may carry the token of a Step Functions task. @default false */
  workflowsEnabled?: boolean;
}

/**
 * The submit function ("invoking"): a request in, a recorded and invoked job out.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:UpdateItem` on the job table
 * - `s3:PutObject` on `<bucket>/<inputPrefix>*` (uploads inputs)
 * - `s3:GetObject` on `<bucket>/<inputPrefix>*`, `<bucket>/<outputPrefix>*` and `<allowed bucket>/*` (looks at a given
 *   input, reads a result for `waitSeconds`)
 * - `s3:ListBucket` on the bucket and each allowed bucket (else a missing object reads as 403)
 * - `sagemaker:InvokeEndpointAsync` on the endpoint
 * - `lambda:InvokeFunction` on the floor function (keeps instances for the job)
 * - `sns:Publish` on the jobs topic (a job that the service refuses for good ends here)
 * - with `workflowsEnabled` `states:SendTaskSuccess`, `states:SendTaskFailure` on the state machines of the account and region (a request
 *   that is refused, or whose job has ended)
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function submitFunction(): (event: unknown, context: LambdaContext) => Promise<SubmitAnswer> {
  const settings = readSettings<SubmitFunctionSettings>();
  const ports = { ...submitPorts(settings), tasks: settings.workflowsEnabled === true ? lambdaTasks() : undefined };
  return (event, context) => answerRequest(ports, settings, event, giveUpTime(context));
}

/** The ports of a submitter inside Lambda. */
export function submitPorts(settings: JobResources & Pick<SubmitFunctionSettings, "floorFunctionName">): SubmitPorts {
  const ports = lambdaPorts(settings);
  const lambda = () => {
    const library = require("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
    return { library, client: new library.LambdaClient({}) };
  };
  const floor = floorCall(ports, settings.floorFunctionName, lambda);
  return { ...ports, floor, openCount: openCountReader(ports), low: lambdaLowEntry(settings) };
}
