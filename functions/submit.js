import { floorCall } from "../aws/floorCall";
import { giveUpTime, lambdaPorts } from "../aws/lambda";
import { openCountReader } from "../core/floor/openCount";
import { answerRequest } from "../core/lifecycle/submit";
import { readSettings } from "./settings";
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
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function submitFunction() {
    const settings = readSettings();
    const ports = submitPorts(settings);
    return (event, context) => answerRequest(ports, settings, event, giveUpTime(context));
}
/** The ports of a submitter inside Lambda. */
export function submitPorts(settings) {
    const ports = lambdaPorts(settings);
    const lambda = () => {
        const library = require("@aws-sdk/client-lambda");
        return { library, client: new library.LambdaClient({}) };
    };
    const floor = floorCall(ports, settings.floorFunctionName, lambda);
    return { ...ports, floor, openCount: openCountReader(ports) };
}
