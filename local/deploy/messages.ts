/** What a deploy child is told: what to run, if need be what to get ready for, then the answers to its requests. */
export type ToChild = PrepareOrder | RunOrder | Answer;

/** Loads what the programs of a folder load, before there is something to run. */
export interface PrepareOrder {
  kind: "prepare";
  /** Absolute path of the folder with Pulumi.yaml. */
  directory: string;
}

/** The program that a deploy child runs. */
export interface RunOrder {
  kind: "run";
  /** Absolute path of the folder with Pulumi.yaml. */
  directory: string;
  /** Absolute path of the entry: a file, or a folder with an index file. */
  main: string;
  project: string;
  stack: string;
  organization: string;
  config: Readonly<Record<string, string>>;
  secretKeys: readonly string[];
}

/** Answer to the request of the same number. A failure is never answered: it ends the child. */
export interface Answer {
  kind: "answer";
  request: number;
  /** Id of a created resource. */
  id?: string;
  /** A resource's state, or what a data source returns. */
  state: Record<string, unknown>;
}

/** What a deploy child says. */
export type FromChild = CreateRequest | CallRequest | ComponentRegistered | MessageLogged | OutputsResolved | ProgramFailed;

/**
 * A custom resource to create. Inputs are plain: secrets unwrapped, nulls left out, resources replaced by their ids,
 * assets and archives in the form that has Pulumi's signature key, with absolute paths.
 */
export interface CreateRequest {
  kind: "create";
  request: number;
  urn: string;
  type: string;
  name: string;
  parent: string | undefined;
  inputs: Record<string, unknown>;
  /** Reference of an explicit provider, `<urn>::<id>`; empty for the default one. */
  provider: string;
  /** Set when the program reads or imports a resource that exists already. */
  existingId: string | undefined;
  /** URNs of what each input comes from. */
  propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** URNs that it may have had in an earlier program. */
  aliases: readonly string[];
  /** Options about changes, as in Pulumi's CustomResourceOptions. */
  ignoreChanges: readonly string[];
  deleteBeforeReplace: boolean;
  replaceOnChanges: readonly string[];
  replacementTrigger: unknown;
  protect: boolean;
  retainOnDelete: boolean;
}

/** A data source to ask. */
export interface CallRequest {
  kind: "call";
  request: number;
  token: string;
  inputs: Record<string, unknown>;
  provider: string;
}

export interface ComponentRegistered {
  kind: "component";
  urn: string;
  type: string;
  name: string;
  parent: string | undefined;
}

export interface MessageLogged {
  kind: "message";
  severity: Severity;
  text: string;
}

/** How loud a message is; `output` is what the program wrote to its standard output. */
export type Severity = "debug" | "info" | "warning" | "error" | "output";

/** The end: every resource is registered, and these are the stack's outputs. */
export interface OutputsResolved {
  kind: "outputs";
  outputs: Record<string, unknown>;
  /** Names of outputs that are, or contain, secrets. */
  secretNames: string[];
}

/** The end: the program itself is wrong. The text is what the user sees, a stack trace included where it helps. */
export interface ProgramFailed {
  kind: "failed";
  text: string;
}
