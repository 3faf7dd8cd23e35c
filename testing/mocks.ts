import type * as pulumi from "@pulumi/pulumi";
import { accountId, answerOf, awsState, region, type TestPlace } from "./awsDouble";

/** Options of {@link mocks}. */
export interface MocksOptions extends Partial<TestPlace> {
  /** AWS region of every resource. @default "eu-west-1" */
  region?: string;
  /** AWS account of every resource: twelve digits. @default "123456789012" */
  accountId?: string;
  /** Outputs of other stacks, by the name that a StackReference asks for: `organization/project/stack`. @default none */
  stacks?: Readonly<Record<string, Record<string, unknown>>>;
  /** State of resources of your own choice: what it returns is added to the state; undefined: nothing. */
  state?: (resource: pulumi.runtime.MockResourceArgs) => Record<string, unknown> | undefined;
  /** Answers of data sources, before those that are built in; undefined: no answer of yours. */
  call?: (call: pulumi.runtime.MockCallArgs) => Record<string, unknown> | undefined;
}

/**
 * Mocks for `pulumi.runtime.setMocks` that answer like the AWS provider: resources have names, ids and ARNs of AWS's form, and the
 * data sources `getCallerIdentity`, `getRegion`, `getPartition` and `getPolicyDocument` have answers.
 *
 * @example
 * ```ts
 * pulumi.runtime.setMocks(mocks({ region: "us-east-1" }), "my-project", "test");
 * ```
 */
export function mocks(options: MocksOptions = {}): pulumi.runtime.Mocks {
  const place = { region: options.region ?? region, accountId: options.accountId ?? accountId };
  return {
    newResource: (resource) => {
      const { type, name } = resource;
      const inputs = resource.inputs as Record<string, unknown>;
      const made =
        type === stackReference ? otherStack(name, inputs, options) : withArn(type, name, awsState(type, name, inputs, place), place);
      return { id: made.id, state: { ...made.state, ...options.state?.(resource) } };
    },
    call: (call) => options.call?.(call) ?? answerOf(call.token, call.inputs as Record<string, unknown>, place),
  };
}

const stackReference = "pulumi:pulumi:StackReference";

function otherStack(name: string, inputs: Record<string, unknown>, { stacks = {} }: MocksOptions): { id: string; state: object } {
  const stack = typeof inputs["name"] === "string" ? inputs["name"] : name;
  const outputs = stacks[stack];
  if (outputs === undefined) {
    const known = Object.keys(stacks).join(", ") || "none";
    throw new Error(`There is no stack ${stack}: give its outputs in the option stacks of mocks(), which has ${known}.`);
  }
  return { id: stack, state: { name: stack, outputs, secretOutputNames: [] } };
}

/** A resource of AWS's that has no ARN of its own form yet has one by which a test can tell it. */
function withArn(type: string, name: string, made: { id: string; state: Record<string, unknown> }, place: TestPlace): typeof made {
  const [, service, kind] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  if (service === undefined || made.state["arn"] !== undefined) return made;
  const { partition } = answerOf("aws:index/getPartition:getPartition", {}, place);
  return {
    ...made,
    state: { arn: `arn:${String(partition)}:${service}:${place.region}:${place.accountId}:${kind}/${name}`, ...made.state },
  };
}
