import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";

/** An event bus. */
export interface Bus {
  name: string;
  arn: string;
  tags: Record<string, string>;
}

/** The event buses of one embedded cloud; every account has the one named `default`. */
export class Buses {
  private readonly made: Kept<Bus>;

  constructor(private readonly context: Pick<CloudContext, "keeper" | "region" | "accountId">) {
    this.made = context.keeper.map<Bus>("events.buses");
  }

  /** @throws ServiceError ResourceAlreadyExistsException */
  create(name: string, tags: Record<string, string>): Bus {
    if (this.has(name)) throw new ServiceError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
    const bus = this.bus(name, tags);
    this.made.set(name, bus);
    return bus;
  }

  has(nameOrArn: string): boolean {
    const name = nameOf(nameOrArn);
    return (name === "default" || this.made.has(name)) && (!nameOrArn.startsWith("arn:") || this.bus(name, {}).arn === nameOrArn);
  }

  /** @throws ServiceError ResourceNotFoundException */
  find(nameOrArn: string): Bus {
    const name = nameOf(nameOrArn);
    if (!this.has(nameOrArn)) throw new ServiceError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
    return this.made.get(name) ?? this.bus(name, {});
  }

  /** In the order of their names. */
  all(): Bus[] {
    const others = [...this.made.values()].filter(({ name }) => name !== "default");
    return [this.find("default"), ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  setTags(name: string, tags: Record<string, string>): void {
    this.made.set(name, { ...this.find(name), tags });
  }

  /** One that does not exist is gone already. @throws ServiceError for the account's own */
  delete(name: string): void {
    if (name === "default") throw new ServiceError("ValidationException", "Cannot delete event bus default.");
    this.made.delete(name);
  }

  private bus(name: string, tags: Record<string, string>): Bus {
    const { region, accountId } = this.context;
    return { name, arn: `arn:aws:events:${region}:${accountId}:event-bus/${name}`, tags };
  }
}

/** The name in an ARN, or what is a name already. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:[^/]*:event-bus\//, "");
}
