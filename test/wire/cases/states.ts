import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { account, region, type WireCase } from "../cloud";
import { roleArn } from "./iam";

const name = "wire-machine";
const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
const definition = (result: string) => JSON.stringify({ StartAt: "Page", States: { Page: { Type: "Pass", Result: result, End: true } } });
const tags = { team: "ocr" };

const stateMachine: WireCase = {
  type: "aws:sfn/stateMachine:StateMachine",
  inputs: { name, definition: definition("one"), roleArn, tags },
  create: ({ sfn }) =>
    sfn.send(
      new CreateStateMachineCommand({
        name,
        definition: definition("one"),
        roleArn,
        type: "STANDARD",
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      }),
    ),
  read: async ({ sfn }) => {
    const { creationDate, ...machine } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const { tags: kept } = await sfn.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }));
    return { machine, isDated: creationDate !== undefined, tags: kept };
  },
  change: {
    inputs: { name, definition: definition("two"), roleArn, tags: { ...tags, stage: "dev" } },
    call: async ({ sfn }) => {
      await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: definition("two"), roleArn }));
      await sfn.send(new TagResourceCommand({ resourceArn: stateMachineArn, tags: [{ key: "stage", value: "dev" }] }));
    },
  },
  delete: ({ sfn }) => sfn.send(new DeleteStateMachineCommand({ stateMachineArn })),
  gone: "400 StateMachineDoesNotExist",
};

export const stateCases = [stateMachine];
