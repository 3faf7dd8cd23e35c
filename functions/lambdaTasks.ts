import { consoleLog } from "../aws/lambda";
import { stepFunctionsTasks } from "../aws/stepFunctions";
import type { Tasks } from "../core/ports";

/** Tasks of Step Functions inside Lambda. Loads the SDK from the runtime with the first answer. */
export function lambdaTasks(): Tasks {
  return stepFunctionsTasks(() => {
    const library = require("@aws-sdk/client-sfn") as typeof import("@aws-sdk/client-sfn");
    return { library, client: new library.SFNClient({}) };
  }, consoleLog);
}
