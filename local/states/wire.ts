import * as z from "zod";
import { jsonOperation, jsonService, type JsonOperation } from "../jsonService";
import * as pages from "../pages";
import { ServiceError, type Service } from "../wire";
import { readDefinition } from "./definition";
import type { Execution, Executions } from "./executions";
import type { KeptMachine, Machines } from "./machines";
import type { TaskTokens } from "./tokens";

/** Name of a state machine, or of an execution. */
export const machineName = z.string().min(1).max(80);
const arn = z.string().min(1).max(256);
const tag = z.strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) });
const page = { maxResults: z.int().min(0).max(1000).default(100), nextToken: z.string().optional() };
/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const payload = z.string().max(262_144);
const token = z.string().min(1).max(2048);

/** Step Functions' API: standard state machines, executions and task tokens; no versions, aliases, activities or histories. */
export function statesWire({ machines, executions, tokens }: { machines: Machines; executions: Executions; tokens: TaskTokens }): Service {
  return jsonService("Step Functions'", "AWSStepFunctions", {
    ...machineOperations(machines),
    ...tagOperations(machines),
    ...executionOperations(machines, executions),
    ...taskOperations(tokens),
  });
}

type Operations = Record<string, JsonOperation>;

const seconds = (milliseconds: number) => milliseconds / 1000;

function listed({ arn: stateMachineArn, name, createdAt }: KeptMachine) {
  return { stateMachineArn, name, type: "STANDARD", creationDate: seconds(createdAt) };
}

function described({ arn: executionArn, stateMachineArn, name, status, startedAt, stoppedAt }: Execution) {
  const stopped = stoppedAt !== undefined && { stopDate: seconds(stoppedAt) };
  return { executionArn, stateMachineArn, name, status, startDate: seconds(startedAt), ...stopped };
}

function machineOperations(machines: Machines): Operations {
  return {
    CreateStateMachine: jsonOperation(
      z.strictObject({
        name: machineName,
        definition: z.string(),
        roleArn: arn,
        type: z.literal("STANDARD", "the embedded cloud has standard state machines alone").optional(),
        tags: z.array(tag).default([]),
        publish: z.literal(false).optional(),
      }),
      ({ name, definition, roleArn, tags }) => {
        const made = machines.create({ name, definition, roleArn, tags: record(tags) });
        return { stateMachineArn: made.arn, creationDate: seconds(made.createdAt) };
      },
    ),
    DescribeStateMachine: jsonOperation(z.strictObject({ stateMachineArn: arn }), ({ stateMachineArn }) => {
      const machine = machines.find(stateMachineArn);
      return { ...listed(machine), status: "ACTIVE", definition: machine.definition, roleArn: machine.roleArn };
    }),
    UpdateStateMachine: jsonOperation(
      z.strictObject({
        stateMachineArn: arn,
        definition: z.string().optional(),
        roleArn: arn.optional(),
        publish: z.literal(false).optional(),
      }),
      ({ stateMachineArn, definition, roleArn }) => {
        machines.update(stateMachineArn, { ...(definition !== undefined && { definition }), ...(roleArn !== undefined && { roleArn }) });
        return { updateDate: seconds(machines.find(stateMachineArn).createdAt) };
      },
    ),
    DeleteStateMachine: jsonOperation(z.strictObject({ stateMachineArn: arn }), ({ stateMachineArn }) => {
      machines.delete(stateMachineArn);
      return {};
    }),
    ListStateMachines: jsonOperation(z.strictObject(page), (paging) => {
      const { page: shown, ...next } = pageOf("ListStateMachines", machines.all(), (machine) => machine.arn, paging);
      return { stateMachines: shown.map(listed), ...next };
    }),
    ValidateStateMachineDefinition: jsonOperation(
      z.strictObject({
        definition: z.string(),
        type: z.string().optional(),
        severity: z.string().optional(),
        maxResults: z.int().optional(),
      }),
      ({ definition }) => {
        try {
          readDefinition(definition);
          return { result: "OK", diagnostics: [], truncated: false };
        } catch (error) {
          const { code, message } = error as ServiceError;
          return { result: "FAIL", diagnostics: [{ severity: "ERROR", code, message }], truncated: false };
        }
      },
    ),
  };
}

