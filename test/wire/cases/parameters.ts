import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
} from "@aws-sdk/client-ssm";
import type { WireCase } from "../cloud";

const Name = "/wire/parameter";
const tags = { team: "ocr" };
const tagged = { ResourceType: "Parameter", ResourceId: Name } as const;
const inputs = { name: Name, type: "SecureString", value: "whsec_one", description: "of a webhook", tags };

const parameter: WireCase = {
  type: "aws:ssm/parameter:Parameter",
  inputs,
  create: ({ ssm }) =>
    ssm.send(
      new PutParameterCommand({
        Name,
        Type: "SecureString",
        Value: "whsec_one",
        Description: "of a webhook",
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    ),
  read: async ({ ssm }) => {
    const encrypted = await ssm.send(new GetParameterCommand({ Name }));
    const ParameterFilters = [{ Key: "Name", Option: "Equals", Values: [Name] }];
    return {
      parameter: (await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter,
      encrypted: encrypted.Parameter?.Value,
      described: (await ssm.send(new DescribeParametersCommand({ ParameterFilters }))).Parameters,
      tags: (await ssm.send(new ListTagsForResourceCommand(tagged))).TagList,
    };
  },
  change: {
    inputs: { ...inputs, value: "whsec_two whsec_one", tags: { ...tags, stage: "dev" } },
    call: async ({ ssm }) => {
      await ssm.send(new PutParameterCommand({ Name, Type: "SecureString", Value: "whsec_two whsec_one", Overwrite: true }));
      await ssm.send(new AddTagsToResourceCommand({ ...tagged, Tags: [{ Key: "stage", Value: "dev" }] }));
    },
  },
  delete: ({ ssm }) => ssm.send(new DeleteParameterCommand({ Name })),
  gone: "400 ParameterNotFound",
};

export const parameterCases = [parameter];
