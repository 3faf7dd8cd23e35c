import { dynamoDbTasks } from "../aws/dynamoDbTasks";
import { consoleLog, type SnsEvent } from "../aws/lambda";
import { answerTasks } from "../core/lifecycle/tasks";
import { forEachEndedJob } from "./endedJobs";
import { lambdaTasks } from "./lambdaTasks";
import { readSettings } from "./settings";

/** Settings of {@link tasksFunction}. */
export interface TasksFunctionSettings {
  endpointName: string;
  jobTableName: string;
}

/**
 * The tasks function: a job's end in, an answer to each Step Functions task that waits for it. Subscribed to the jobs topic with a
 * filter on the attribute `hasTasks`; the tokens themselves are in the record alone.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem` on the job table, of the attributes `jobId` and `taskTokens` only
 * - `states:SendTaskSuccess`, `states:SendTaskFailure` on the state machines of the account and region
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function tasksFunction(): (event: SnsEvent) => Promise<void> {
  const settings = readSettings<TasksFunctionSettings>();
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  const tokensOf = dynamoDbTasks(documents, new dynamodb.DynamoDBClient({}), settings.jobTableName);
  const tasks = lambdaTasks();
  return (event) =>
    forEachEndedJob(event, settings.endpointName, async (job) => {
      const taskTokens = await tokensOf(job.jobId);
      // Its record has expired: nobody waits that long.
      if (taskTokens === undefined) return consoleLog({ level: "warn", message: "no task tokens", jobId: job.jobId });
      await answerTasks(tasks, { ...job, taskTokens });
    });
}
