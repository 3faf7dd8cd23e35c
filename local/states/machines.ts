import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import { readDefinition } from "./definition";
import { requireName } from "./names";

/** A state machine. */
export interface KeptMachine {
  arn: string;
  name: string;
  roleArn: string;
  /** Amazon States Language. */
  definition: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  tags: Record<string, string>;
}

/** The state machines of one embedded cloud: standard ones. */
export class Machines {
  private readonly machines: Kept<KeptMachine>;

  constructor(private readonly context: CloudContext) {
    this.machines = context.keeper.map<KeptMachine>("states.machines");
  }

  /** @throws ServiceError InvalidName, InvalidDefinition, StateMachineAlreadyExists, or when Step Functions can't be the role */
  create(given: Pick<KeptMachine, "name" | "roleArn" | "definition" | "tags">): KeptMachine {
    requireName(given.name);
    const { region, accountId, clock } = this.context;
    const arn = `arn:aws:states:${region}:${accountId}:stateMachine:${given.name}`;
    const before = this.machines.get(arn);
    if (before && (before.definition !== given.definition || before.roleArn !== given.roleArn))
      throw new ServiceError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
    return before ?? this.keep({ ...given, arn, createdAt: clock.now() });
  }

  update(arn: string, changes: Partial<Pick<KeptMachine, "roleArn" | "definition" | "tags">>): KeptMachine {
    return this.keep({ ...this.find(arn), ...changes });
  }

  /** @throws ServiceError StateMachineDoesNotExist */
  find(arn: string): KeptMachine {
    const machine = this.machines.get(arn);
    if (!machine) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  all(): KeptMachine[] {
    return [...this.machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What runs goes on. One that does not exist is gone already. */
  delete(arn: string): void {
    this.machines.delete(arn);
  }

  private keep(machine: KeptMachine): KeptMachine {
    readDefinition(machine.definition);
    const { roleArn, arn } = machine;
    try {
      this.context.access.requireAssumable(roleArn, { principal: "states.amazonaws.com", sourceArn: arn });
    } catch {
      const words = `Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.`;
      throw new ServiceError("AccessDeniedException", words);
    }
    this.machines.set(arn, machine);
    return machine;
  }
}
