import { isDeepStrictEqual } from "node:util";
import * as z from "zod";

/** The Pulumi program that a resource belongs to. */
export interface Program {
  /** Absolute path of the folder with Pulumi.yaml. */
  directory: string;
  project: string;
  stack: string;
  /** Settings of the stack file's `local:` namespace, without the prefix: `{ modelCommand: "…" }`. */
  localSettings: Readonly<Record<string, string>>;
}

/** One resource that a program registers, its inputs resolved. */
export interface Registration<Inputs = Record<string, unknown>> {
  urn: string;
  type: string;
  /** Logical name, such as `ocr-success`. */
  name: string;
  inputs: Inputs;
  program: Program;
}

/** What the engine records of a created resource. */
export interface Created {
  id: string;
  /** Every output property, computed ones such as `arn` included. */
  state: Record<string, unknown>;
}

/** How the embedded cloud makes one resource type real. */
export interface ResourceType {
  /** Creates it. Throws an Error that says what to do; the deployment then ends with it. */
  create(registration: Registration): Promise<Created>;
  /** Whether it has tags, to which a provider's `defaultTags` are added. @default false */
  takesTags?: boolean;
  /** Inputs whose change makes another resource, as on AWS. Without {@link update} each of them does. @default none */
  fixed?: readonly string[];
  /**
   * Brings what was created to what is registered now, which differs in inputs that are not fixed.
   *
   * @param before the inputs of the last registration
   * @returns undefined when nothing has changed
   */
  update?(registration: Registration, created: Created, before: Readonly<Record<string, unknown>>): Promise<Created | undefined>;
  /** Takes away what was created. Left out for a type that goes with the cloud. Throws what AWS refuses. */
  delete?(created: Created): Promise<void>;
}

/** A type whose resources can be changed and deleted. */
export type Updatable = Required<Omit<ResourceType, "fixed" | "takesTags">> & Pick<ResourceType, "takesTags">;

/** How the embedded cloud answers one data source. */
export type DataSource = (inputs: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** What one service contributes: resource types and data sources by Pulumi token. */
export interface ServiceResources {
  resources?: Record<string, ResourceType>;
  dataSources?: Record<string, DataSource>;
}

/** Brings what was created to what is registered now; see {@link ResourceType.update}. */
type Update<Inputs> = (
  registration: Registration<Inputs>,
  created: Created,
  before: Readonly<Record<string, unknown>>,
) => Promise<Created | undefined>;

/**
 * Declares a resource type with the properties that the embedded cloud honours. What the schema does not know,
 * at any depth, is an error that names it: a program must not believe in a setting that does nothing here.
 *
 * @example
 * ```ts
 * "aws:sns/topic:Topic": resourceType(z.strictObject({ name: z.string().optional() }), async ({ name, inputs }) => …)
 * ```
 */
export function resourceType<Schema extends z.ZodType>(
  schema: Schema,
  create: (registration: Registration<z.infer<Schema>>) => Promise<Created>,
  update: Update<z.infer<Schema>>,
  remove: (created: Created) => Promise<void>,
): Updatable;
export function resourceType<Schema extends z.ZodType>(
  schema: Schema,
  create: (registration: Registration<z.infer<Schema>>) => Promise<Created>,
  update?: Update<z.infer<Schema>>,
  remove?: (created: Created) => Promise<void>,
): ResourceType;
export function resourceType<Schema extends z.ZodType>(
  schema: Schema,
  create: (registration: Registration<z.infer<Schema>>) => Promise<Created>,
  update?: Update<z.infer<Schema>>,
  remove?: (created: Created) => Promise<void>,
): ResourceType {
  const checked = (registration: Registration) => {
    const subject = `${registration.type} "${registration.name}"`;
    return { ...registration, inputs: honoured(schema, registration.inputs, subject) };
  };
  return {
    ...(schema instanceof z.ZodObject && "tags" in schema.shape && { takesTags: true }),
    create: async (registration) => create(checked(registration)),
    ...(update && { update: async (registration, created, before) => update(checked(registration), created, before) }),
    ...(remove && { delete: remove }),
  };
}

/**
 * A resource type that is updated only when its inputs have changed.
 *
 * @param fixed inputs whose change makes another resource
 */
export function updatable(type: Updatable, fixed: readonly string[]): Updatable & Required<Pick<ResourceType, "fixed">> {
  return {
    ...type,
    fixed,
    update: async (registration, created, before) =>
      changedInputs(before, registration.inputs).length === 0 ? undefined : type.update(registration, created, before),
  };
}

/** Names of the inputs that are not what they were. */
export function changedInputs(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): string[] {
  return Object.keys({ ...before, ...now }).filter((input) => !isDeepStrictEqual(before[input], now[input]));
}

/** The same for a data source. */
export function dataSource<Schema extends z.ZodType>(
  token: string,
  schema: Schema,
  answer: (inputs: z.infer<Schema>) => Promise<Record<string, unknown>>,
): DataSource {
  return async (inputs) => answer(honoured(schema, inputs, token));
}

function honoured<Schema extends z.ZodType>(schema: Schema, inputs: unknown, subject: string): z.infer<Schema> {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const at = issue.path.join(".");
    return issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `${at ? `${at}.` : ""}${key}: not supported by the embedded cloud`).join("; ")
      : `${at}: ${issue.message}`;
  });
  throw new Error(`${subject}: ${problems.join("; ")}`);
}

/** Autonaming as the AWS provider does it: the logical name and seven hexadecimal digits. */
export function autoName(logicalName: string): string {
  const digits = Math.floor(Math.random() * 0x10000000).toString(16);
  return `${logicalName}-${digits.padStart(7, "0")}`;
}
