import type { PutParameterCommandInput } from "@aws-sdk/client-ssm";
import { pascal, retag, tagList, tagMap, type Properties, type ProviderTypes, type Services } from "./resource";

/** Parameter Store. */
export function parameterTypes({ ssm }: Services): ProviderTypes {
  const put = (Name: string, { type, value, description, keyId }: Properties, more: Partial<PutParameterCommandInput>) =>
    ssm.putParameter({ ...pascal<{ Value: string }>({ type, value, description, keyId }), Name, ...more });
  const resource = (Name: string) => ({ ResourceType: "Parameter", ResourceId: Name }) as const;
  return {
    "aws:ssm/parameter:Parameter": {
      replacedBy: ["name"],
      create: async (Name, inputs) => {
        await put(Name, inputs, { Tags: tagList(inputs) });
        return { id: Name, outputs: { name: Name, arn: (await ssm.getParameter({ Name })).Parameter?.ARN } };
      },
      read: async (Name) => {
        const { Parameter = {} } = await ssm.getParameter({ Name, WithDecryption: true });
        const ParameterFilters = [{ Key: "Name", Option: "Equals", Values: [Name] }];
        const { Parameters: [described] = [] } = await ssm.describeParameters({ ParameterFilters });
        return {
          type: Parameter.Type,
          value: Parameter.Value,
          description: described?.Description,
          keyId: described?.KeyId,
          tags: tagMap((await ssm.listTagsForResource(resource(Name))).TagList),
        };
      },
      update: async (Name, now, before) => {
        await put(Name, now, { Overwrite: true });
        await retag(
          now,
          before,
          (tags) => ssm.addTagsToResource({ ...resource(Name), Tags: tagList({ tags }) }),
          (TagKeys) => ssm.removeTagsFromResource({ ...resource(Name), TagKeys }),
        );
      },
      delete: (Name) => ssm.deleteParameter({ Name }),
    },
  };
}
