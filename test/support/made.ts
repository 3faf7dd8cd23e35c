import { EnableRuleCommand, EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import type { PolicyDocument } from "../../local/identity/policyDocument";
import type { Created, Registration } from "../../local/resources";
import type { CloudUnderTest } from "./service";

const scheduleType = "aws:cloudwatch/eventRule:EventRule";

/** One resource of a deployed program. */
export interface Made {
  registration: Registration;
  created: Created;
}

/** Keeps what the program registers, and what came of it. */
export function keepMade({ cloud }: CloudUnderTest, made: Made[]): void {
  for (const [type, resource] of Object.entries(cloud.resources.resources ?? {})) {
    Object.assign(cloud.resources.resources as object, {
      [type]: {
        create: async (registration: Registration) => {
          const created = await resource.create(registration);
          made.push({ registration, created });
          return created;
        },
      },
    });
  }
}

/**
 * Has the program's schedules switched off when they are made: nobody but the test sweeps then, or raises the floor, however long the test
 * takes from one step to the next.
 */
export function withoutSchedules({ cloud }: CloudUnderTest): void {
  const { resources } = cloud.resources;
  const rule = resources?.[scheduleType];
  if (rule === undefined) throw new Error(`nobody makes ${scheduleType}`);
  const create = (registration: Registration) => rule.create({ ...registration, inputs: { ...registration.inputs, state: "DISABLED" } });
  Object.assign(resources as object, { [scheduleType]: { ...rule, create } });
}

/** Switches on what {@link withoutSchedules} has switched off. */
export async function enableSchedules({ settings }: CloudUnderTest): Promise<void> {
  const events = new EventBridgeClient(settings);
  const { Rules = [] } = await events.send(new ListRulesCommand({}));
  for (const { Name } of Rules) await events.send(new EnableRuleCommand({ Name }));
  events.destroy();
}

/** Makes a resource as the program did, with other inputs. */
export async function create({ cloud }: CloudUnderTest, registration: Registration, name: string, inputs: object): Promise<Created> {
  const resource = cloud.resources.resources?.[registration.type];
  if (!resource) throw new Error(`nobody makes ${registration.type}`);
  return resource.create({ ...registration, name, inputs: { ...inputs } });
}

/** Puts other statements into the place of a role's policy. */
export async function replace(cloud: CloudUnderTest, { registration, created }: Made, policy: PolicyDocument): Promise<void> {
  await create(cloud, registration, registration.name, { ...registration.inputs, name: created.state["name"], policy });
}
