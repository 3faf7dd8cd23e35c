import * as pulumi from "@pulumi/pulumi";
import type { Created, ResourceType } from "../../local/resources";

/** A resource as a program declares it. Where it refers to another's ARN, the value is `declared:<name>`. */
export interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** What a program declares, each resource after those that it refers to. */
export async function declared(program: () => void): Promise<Declared[]> {
  const resources: Declared[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs, custom }) => {
      if (custom) resources.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: name, state: { ...(inputs as Record<string, unknown>), arn: `declared:${name}` } };
    },
    call: ({ token }) => {
      throw new Error(`a scaling policy asks for ${token}`);
    },
  });
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program()));
  await pulumi.runtime.disconnect();
  return resources;
}

/** Makes declared resources real in services of the embedded cloud. */
export async function create(resources: readonly Declared[], types: Readonly<Record<string, ResourceType>>): Promise<void> {
  const made = new Map<string, Created>();
  const program = { directory: "", project: "bench", stack: "scaling", localSettings: {} };
  for (const { type, name, inputs } of resources) {
    const resource = types[type];
    if (!resource) throw new Error(`the simulated services have no ${type}`);
    const alarmActions = (inputs["alarmActions"] as string[] | undefined)?.map((arn) => made.get(arn)?.state["arn"] ?? arn);
    const urn = `urn:pulumi:scaling::bench::${type}::${name}`;
    const registration = { urn, type, name, inputs: { ...inputs, ...(alarmActions && { alarmActions }) }, program };
    // Target and policy may have one name, and only policies are referred to.
    const created = await resource.create(registration);
    if (created.state["arn"] !== undefined && type === "aws:appautoscaling/policy:Policy") made.set(`declared:${name}`, created);
  }
}
