import { existsSync } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { isoNow } from "../clock";
import { unkept, type Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import type { WrittenArchive } from "./archive";
import { requireAssumable, requireKey, requireNetwork, requireSendable } from "./checks";
import {
  defaultEventInvokeSettings,
  type EventInvokeConfig,
  type EventInvokeSettings,
  type FunctionConfiguration,
  type FunctionDefinition,
  type InvokePermission,
} from "./definition";
import type { Environment } from "./environment";
import { EnvironmentPool } from "./pool";

/** A function as it is kept. */
interface KeptFunction {
  definition: FunctionDefinition;
  permissions: InvokePermission[];
  eventInvoke?: EventInvokeConfig | undefined;
}

/** A function as it runs. */
interface LiveFunction {
  definition: FunctionDefinition;
  pool: EnvironmentPool;
}

/** What is given to make one. */
export interface FunctionInput
  extends FunctionConfiguration, Pick<FunctionDefinition, "name" | "architecture" | "reservedConcurrency" | "tags" | "programDirectory"> {}

/** Writes a function's files into a folder. */
export type CodeSource = (directory: string) => Promise<WrittenArchive>;

/** Code that no function has yet. */
export interface StagedCode extends WrittenArchive {
  taskRoot: string;
}

const functionNamePattern = /^(?:(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?([a-zA-Z0-9-_]+)(?::(.+))?$/;
/** What the quota of 1000 leaves to functions without a reservation. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const mostReserved = 900;

/** The functions of one embedded cloud, and the processes that run them. */
export class Functions {
  private readonly kept: Kept<KeptFunction>;
  private readonly live = new Map<string, LiveFunction>();
  /** Of functions that were deleted: what they run ends by itself. */
  private readonly retired = new Set<EnvironmentPool>();
  private readonly changing = new Set<string>();
  private readonly folder: string;

  private constructor(
    private readonly context: CloudContext,
    private readonly start: (definition: FunctionDefinition) => Environment,
  ) {
    this.kept = context.keeper.map<KeptFunction>("lambda.functions");
    this.folder = path.join(context.keeper.directory ?? context.workDirectory, "functions");
  }

  /** With the functions that were kept. */
  static async open(context: CloudContext, start: (definition: FunctionDefinition) => Environment): Promise<Functions> {
    const functions = new Functions(context, start);
    if (functions.kept.size > 0) await functions.resume();
    return functions;
  }

  /** @throws ServiceError what Lambda refuses */
  async create(input: FunctionInput, code: CodeSource): Promise<FunctionDefinition> {
    const { name } = input;
    if (this.kept.has(name) || this.changing.has(name)) {
      throw new ServiceError("ResourceConflictException", `Function already exist: ${name}`, 409);
    }
    return this.alone(name, async () => {
      const arn = this.arnOf(name);
      this.check(name, arn, input);
      if (input.reservedConcurrency !== undefined) this.requireUnreserved(name, input.reservedConcurrency);
      return this.withCode(await this.stage(name, code), (staged) => {
        const definition = this.revised({ ...input, arn, ...codeOf(staged) });
        this.kept.set(name, { definition, permissions: [] });
        this.run(definition);
        return definition;
      });
    });
  }

  /** Gives a function another configuration, other code, or both: what runs goes on with the old ones. */
  async update(nameOrArn: string, changes: Partial<FunctionConfiguration>, code?: CodeSource | StagedCode): Promise<FunctionDefinition> {
    const { definition: before } = this.function(nameOrArn);
    if (this.changing.has(before.name)) throw updateInProgress(before.arn);
    return this.alone(before.name, async () => {
      this.check(before.name, before.arn, { ...before, ...changes });
      if (code === undefined) return this.change(before.name, changes);
      const staged = typeof code === "function" ? await this.stage(before.name, code) : code;
      return this.withCode(staged, () => this.change(before.name, { ...changes, ...codeOf(staged) }));
    });
  }

  /** Writes code that a function may get, into a folder of its own. */
  async stage(name: string, code: CodeSource): Promise<StagedCode> {
    let directory = path.join(this.folder, name);
    try {
      await fs.mkdir(this.folder, { recursive: true });
      // Environments that run older code go on to read its files.
      if (existsSync(directory)) directory = path.join(this.folder, `${name}.${crypto.randomUUID()}`);
      await fs.mkdir(directory);
      const written = await code(directory);
      return { ...written, taskRoot: await fs.realpath(directory) };
    } catch (error) {
      await fs.rm(directory, { recursive: true, force: true });
      throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unkept(this.folder, error);
    }
  }

  /** Gives code to a function, or takes it away again. */
  private async withCode(staged: StagedCode, use: (staged: StagedCode) => FunctionDefinition): Promise<FunctionDefinition> {
    try {
      return use(staged);
    } catch (error) {
      await this.discard(staged);
      throw error;
    }
  }

  /** Takes staged code away again. */
  discard({ taskRoot }: StagedCode): Promise<void> {
    return fs.rm(taskRoot, { recursive: true });
  }

  delete(nameOrArn: string): void {
    const { definition } = this.function(nameOrArn);
    if (this.changing.has(definition.name)) throw updateInProgress(definition.arn);
    const { pool } = this.live.get(definition.name) as LiveFunction;
    this.kept.delete(definition.name);
    this.live.delete(definition.name);
    pool.renew();
    this.retired.add(pool);
  }

  /** @throws ServiceError ResourceNotFoundException */
  find(nameOrArn: string, qualifier?: string): FunctionDefinition {
    return this.function(nameOrArn, qualifier).definition;
  }

  has(name: string): boolean {
    return this.kept.has(name);
  }

  /** In the order of their making. */
  all(): FunctionDefinition[] {
    return [...this.kept.values()].map(({ definition }) => definition);
  }

  pool(name: string): EnvironmentPool {
    return (this.live.get(this.function(name).definition.name) as LiveFunction).pool;
  }

  setTags(nameOrArn: string, tags: Record<string, string>): void {
    const { name } = this.find(nameOrArn);
    this.keep(name, { definition: { ...this.find(name), tags } });
  }

  /** @param count undefined for as many as there are */
  reserve(nameOrArn: string, count: number | undefined): void {
    const { name } = this.find(nameOrArn);
    if (count !== undefined) this.requireUnreserved(name, count);
    this.keep(name, { definition: { ...this.find(name), reservedConcurrency: count } });
  }

  permissions(nameOrArn: string): InvokePermission[] {
    return this.function(nameOrArn).permissions;
  }

  /** @throws ServiceError ResourceConflictException for a statement that is there */
  permit(nameOrArn: string, permission: Omit<InvokePermission, "functionArn">): InvokePermission {
    const { definition, permissions } = this.function(nameOrArn);
    const { statementId } = permission;
    if (permissions.some((known) => known.statementId === statementId)) {
      const words = `The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`;
      throw new ServiceError("ResourceConflictException", words, 409);
    }
    const permitted = { ...permission, functionArn: definition.arn };
    this.keep(definition.name, { permissions: [...permissions, permitted] });
    return permitted;
  }

  /** @throws ServiceError ResourceNotFoundException */
  forbid(nameOrArn: string, statementId: string): void {
    const { definition, permissions } = this.function(nameOrArn);
    const others = permissions.filter((permission) => permission.statementId !== statementId);
    if (others.length === permissions.length) {
      throw new ServiceError("ResourceNotFoundException", `Statement ${statementId} is not found in resource policy.`, 404);
    }
    this.keep(definition.name, { permissions: others });
  }

  eventInvoke(nameOrArn: string): EventInvokeConfig | undefined {
    return this.function(nameOrArn).eventInvoke;
  }

  /** How the function's events are tried at this moment. */
  eventSettings(name: string): EventInvokeSettings {
    const { maximumRetryAttempts, maximumEventAgeSeconds, onSuccess, onFailure } = this.eventInvoke(name) ?? {};
    return {
      maximumRetryAttempts: maximumRetryAttempts ?? defaultEventInvokeSettings.maximumRetryAttempts,
      maximumEventAgeSeconds: maximumEventAgeSeconds ?? defaultEventInvokeSettings.maximumEventAgeSeconds,
      onSuccess,
      onFailure,
    };
  }

  /** @param config undefined takes it away. @throws ServiceError for a destination that the function's role may not send to */
  configureEvents(nameOrArn: string, config: Omit<EventInvokeConfig, "lastModified"> | undefined): void {
    const { definition } = this.function(nameOrArn);
    for (const arn of [config?.onSuccess, config?.onFailure]) if (arn !== undefined) requireSendable(this.context, definition, arn);
    const eventInvoke = config && { ...config, lastModified: this.context.clock.now() };
    this.keep(definition.name, { eventInvoke });
  }

  /** Ends every process; then nobody reads the files of former code any more. */
  async close(): Promise<void> {
    await Promise.all([...this.retired, ...[...this.live.values()].map(({ pool }) => pool)].map((pool) => pool.close()));
    if (this.context.keeper.directory !== undefined) await this.removeFormerCode();
  }

  private async resume(): Promise<void> {
    await fs.mkdir(this.folder, { recursive: true });
    const folder = await fs.realpath(this.folder);
    for (const [name, { definition, ...rest }] of [...this.kept.entries()]) {
      // The state's folder may have been moved.
      const taskRoot = path.join(folder, path.basename(definition.taskRoot));
      this.kept.set(name, { ...rest, definition: { ...definition, taskRoot } });
      this.run({ ...definition, taskRoot });
    }
    await this.removeFormerCode();
  }

  private async removeFormerCode(): Promise<void> {
    const used = new Set(this.all().map(({ taskRoot }) => path.basename(taskRoot)));
    const folders = await fs.readdir(this.folder).catch(() => []);
    const former = folders.filter((folder) => !used.has(folder));
    await Promise.all(former.map((folder) => fs.rm(path.join(this.folder, folder), { recursive: true })));
  }

  private run(definition: FunctionDefinition): void {
    const own: LiveFunction = {
      definition,
      pool: new EnvironmentPool(
        () => own.definition.reservedConcurrency,
        () => this.start(own.definition),
      ),
    };
    this.live.set(definition.name, own);
  }

  private change(name: string, changes: Partial<FunctionDefinition>): FunctionDefinition {
    const definition = this.revised({ ...this.find(name), ...changes });
    this.keep(name, { definition });
    this.pool(name).renew();
    return definition;
  }

  private keep(name: string, changes: Partial<KeptFunction>): void {
    const known = { ...this.function(name), ...changes };
    this.kept.set(name, known);
    (this.live.get(name) as LiveFunction).definition = known.definition;
  }

  private revised(definition: Omit<FunctionDefinition, "lastModified" | "revisionId">): FunctionDefinition {
    return { ...definition, lastModified: isoNow(this.context.clock), revisionId: crypto.randomUUID() };
  }

  private function(nameOrArn: string, qualifier?: string): KeptFunction {
    const [, name = nameOrArn, inName] = functionNamePattern.exec(nameOrArn) ?? [];
    const version = qualifier ?? inName;
    const found = this.kept.get(name);
    if (found && (version === undefined || version === "$LATEST")) return found;
    const arn = `${this.arnOf(name)}${version === undefined ? "" : `:${version}`}`;
    throw new ServiceError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
  }

  private arnOf(name: string): string {
    return `arn:aws:lambda:${this.context.region}:${this.context.accountId}:function:${name}`;
  }

  /** One change at a time, as Lambda has it. */
  private async alone<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    this.changing.add(name);
    try {
      return await work();
    } finally {
      this.changing.delete(name);
    }
  }

  private check(name: string, arn: string, { roleArn, kmsKeyArn, network }: FunctionConfiguration): void {
    requireAssumable(this.context, roleArn, arn);
    requireKey(this.context, kmsKeyArn);
    if (network !== undefined) requireNetwork(this.context, roleArn, name, network);
  }

  private requireUnreserved(name: string, count: number): void {
    const others = this.all().filter((definition) => definition.name !== name);
    const reserved = others.reduce((sum, definition) => sum + (definition.reservedConcurrency ?? 0), 0);
    if (reserved + count <= mostReserved) return;
    const words =
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].";
    throw new ServiceError("InvalidParameterValueException", words);
  }
}

function codeOf({ taskRoot, codeSha256, sizeBytes }: StagedCode) {
  return { taskRoot, codeSha256, codeSizeBytes: sizeBytes };
}

function updateInProgress(arn: string): ServiceError {
  const words = `The operation cannot be performed at this time. An update is in progress for resource: ${arn}`;
  return new ServiceError("ResourceConflictException", words, 409);
}
