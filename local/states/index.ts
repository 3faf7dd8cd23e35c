import * as z from "zod";
import type { CloudContext, CloudService } from "../ports";
import { recorded } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";
import { Executions } from "./executions";
import { Machines, type KeptMachine } from "./machines";
import { TaskTokens } from "./tokens";
import { machineName, statesWire } from "./wire";

const machineSchema = z.strictObject({
  name: machineName.optional(),
  definition: z.string(),
  roleArn: z.string(),
  type: z.literal("STANDARD", "the embedded cloud has standard state machines alone").optional(),
  tags: recorded.tags,
});

/**
 * Step Functions: standard state machines in JSONPath whose tasks are Lambda functions, also by task token, run by a kept
 * implementation of the language. Times of tasks are the cloud's clock's.
 */
export function createStates(context: CloudContext): CloudService {
  const machines = new Machines(context);
  const tokens = new TaskTokens(context.clock);
  const executions = new Executions(context, tokens);
  return {
    resources: { "aws:sfn/stateMachine:StateMachine": machineType(machines) },
    wire: { states: statesWire({ machines, executions, tokens }) },
    close: async () => executions.close(),
  };
}

function machineType(machines: Machines): ResourceType {
  const created = ({ arn, name, createdAt, tags }: KeptMachine, inputs: z.infer<typeof machineSchema>) => ({
    id: arn,
    state: { ...inputs, type: "STANDARD", arn, name, creationDate: new Date(createdAt).toISOString(), status: "ACTIVE", tagsAll: tags },
  });
  const type = resourceType(
    machineSchema,
    async ({ name: logicalName, inputs }) => {
      const { name = autoName(logicalName), definition, roleArn, tags = {} } = inputs;
      return created(machines.create({ name, definition, roleArn, tags }), inputs);
    },
    async ({ inputs }, { id }) => {
      const { definition, roleArn, tags = {} } = inputs;
      return created(machines.update(id, { definition, roleArn, tags }), inputs);
    },
    async ({ id }) => machines.delete(id),
  );
  return updatable(type, ["name", "type"]);
}
