import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";

/** One version of a parameter. Plain values only. */
export interface ParameterVersion {
  type: "String" | "SecureString";
  value: string;
  /** Of a SecureString: ARN of the customer's key, or the alias of AWS's own. */
  keyId?: string | undefined;
  description?: string | undefined;
  version: number;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  /** @default none */
  labels?: readonly string[];
}

/** A parameter as it is kept: its newest version, and those before it. */
export interface Parameter extends ParameterVersion {
  name: string;
  tags: Record<string, string>;
  /** The oldest first. @default none */
  former?: readonly ParameterVersion[];
}

/** A version, under the name of its parameter. */
export interface Selected {
  name: string;
  version: ParameterVersion;
  /** How a reader chose it, such as `:3`; undefined for the newest one. */
  selector: string | undefined;
}

/** The key of a SecureString for which none is named. */
const managedKey = "alias/aws/ssm";
/** Longest value of the standard tier. https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const mostBytes = 4096;
/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html and sysman-paramstore-labels.html */
const mostVersions = 100;
const mostLabels = 10;

/** The parameters of one embedded cloud's Parameter Store. */
export class Parameters {
  private readonly kept: Kept<Parameter>;

  constructor(private readonly context: CloudContext) {
    this.kept = context.keeper.map<Parameter>("ssm.parameters");
  }

  arnOf(name: string): string {
    const { region, accountId } = this.context;
    return `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, "")}`;
  }

  /** @throws ServiceError ParameterNotFound */
  find(name: string): Parameter {
    const found = this.kept.get(name);
    if (found) return found;
    throw new ServiceError("ParameterNotFound", "");
  }

  /**
   * The version that a reader means.
   *
   * @param given name or ARN, and after a colon a version's number or label; without one it is the newest
   * @throws ServiceError ParameterNotFound or ParameterVersionNotFound
   */
  select(given: string): Selected {
    const [bare, chosen] = splitName(given);
    const parameter = bare.startsWith("arn:") ? this.byArn(bare) : this.kept.get(bare);
    if (!parameter) throw new ServiceError("ParameterNotFound", "");
    const { name } = parameter;
    if (chosen === undefined) return { name, version: parameter, selector: undefined };
    const version = versionsOf(parameter).find((each) => String(each.version) === chosen || each.labels?.includes(chosen));
    if (!version) throw noVersion(name, chosen);
    return { name, version, selector: `:${chosen}` };
  }

  byArn(arn: string): Parameter | undefined {
    return this.all().find(({ name }) => this.arnOf(name) === arn);
  }

  /** Those of a hierarchy, which begins and may end with a slash. @param recursive with those of the hierarchies in it */
  below(hierarchy: string, recursive: boolean): Parameter[] {
    const path = hierarchy.replace(/\/?$/, "/");
    return this.all().filter(({ name }) => name.startsWith(path) && (recursive || !name.slice(path.length).includes("/")));
  }

  /** In the order of their making. */
  all(): Parameter[] {
    return [...this.kept.values()];
  }

  /** PutParameter. @throws ServiceError for a name that is taken, another type, a value that is too long, and one version too many */
  put(
    given: Pick<Parameter, "name" | "value"> & { type?: Parameter["type"]; keyId?: string; description?: string },
    { overwrite, tags }: { overwrite: boolean; tags?: Record<string, string> },
  ): Parameter {
    const { name, value } = given;
    const before = this.kept.get(name);
    if (before && !overwrite) {
      const words = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
      throw new ServiceError("ParameterAlreadyExists", words);
    }
    const type = given.type ?? before?.type ?? "String";
    if (before && before.type !== type) {
      const words = "The parameter type can't be changed: delete the parameter and make one of the other type.";
      throw new ServiceError("HierarchyTypeMismatchException", words);
    }
    if (Buffer.byteLength(value) > mostBytes) {
      const words = `Standard tier parameters support a maximum parameter value of ${mostBytes} characters.`;
      throw new ServiceError("ValidationException", words);
    }
    const former = before ? versionsKept(before) : [];
    const keyId = type === "SecureString" ? (given.keyId ?? before?.keyId ?? managedKey) : undefined;
    this.context.access.requireKeyOfDeployer("ssm", keyId?.startsWith("arn:") ? keyId : undefined, ["Encrypt"]);
    const parameter = {
      name,
      type,
      value,
      keyId,
      description: given.description ?? before?.description,
      tags: tags ?? before?.tags ?? {},
      version: (before?.version ?? 0) + 1,
      modifiedAt: this.context.clock.now(),
      former,
    };
    this.kept.set(name, parameter);
    return parameter;
  }

