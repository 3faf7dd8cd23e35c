import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";

/** A parameter as it is kept. Only its newest version is: nobody here asks for older ones. */
export interface Parameter {
  name: string;
  type: "String" | "SecureString";
  value: string;
  /** Of a SecureString: ARN of the customer's key, or the alias of AWS's own. */
  keyId?: string | undefined;
  description?: string | undefined;
  tags: Record<string, string>;
  version: number;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

/** The key of a SecureString for which none is named. */
const managedKey = "alias/aws/ssm";
/** Longest value of the standard tier. https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const mostBytes = 4096;

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

  byArn(arn: string): Parameter | undefined {
    return this.all().find(({ name }) => this.arnOf(name) === arn);
  }

  /** In the order of their making. */
  all(): Parameter[] {
    return [...this.kept.values()];
  }

  /** PutParameter. @throws ServiceError for a name that is taken, another type, and a value that is too long */
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
    };
    this.kept.set(name, parameter);
    return parameter;
  }

  setTags(name: string, tags: Record<string, string>): void {
    this.kept.set(name, { ...this.find(name), tags });
  }

  /** @throws ServiceError ParameterNotFound */
  delete(name: string): void {
    this.find(name);
    this.kept.delete(name);
  }
}
