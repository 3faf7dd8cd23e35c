import * as z from "zod";
import type { CloudContext, CloudService } from "../ports";
import { recorded } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";
import { Parameters, type Parameter } from "./parameters";
import * as shapes from "./shapes";
import { ssmWire } from "./wire";

const parameterSchema = z.strictObject({
  name: shapes.name.optional(),
  type: shapes.type,
  value: shapes.value,
  keyId: shapes.keyId.optional(),
  description: shapes.description.optional(),
  tier: shapes.tier.optional(),
  dataType: shapes.dataType.optional(),
  tags: recorded.tags,
});
type ParameterInputs = z.infer<typeof parameterSchema>;

/** Systems Manager, of which the Parameter Store. Nothing is encrypted; who may decrypt with a customer's key is judged. */
export function createSsm(context: CloudContext): CloudService {
  const parameters = new Parameters(context);
  return {
    resources: { "aws:ssm/parameter:Parameter": parameterType(parameters) },
    wire: { ssm: ssmWire(parameters) },
    factsOf: (arn) => {
      const [, path] = /^arn:aws:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(arn) ?? [];
      if (path === undefined) return undefined;
      const below = parameters.below(path, true).map(({ name }) => parameters.arnOf(name));
      return { kmsKeyArn: parameters.byArn(arn)?.keyId, below };
    },
    close: async () => undefined,
  };
}

function parameterType(parameters: Parameters): ResourceType {
  const put = (name: string, inputs: ParameterInputs, overwrite: boolean) => {
    const { type, value, keyId, description, tags = {} } = inputs;
    const given = { name, type, value, ...(keyId && { keyId }), ...(description !== undefined && { description }) };
    return created(parameters.put(given, { overwrite, tags }), inputs);
  };
  const created = ({ name, version, tags }: Parameter, inputs: ParameterInputs) => ({
    id: name,
    state: { ...inputs, name, arn: parameters.arnOf(name), version, tier: "Standard", dataType: "text", tagsAll: tags },
  });
  const type = resourceType(
    parameterSchema,
    async ({ name: logicalName, inputs }) => put(inputs.name ?? autoName(logicalName), inputs, false),
    async ({ inputs }, { id }) => put(id, inputs, true),
    async ({ id }) => parameters.delete(id),
  );
  return updatable(type, ["name", "type"]);
}