  /**
   * Moves labels to a version from wherever they are.
   *
   * @param version the newest one by default
   * @returns the version, and what of the labels can be none and is left out
   * @throws ServiceError ParameterNotFound, ParameterVersionNotFound or ParameterVersionLabelLimitExceeded
   */
  label(name: string, version: number | undefined, labels: readonly string[]): { version: number; invalid: string[] } {
    const parameter = this.find(name);
    const to = version ?? parameter.version;
    const { labels: before = [] } = versionOf(parameter, to);
    const invalid = labels.filter((label) => !/^[a-zA-Z_.-][\w.-]{0,99}$/.test(label) || /^(aws|ssm)/i.test(label));
    const given = labels.filter((label) => !invalid.includes(label));
    const kept = [...new Set([...before, ...given])];
    if (kept.length > mostLabels) {
      throw new ServiceError("ParameterVersionLabelLimitExceeded", `A parameter version can have maximum ${mostLabels} labels.`);
    }
    this.relabel(parameter, (each) => (each.version === to ? kept : (each.labels ?? []).filter((label) => !given.includes(label))));
    return { version: to, invalid };
  }

  /** Takes labels off a version. @returns those that it had, and those that it had not. @throws as {@link Parameters.label} */
  unlabel(name: string, version: number, labels: readonly string[]): { removed: string[]; invalid: string[] } {
    const parameter = this.find(name);
    const { labels: before = [] } = versionOf(parameter, version);
    const kept = before.filter((label) => !labels.includes(label));
    this.relabel(parameter, (each) => (each.version === version ? kept : (each.labels ?? [])));
    return { removed: labels.filter((label) => before.includes(label)), invalid: labels.filter((label) => !before.includes(label)) };
  }

  setTags(name: string, tags: Record<string, string>): void {
    this.kept.set(name, { ...this.find(name), tags });
  }

  /** @throws ServiceError ParameterNotFound */
  delete(name: string): void {
    this.find(name);
    this.kept.delete(name);
  }

  private relabel(parameter: Parameter, labelsOf: (version: ParameterVersion) => readonly string[]): void {
    const former = (parameter.former ?? []).map((version) => ({ ...version, labels: labelsOf(version) }));
    this.kept.set(parameter.name, { ...parameter, labels: labelsOf(parameter), former });
  }
}

/** A name or an ARN, and after a colon the version or label that it may end with. */
export function splitName(given: string): [bare: string, selector: string | undefined] {
  const [, bare = given, selector] = /^((?:arn:(?:[^:]*:){4})?[^:]*)(?::(.*))?$/.exec(given) ?? [];
  return [bare, selector];
}

/** The oldest first. */
export function versionsOf({ name: _name, tags: _tags, former = [], ...newest }: Parameter): ParameterVersion[] {
  return [...former, newest];
}

function versionOf(parameter: Parameter, version: number): ParameterVersion {
  const found = versionsOf(parameter).find((each) => each.version === version);
  if (found) return found;
  throw noVersion(parameter.name, String(version));
}

function noVersion(name: string, version: string): ServiceError {
  const words = `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`;
  return new ServiceError("ParameterVersionNotFound", words);
}

/** Those of a parameter's versions that stay when another comes. @throws ServiceError when the one that would go has a label */
function versionsKept(parameter: Parameter): ParameterVersion[] {
  const versions = versionsOf(parameter);
  const [oldest, ...others] = versions;
  if (versions.length < mostVersions) return versions;
  if ((oldest?.labels ?? []).length === 0) return others;
  const words =
    `You attempted to create a new version of ${parameter.name} by calling the PutParameter API with the overwrite flag. Version ` +
    `${oldest?.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version ` +
    "of the parameter, and try again.";
  throw new ServiceError("ParameterMaxVersionLimitExceeded", words);
}
