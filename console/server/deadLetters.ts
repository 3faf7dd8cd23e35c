import { eachMessage } from "../../aws/deadLetterQueue";
import { redrivePorts } from "../../aws/redrive";
import { readDeadLetter, redrive, type RedriveOptions } from "../../core/handlers/deadLetter";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { ShownLetter } from "../contract";
import { refusal } from "./problems";

/** How SDK clients reach the service. */
export interface SdkSettings {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/** Looks at dead letters, and puts them back. */
export interface LettersPort {
  /** All that lie there. Each is hidden from others for as long as it takes to look. */
  look(): Promise<ShownLetter[]>;
  /** Puts one back. @returns what was done in one sentence */
  redrive(messageId: string, inDoubt: "done" | "again" | undefined): Promise<string>;
}

/** The dead letters of one service. */
export function lettersOf(outputs: AsyncInferenceOutputs, settings: SdkSettings): LettersPort {
  type Ports = ReturnType<typeof redrivePorts>;
  const withClients = async <Result>(work: (sqs: import("@aws-sdk/client-sqs").SQSClient, ports: Ports) => Promise<Result>) => {
    const { SQSClient } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
    const { LambdaClient } = require("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
    const { SNSClient } = require("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
    const { DynamoDBClient } = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
    const clients = {
      sqs: new SQSClient(settings),
      lambda: new LambdaClient(settings),
      sns: new SNSClient(settings),
      dynamodb: new DynamoDBClient(settings),
    };
    try {
      return await work(clients.sqs, redrivePorts({ ...clients, tableName: outputs.jobTableName, topicArn: outputs.jobsTopicArn }));
    } finally {
      for (const client of Object.values(clients)) client.destroy();
    }
  };
  return {
    look: () =>
      withClients(async (sqs, ports) => {
        const letters: ShownLetter[] = [];
        await eachMessage(sqs, outputs.deadLetterQueueUrl, async ({ MessageId: messageId = "", Body = "" }) => {
          const letter = readDeadLetter(Body);
          const { action, text } = await redrive(ports, letter, { dryRun: true });
          letters.push({ messageId, kind: letter.kind, text, canRedrive: action === "wouldRedrive" });
          return false;
        });
        return letters;
      }),
    redrive: (messageId, inDoubt) =>
      withClients(async (sqs, ports) => {
        let said: string | undefined;
        const options: RedriveOptions = inDoubt === undefined ? {} : { inDoubt };
        await eachMessage(sqs, outputs.deadLetterQueueUrl, async ({ MessageId, Body = "" }) => {
          if (MessageId !== messageId) return false;
          const { action, text } = await redrive(ports, readDeadLetter(Body), options);
          said = text;
          return action === "redriven";
        });
        if (said !== undefined) return said;
        throw refusal(404, "NOT_FOUND", "The letter is no longer there, or somebody else looks at it.", "Look again in five minutes.");
      }),
  };
}
