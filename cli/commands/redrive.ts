import { Option, type Command } from "commander";
import type { Message } from "@aws-sdk/client-sqs";
import { asyncInferenceError } from "../../client/errors";
import { readDeadLetter, redrive, type RedriveOptions } from "../../core/handlers/deadLetter";
import type { AwsSettings } from "../aws";
import { exitCodes } from "../exitCodes";
import { addCommand, addCommonOptions, withService, type Session } from "../session";
import type { Target, TargetOptions } from "../target";

/** `sagemaker-async redrive` */
export function addRedrive(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "redrive",
    "Put dead letters back: each event goes once more to the function that failed at it, or to the consumer queues that follow it, and a letter that can't go stays.",
    ["sagemaker-async redrive --dry-run --stack prod", "sagemaker-async redrive --in-doubt done --stack prod"],
  )
    .addOption(new Option("--dry-run", "say what lies there and what would be done, and do nothing").default(false))
    .addOption(
      new Option(
        "--in-doubt <outcome>",
        "what somebody found out about effects of context.once that were interrupted: they are done, or have to be run again",
      )
        .choices(["done", "again"])
        .default(undefined, "such letters stay"),
    );
  return addCommonOptions(command, { target: true }).action(async (options: TargetOptions & RedriveOptions) => {
    await withService(session, options, async ({ target, aws }) => {
      const { looked, failed } = await redriveAll(session, target, aws, options);
      if (looked === 0) session.output.note("There are no dead letters.");
      return failed > 0 ? exitCodes.failed : exitCodes.done;
    });
  });
}

/** Looks at each letter once, and gives back those that stay. */
async function redriveAll(
  session: Session,
  { outputs }: Target,
  aws: AwsSettings,
  options: RedriveOptions,
): Promise<{ looked: number; failed: number }> {
  const [{ SQSClient }, { LambdaClient }, { SNSClient }, { DynamoDBClient }] = await Promise.all([
    import("@aws-sdk/client-sqs"),
    import("@aws-sdk/client-lambda"),
    import("@aws-sdk/client-sns"),
    import("@aws-sdk/client-dynamodb"),
  ]);
  const [{ redrivePorts }, { eachMessage }] = await Promise.all([import("../../aws/redrive.js"), import("../../aws/deadLetterQueue.js")]);
  const clients = { lambda: new LambdaClient(aws), sns: new SNSClient(aws), dynamodb: new DynamoDBClient(aws), sqs: new SQSClient(aws) };
  const ports = redrivePorts({ ...clients, tableName: outputs.jobTableName, topicArn: outputs.jobsTopicArn });
  let [looked, failed] = [0, 0];
  const visit = async ({ MessageId: messageId, Body = "" }: Message): Promise<boolean> => {
    looked++;
    const letter = readDeadLetter(Body);
    try {
      const { action, text } = await redrive(ports, letter, options);
      session.output.show(
        { messageId, kind: letter.kind, action, dryRun: options.dryRun === true, text },
        (paint) => `${action === "kept" ? paint("yellow", "–") : paint("green", "✔")} ${session.output.fit(text, 2).slice(2)}`,
      );
      return action === "redriven";
    } catch (error) {
      failed++;
      session.output.error(asyncInferenceError(error));
      return false;
    }
  };
  try {
    await eachMessage(clients.sqs, outputs.deadLetterQueueUrl, visit, session.signal);
    return { looked, failed };
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}
