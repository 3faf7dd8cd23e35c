import { isDeepStrictEqual } from "node:util";
import type { Kept } from "../kept";
import { changedInputs, type Created, type DataSource, type Program, type ResourceType, type ServiceResources } from "../resources";
import type { Stack } from "../stackFile";
import type { CallRequest, CreateRequest, Severity } from "./messages";
import { providerTags, seenTags, withDefaultTags, type ProviderTags } from "./providerTags";
import { withIgnored } from "./ignoredChanges";
import { pulumiResources, stackReferenceType, type StackOutputs } from "./pulumiResources";

/** What a deployment reports while it runs. Durations are the wall's, in milliseconds. */
export type DeployEvent =
  | { kind: "resource"; change: "creating"; urn: string; type: string; name: string; parent: string | undefined }
  | {
      kind: "resource";
      change: "created" | "updated" | "replaced" | "deleted";
      urn: string;
      type: string;
      name: string;
      milliseconds: number;
    }
  | { kind: "resource"; change: "failed"; urn: string; type: string; name: string; milliseconds: number; reason: string }
  | { kind: "component"; urn: string; type: string; name: string; parent: string | undefined }
  | { kind: "message"; severity: Severity; text: string };

/** What a program is deployed to. */
export interface DeployTarget {
  region: string;
  resources: ServiceResources;
  /** Stacks that are deployed already, by `project/stack`: what a StackReference reads. */
  stacks: ReadonlyMap<string, StackOutputs>;
  /** Environment of the program, on top of this process's. */
  environment: NodeJS.ProcessEnv;
  /** Ends the deployment. */
  signal: AbortSignal;
}

/** A resource as the last deployment left it. What is optional is not known of one that an older version has kept. */
export interface Known extends Partial<Pick<CreateRequest, "propertyDependencies" | "replacementTrigger" | "retainOnDelete" | "protect">> {
  type: string;
  inputs: Record<string, unknown>;
  created: Created;
  /** Those in whose place it is, and which are still to be deleted. */
  former?: Created[];
}

/** Resources of a deployed stack by URN, in the order in which they were made. */
export type KnownResources = Pick<Kept<Known>, "get" | "set" | "delete" | "entries">;

/**
 * What a deployment does for each resource, as Pulumi's engine decides it: create, update, replace, delete. Each request goes to the
 * service that has its type.
 */
export class Steps {
  private readonly seen = new Set<string>();
  private readonly types: Readonly<Record<string, ResourceType | undefined>>;
  private readonly dataSources: Readonly<Record<string, DataSource | undefined>>;
  private readonly program: Program;
  /** Of the default provider. */
  private readonly defaultTags: ProviderTags;

  constructor(
    { directory, project, stack, localSettings, config }: Stack,
    { region, resources, stacks }: DeployTarget,
    private readonly report: (event: DeployEvent) => void,
    private readonly known: KnownResources,
  ) {
    this.types = { ...resources.resources, ...pulumiResources(region, stacks) };
    this.dataSources = resources.dataSources ?? {};
    this.program = { directory, project, stack, localSettings };
    this.defaultTags = providerTags({ defaultTags: config["aws:defaultTags"], ignoreTags: config["aws:ignoreTags"] });
  }

  /** @throws Error that names the resource */
  async create(request: CreateRequest): Promise<Created> {
    const { urn, type, name, parent } = request;
    const start = performance.now();
    const taken = () => Math.round(performance.now() - start);
    const before = this.known.get(urn) ?? this.renamed(request);
    this.seen.add(urn);
    if (before === undefined) this.report({ kind: "resource", change: "creating", urn, type, name, parent });
    try {
      const { made, change } = await this.carryOut(request, before);
      this.known.set(urn, made);
      if (change !== undefined) this.report({ kind: "resource", change, urn, type, name, milliseconds: taken() });
      return made.created;
    } catch (error) {
      const reason = withoutSubject(error, `${type} "${name}"`);
      this.report({ kind: "resource", change: "failed", urn, type, name, milliseconds: taken(), reason });
      throw new Error(`${type} "${name}": ${reason}`, { cause: error });
    }
  }