function tagOperations(machines: Machines): Operations {
  return {
    TagResource: jsonOperation(z.strictObject({ resourceArn: arn, tags: z.array(tag) }), ({ resourceArn, tags }) => {
      machines.update(resourceArn, { tags: { ...machines.find(resourceArn).tags, ...record(tags) } });
      return {};
    }),
    UntagResource: jsonOperation(z.strictObject({ resourceArn: arn, tagKeys: z.array(z.string()) }), ({ resourceArn, tagKeys }) => {
      const kept = Object.entries(machines.find(resourceArn).tags).filter(([key]) => !tagKeys.includes(key));
      machines.update(resourceArn, { tags: Object.fromEntries(kept) });
      return {};
    }),
    ListTagsForResource: jsonOperation(z.strictObject({ resourceArn: arn }), ({ resourceArn }) => ({
      tags: Object.entries(machines.find(resourceArn).tags).map(([key, value]) => ({ key, value })),
    })),
  };
}

function executionOperations(machines: Machines, executions: Executions): Operations {
  return {
    StartExecution: jsonOperation(
      z.strictObject({
        stateMachineArn: arn,
        name: machineName.optional(),
        input: payload.default("{}"),
        traceHeader: z.string().optional(),
      }),
      ({ stateMachineArn, name, input }) => {
        const machine = machines.find(stateMachineArn);
        requireJson(input, "InvalidExecutionInput");
        const { arn: executionArn, startedAt } = executions.start(
          { ...machine, definition: readDefinition(machine.definition) },
          name,
          input,
        );
        return { executionArn, startDate: seconds(startedAt) };
      },
    ),
    DescribeExecution: jsonOperation(z.strictObject({ executionArn: arn }), ({ executionArn }) => {
      const execution = executions.find(executionArn);
      const { input, output, error, cause } = execution;
      return {
        ...described(execution),
        input,
        ...(output !== undefined && { output }),
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      };
    }),
    ListExecutions: jsonOperation(
      z.strictObject({ stateMachineArn: arn, statusFilter: z.string().optional(), ...page }),
      ({ stateMachineArn, statusFilter, ...paging }) => {
        const wanted = executions
          .of(machines.find(stateMachineArn).arn)
          .filter(({ status }) => statusFilter === undefined || status === statusFilter);
        const { page: shown, ...next } = pageOf(`ListExecutions ${stateMachineArn}`, wanted, (execution) => execution.arn, paging);
        return { executions: shown.map(described), ...next };
      },
    ),
    StopExecution: jsonOperation(
      z.strictObject({ executionArn: arn, error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() }),
      ({ executionArn, error, cause }) => ({ stopDate: seconds(executions.stop(executionArn, error, cause).stoppedAt ?? 0) }),
    ),
  };
}

function taskOperations(tokens: TaskTokens): Operations {
  return {
    SendTaskSuccess: jsonOperation(z.strictObject({ taskToken: token, output: payload }), ({ taskToken, output }) => {
      requireJson(output, "InvalidOutput");
      tokens.succeed(taskToken, JSON.parse(output));
      return {};
    }),
    SendTaskFailure: jsonOperation(
      z.strictObject({ taskToken: token, error: z.string().max(256).default(""), cause: z.string().max(32_768).default("") }),
      ({ taskToken, error, cause }) => {
        tokens.fail(taskToken, error, cause);
        return {};
      },
    ),
    SendTaskHeartbeat: jsonOperation(z.strictObject({ taskToken: token }), ({ taskToken }) => {
      tokens.beat(taskToken);
      return {};
    }),
  };
}

function requireJson(text: string, code: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new ServiceError(code, `Invalid JSON: '${(error as Error).message}'`);
  }
}

/** A page of a list, and Step Functions' token of the next one. A length of 0 stands for the default. */
function pageOf<Item>(
  list: string,
  all: readonly Item[],
  idOf: (item: Item) => string,
  { nextToken: token, maxResults }: { nextToken?: string | undefined; maxResults: number },
) {
  const invalid = () => new ServiceError("InvalidToken", "Invalid Token: 'Invalid token'");
  const { page, next } = pages.pageOf(all, { list: `StepFunctions ${list}`, idOf, limit: maxResults || 100, token, invalid });
  return { page, ...(next !== undefined && { nextToken: next }) };
}

function record(tags: readonly z.infer<typeof tag>[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
