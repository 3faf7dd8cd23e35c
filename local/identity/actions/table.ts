import type { WireRequest } from "../../wire";
import type { ConditionContext } from "../conditions";
import type { Need } from "../evaluate";
import type { PolicyDocument } from "../policyDocument";

/** A request as far as it is judged. */
export interface JudgedRequest extends Omit<WireRequest, "body"> {
  /** Undefined for S3, whose bodies stream. */
  body: Buffer | undefined;
}

/** What a service tells of a resource of its own that has a say in who may use it. */
export interface ResourceFacts {
  policy?: PolicyDocument | undefined;
  /** ARN of the customer's key that encrypts it. */
  kmsKeyArn?: string | undefined;
  /** Partition keys of a table ("") and of its indexes. */
  hashKeys?: Readonly<Record<string, string>> | undefined;
  /** False for an object that is not there: who may not list is not told so. @default true */
  exists?: boolean;
  /** True for an object that has tags. */
  tagged?: boolean;
  /** ARNs of the parameters below a path of Parameter Store, at any depth. */
  below?: readonly string[];
  /** ARN of the configuration that an endpoint serves. */
  endpointConfigArn?: string | undefined;
  /** Why a key can't be used; undefined for one that can. */
  unusable?: string | undefined;
  /** Its whole ARN, where the one that was asked for lacks the path. */
  arn?: string | undefined;
}

/** Where requests are judged. */
export interface Place {
  region: string;
  accountId: string;
  /** Undefined when nothing is known of it. */
  factsOf(arn: string): ResourceFacts | undefined;
}

/** Parameters of a call. */
export type Input = Readonly<Record<string, unknown>>;

/** What one operation needs: a line of a service's table. */
export interface Rule {
  /** Resources that the action is on, each of which must be allowed. */
  on: (input: Input, place: Place) => string | string[];
  /** Without the service. @default the operation's own name */
  action?: string;
  /** Condition keys of the service, in lower case. */
  keys?: (input: Input, place: Place) => ConditionContext;
  /** What it needs beside: the use of a key, for example. */
  also?: (input: Input, place: Place) => Need[];
}

/** What a request needs; undefined for an operation that no table knows, which nobody but the administrator may call. */
export type NeedsOf = (request: JudgedRequest, place: Place) => Need[] | undefined;

/** Reads a service's requests by its table. @param read operation and parameters of a request */
export function judgedBy(
  service: string,
  rules: Readonly<Record<string, Rule>>,
  read: (request: JudgedRequest) => { operation: string; input: Input },
): NeedsOf {
  return (request, place) => {
    const { operation, input } = read(request);
    const rule = Object.hasOwn(rules, operation) ? rules[operation] : undefined;
    return rule && needs(`${service}:${rule.action ?? operation}`, rule, input, place);
  };
}

function needs(action: string, { on, keys, also }: Rule, input: Input, place: Place): Need[] {
  const context = keys?.(input, place);
  const own = [on(input, place)].flat().map((resource): Need => ({ action, resource, ...(context && { context }) }));
  return [...own, ...(also?.(input, place) ?? [])];
}

/** Requests of AWS JSON: the operation is the target's last part. */
export function readJson({ headers, body }: JudgedRequest): { operation: string; input: Input } {
  return { operation: String(headers["x-amz-target"]).split(".").at(-1) ?? "", input: parsed(body) };
}

/** Requests of the Query protocol. */
export function readForm({ body }: JudgedRequest): { operation: string; input: Input } {
  const input = Object.fromEntries(new URLSearchParams(body?.toString()));
  return { operation: input["Action"] ?? "", input };
}

/** A body that is no JSON is the service's to refuse. */
function parsed(body: Buffer | undefined): Input {
  try {
    return (JSON.parse(body?.toString() || "{}") ?? {}) as Input;
  } catch {
    return {};
  }
}

/** For actions that AWS does not restrict to resources. */
export const anything = (): string => "*";

/** A member of a call as text; empty when it is missing, which matches no ARN. */
export function text(input: Input, member: string): string {
  const value = input[member];
  return typeof value === "string" ? value : "";
}

/** What a service does with a customer's key on behalf of the caller. */
export type KeyUse = "Decrypt" | "GenerateDataKey";

/** How each service names a resource to KMS: key and value of the encryption context, in small letters as condition keys are. */
const encryptionContexts = {
  dynamodb: (arn: string) => ["aws:dynamodb:tablename", arn.split("/")[1] ?? ""],
  s3: (arn: string) => ["aws:s3:arn", arn],
  sns: (arn: string) => ["aws:sns:topicarn", arn],
  sqs: (arn: string) => ["aws:sqs:arn", arn],
  // https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
  ssm: (arn: string) => ["parameter_arn", arn],
} satisfies Record<string, (arn: string) => [string, string]>;

/** Use of the key that encrypts a resource. */
export function keyNeeds(arn: string, place: Place, service: keyof typeof encryptionContexts, ...actions: KeyUse[]): Need[] {
  const kmsKeyArn = place.factsOf(arn)?.kmsKeyArn;
  // A key of AWS's own lets everybody in who may use the service.
  if (!kmsKeyArn?.includes(":key/")) return [];
  const [name, value] = encryptionContexts[service](arn);
  const context = {
    "kms:viaservice": `${service}.${place.region}.amazonaws.com`,
    "kms:calleraccount": place.accountId,
    "aws:viaawsservice": "true",
    [`kms:encryptioncontext:${name}`]: value,
  };
  return actions.map((action) => ({ action: `kms:${action}`, resource: kmsKeyArn, context }));
}