  /** What has another URN since the last deployment, and keeps all else. */
  private renamed({ urn, aliases }: CreateRequest): Known | undefined {
    for (const alias of aliases) {
      const known = this.seen.has(alias) ? undefined : this.known.get(alias);
      if (known === undefined) continue;
      this.known.set(urn, known);
      this.known.delete(alias);
      return known;
    }
    return undefined;
  }

  /** Asks a data source. */
  async call({ token, inputs }: CallRequest): Promise<Record<string, unknown>> {
    try {
      const dataSource = this.dataSources[token];
      if (dataSource === undefined) throw new Error("this data source is not supported by the embedded cloud");
      return await dataSource(inputs);
    } catch (error) {
      throw new Error(`${token}: ${withoutSubject(error, token)}`, { cause: error });
    }
  }

  /**
   * Once the program has registered all that it has: deletes what others have taken the place of, and what the program does not have any
   * more, what was made last first.
   */
  async finish(): Promise<void> {
    for (const [urn, resource] of [...this.known.entries()].reverse()) {
      const { former = [], ...current } = resource;
      const isGone = !this.seen.has(urn);
      const left: Created[] = [];
      for (const created of isGone ? [current.created, ...former] : former) {
        if (!(await this.isDeleted(urn, current, created))) left.push(created);
      }
      if (!isGone) {
        if (former.length > 0) this.known.set(urn, { ...current, ...(left.length > 0 && { former: left }) });
        continue;
      }
      const [created, ...others] = left;
      if (created === undefined) this.known.delete(urn);
      else this.known.set(urn, { ...current, created, ...(others.length > 0 && { former: others }) });
    }
  }

  /** As its provider has it: what the service gets has the provider's tags too, what the program gets tells them apart. */
  private async carryOut(request: CreateRequest, before: Known | undefined): Promise<{ made: Known; change?: Change }> {
    const tags = this.tagsOf(request.provider);
    if (!this.types[request.type]?.takesTags || !tags.hasAny) return this.bringAbout(request, before);
    const { made, change } = await this.bringAbout({ ...request, inputs: withDefaultTags(request.inputs, tags) }, before);
    const { id, state } = made.created;
    return { made: { ...made, created: { id, state: seenTags(state, request.inputs, tags) } }, ...(change && { change }) };
  }

  /** @param provider reference of an explicit one, `<urn>::<id>` */
  private tagsOf(provider: string): ProviderTags {
    const explicit = this.known.get(provider.slice(0, Math.max(0, provider.lastIndexOf("::"))));
    return explicit === undefined ? this.defaultTags : providerTags(explicit.inputs);
  }

  private async bringAbout(request: CreateRequest, before: Known | undefined): Promise<{ made: Known; change?: Change }> {
    const { propertyDependencies, replacementTrigger, retainOnDelete, protect } = request;
    const inputs = before === undefined ? request.inputs : withIgnored(request.inputs, before.inputs, request.ignoreChanges);
    if (inputs !== request.inputs) return this.bringAbout({ ...request, inputs, ignoreChanges: [] }, before);
    const { program } = this;
    const type = this.types[request.type];
    const noted = { type: request.type, inputs, propertyDependencies, replacementTrigger, retainOnDelete, protect };
    if (before === undefined) return { made: { ...noted, created: await make(type, request, program) }, change: "created" };
    const reasons = replacing(type, request, before);
    if (reasons.length === 0) {
      const updated = await type?.update?.({ ...wanted(request), program }, before.created, before.inputs);
      return { made: { ...before, ...noted, created: updated ?? before.created }, ...(updated && { change: "updated" }) };
    }
    if (protect) {
      throw new Error(`${reasons.join(", ")} changed, which replaces it, and it is protected: take the option protect away first`);
    }
    if (isDeletedFirst(type, request, before)) {
      await this.deleteWithDependents(request.urn);
      return { made: { ...noted, created: await make(type, request, program) }, change: "replaced" };
    }
    const former = [...(before.former ?? []), before.created];
    return { made: { ...noted, created: await make(type, request, program), former }, change: "replaced" };
  }

