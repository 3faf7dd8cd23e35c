// A workflow of Step Functions: split a document into pages, run a job for each page, join what the model said. No step polls: the
// end of each job answers its task.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AsyncInference } from "sagemaker-async-inference";

/** A page, as the first step finds it. */
interface Page {
  text: string;
  contentType: string;
}

/** What a task gets of a completed job, or what was caught of a failed one. */
interface Read {
  outputLocation?: string;
  error?: string;
}

const service = new AsyncInference("pages", { image: "pages:1", workflowsEnabled: true, forceDestroy: true });

const roleOf = (name: string, principal: string) =>
  new aws.iam.Role(name, { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: principal }) });

const splitRole = roleOf("split", "lambda.amazonaws.com");
const split = new aws.lambda.CallbackFunction("split", {
  runtime: aws.lambda.Runtime.NodeJS24dX,
  role: splitRole,
  // Pages stand apart by form feeds; one that begins with "!" is a picture.
  callback: async ({ document }: { document: string }): Promise<{ pages: Page[] }> => ({
    pages: document.split("\f").map((text) => ({ text, contentType: text.startsWith("!") ? "image/png" : "text/plain" })),
  }),
});

const joinRole = roleOf("join", "lambda.amazonaws.com");
const readResults = service.grantRead(joinRole);
const join = new aws.lambda.CallbackFunction("join", {
  runtime: aws.lambda.Runtime.NodeJS24dX,
  role: joinRole,
  callback: async ({ results }: { results: Read[] }): Promise<{ document: string }> => {
    const { GetObjectCommand, S3Client } = require("@aws-sdk/client-s3") as typeof import("@aws-sdk/client-s3");
    const s3 = new S3Client({});
    const texts = results.map(async ({ outputLocation, error }) => {
      if (outputLocation === undefined) return `(not read: ${error})`;
      const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(outputLocation) ?? [];
      return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
    });
    return { document: (await Promise.all(texts)).join("\f") };
  },
});

const workflowRole = roleOf("workflow", "states.amazonaws.com");
const submitPages = service.grantSubmitFunction(workflowRole);
const callSteps = new aws.iam.RolePolicy("workflow", {
  role: workflowRole.id,
  policy: aws.iam.getPolicyDocumentOutput({ statements: [{ actions: ["lambda:InvokeFunction"], resources: [split.arn, join.arn] }] }).json,
});

const workflow = new aws.sfn.StateMachine(
  "pages",
  {
    roleArn: workflowRole.arn,
    definition: pulumi.jsonStringify({
      StartAt: "Split",
      States: {
        Split: { Type: "Task", Resource: split.arn, Next: "ReadEach" },
        ReadEach: {
          Type: "Map",
          ItemsPath: "$.pages",
          MaxConcurrency: 40,
          ItemProcessor: {
            ProcessorConfig: { Mode: "INLINE" },
            StartAt: "Read",
            States: {
              Read: service.task(
                { "input.$": "$.text", "contentType.$": "$.contentType" },
                // A page that the model can't read is no reason to lose the others. Whatever else fails fails the workflow.
                { Catch: [{ ErrorEquals: ["MODEL_ERROR"], Next: "Unreadable" }], Comment: "A job for each page" },
              ),
              Unreadable: { Type: "Pass", Parameters: { "error.$": "$.Error" }, End: true },
            },
          },
          ResultPath: "$.results",
          Next: "Join",
        },
        Join: { Type: "Task", Resource: join.arn, End: true },
      },
    }),
  },
  { dependsOn: [submitPages, callSteps, readResults] },
);

export const stateMachineArn = workflow.arn;