  /** Deletes what can't be beside its replacement, and before it all that has to be replaced with it. */
  private async deleteWithDependents(urn: string): Promise<void> {
    const gone = new Set([urn]);
    const fixedBy = ({ type, propertyDependencies = {} }: Known) =>
      (this.types[type]?.fixed ?? []).flatMap((input) => propertyDependencies[input] ?? []);
    for (let before = 0; before < gone.size;) {
      before = gone.size;
      for (const [other, resource] of this.known.entries()) if (fixedBy(resource).some((each) => gone.has(each))) gone.add(other);
    }
    for (const [other, resource] of [...this.known.entries()].reverse()) {
      if (!gone.has(other)) continue;
      for (const created of [resource.created, ...(resource.former ?? [])]) await this.remove(resource, created);
      this.known.delete(other);
    }
  }

  private async remove({ type, retainOnDelete }: Known, created: Created): Promise<void> {
    if (!retainOnDelete) await this.types[type]?.delete?.(created);
  }

  /** Deletes one of a URN's resources. @returns false, with a warning, for what has to stay for now */
  private async isDeleted(urn: string, resource: Known, created: Created): Promise<boolean> {
    const { type, protect } = resource;
    const name = nameOf(urn);
    const start = performance.now();
    try {
      if (protect && created === resource.created) throw new Error("it is protected");
      await this.remove(resource, created);
      this.report({ kind: "resource", change: "deleted", urn, type, name, milliseconds: Math.round(performance.now() - start) });
      return true;
    } catch (error) {
      const text = `${type} "${name}" (${created.id}) is no longer in the program, and stays until a next deployment can delete it: ${(error as Error).message}`;
      this.report({ kind: "message", severity: "warning", text });
      return false;
    }
  }
}

type Change = "created" | "updated" | "replaced";

/** What has changed that makes another resource; nothing for one that is updated or stays. */
function replacing(type: ResourceType | undefined, { inputs, ...request }: CreateRequest, before: Known): string[] {
  const changed = changedInputs(before.inputs, inputs);
  const fixed = type?.fixed ?? [];
  const replaced = type?.update ? changed.filter((input) => fixed.includes(input) || request.replaceOnChanges.includes(input)) : changed;
  const { replacementTrigger: trigger } = before;
  const isTriggered = trigger !== undefined && !isDeepStrictEqual(trigger, request.replacementTrigger);
  return isTriggered ? [...replaced, "replacementTrigger"] : replaced;
}

/** True for one that asks for it, and for one whose name is the program's own: two can't have it. */
function isDeletedFirst(type: ResourceType | undefined, { inputs, deleteBeforeReplace }: CreateRequest, { created }: Known): boolean {
  return deleteBeforeReplace || (type?.fixed ?? []).some((input) => inputs[input] === created.id);
}

async function make(type: ResourceType | undefined, request: CreateRequest, program: Program): Promise<Created> {
  if (request.existingId !== undefined && request.type !== stackReferenceType) {
    throw new Error(`the embedded cloud has no resources but the programs' own, so it can't read ${request.existingId}`);
  }
  if (type === undefined) throw new Error("this resource type is not supported by the embedded cloud");
  return type.create({ ...wanted(request), program });
}

function wanted({ urn, type, name, inputs }: CreateRequest) {
  return { urn, type, name, inputs };
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/** A service's own checks name the resource already. */
function withoutSubject(error: unknown, subject: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message;
}
