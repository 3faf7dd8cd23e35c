import { notSupported, ServiceError } from "../wire";

/** What a filter policy is held against. */
export interface Filterable {
  message: string;
  messageAttributes: Readonly<Record<string, MessageAttribute>>;
}

/** A message attribute as SNS takes it. */
export interface MessageAttribute {
  /** `String`, `String.Array`, `Number` or `Binary`, each with an optional label: `Number.int`. */
  DataType: string;
  StringValue?: string;
  /** Base64. */
  BinaryValue?: string;
}

type Value = string | number | boolean | null;
type Condition = (values: Value[] | undefined) => boolean;

/** Decides whether a subscription gets a message. */
export type Filter = (message: Filterable) => boolean;

/**
 * Reads a filter policy: exact strings, numbers, booleans and null, `prefix`, `suffix`, `equals-ignore-case`,
 * `anything-but` (values, or one prefix or suffix), `numeric` and `exists`; on attributes or on the message's body.
 *
 * @throws ServiceError for what SNS refuses, and for what is not honoured here (`wildcard`, `cidr`, `$or`)
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function readFilterPolicy(policy: string, scope = "MessageAttributes"): Filter {
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw invalid("failed to parse JSON");
  }
  if (!isObject(parsed)) throw invalid("not a JSON object");
  if (scope !== "MessageAttributes" && scope !== "MessageBody") {
    throw new ServiceError("InvalidParameter", `Invalid parameter: FilterPolicyScope: Invalid value [${scope}].`);
  }
  const onBody = scope === "MessageBody";
  const keys = readKeys(parsed, [], onBody);
  if (keys.length > 5) throw invalid("Filter policy can not have more than 5 keys");
  if (keys.reduce((product, { conditions }) => product * conditions.length, 1) > 150) throw invalid("Filter policy is too complex");

  return (message) => {
    const document = onBody ? readBody(message.message) : undefined;
    if (onBody && !isObject(document)) return false;
    return keys.every(({ path, conditions }) => {
      const values = onBody ? valuesAt(document, path) : attributeValues(message.messageAttributes[path[0] as string]);
      return conditions.some((matches) => matches(values));
    });
  };
}

function readKeys(policy: object, path: string[], nested: boolean): { path: string[]; conditions: Condition[] }[] {
  return Object.entries(policy).flatMap(([name, value]: [string, unknown]) => {
    if (name === "$or") throw notSupported('filter policies with "$or"');
    const at = [...path, name];
    if (Array.isArray(value)) {
      if (value.length === 0) throw invalid(`"${at.join(".")}" must not be an empty array`);
      return [{ path: at, conditions: value.map((condition) => readCondition(condition, at)) }];
    }
    if (nested && isObject(value)) return readKeys(value, at, nested);
    throw invalid(`"${at.join(".")}" must be an object or an array`);
  });
}

function readCondition(condition: unknown, path: string[]): Condition {
  const some =
    (matches: (value: Value) => boolean): Condition =>
    (values) =>
      values?.some(matches) ?? false;
  if (!isObject(condition)) return some((value) => value === condition);
  const [[operator, operand] = ["", undefined], ...others] = Object.entries(condition);
  if (others.length > 0) throw invalid(`"${path.join(".")}" has more than one operator in a condition`);
  switch (operator) {
    case "exists":
      if (typeof operand !== "boolean") throw invalid('"exists" must be true or false');
      return (values) => (values !== undefined) === operand;
    case "prefix":
    case "suffix":
    case "equals-ignore-case":
      return some(textTest(operator, operand));
    case "anything-but": {
      if (isObject(operand)) {
        const [[inner, text] = ["", undefined]] = Object.entries(operand);
        if (inner !== "prefix" && inner !== "suffix") throw notSupported(`filter policies with "anything-but" of "${inner}"`);
        const excluded = textTest(inner, text);
        return some((value) => !excluded(value));
      }
      const excluded: unknown[] = Array.isArray(operand) ? operand : [operand];
      return some((value) => !excluded.includes(value));
    }
    case "numeric":
      return some(numericTest(operand));
    default:
      throw notSupported(`filter policies with "${operator}"`);
  }
}

function textTest(operator: "prefix" | "suffix" | "equals-ignore-case", operand: unknown): (value: Value) => boolean {
  if (typeof operand !== "string") throw invalid(`"${operator}" match pattern must be a string`);
  return (value) => {
    if (typeof value !== "string") return false;
    if (operator === "prefix") return value.startsWith(operand);
    if (operator === "suffix") return value.endsWith(operand);
    return value.toLowerCase() === operand.toLowerCase();
  };
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

function numericTest(operand: unknown): (value: Value) => boolean {
  if (!Array.isArray(operand) || ![2, 4].includes(operand.length)) throw invalid('"numeric" must be one or two comparisons');
  const tests = Array.from({ length: operand.length / 2 }, (_, index) => {
    const comparison = comparisons[String(operand[2 * index])];
    const bound: unknown = operand[2 * index + 1];
    if (!comparison || typeof bound !== "number") throw invalid(`"numeric" does not know ${JSON.stringify(operand)}`);
    return (value: number) => comparison(value, bound);
  });
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

/** A binary attribute takes no part in filtering. */
function attributeValues(attribute: MessageAttribute | undefined): Value[] | undefined {
  const text = attribute?.StringValue;
  if (attribute === undefined || text === undefined) return undefined;
  if (attribute.DataType.startsWith("Number")) return [Number(text)];
  if (!attribute.DataType.startsWith("String.Array")) return [text];
  const values = readBody(text);
  return Array.isArray(values) ? (values as Value[]) : [text];
}

function valuesAt(document: unknown, path: string[]): Value[] | undefined {
  if (Array.isArray(document)) {
    const found = document.map((element) => valuesAt(element, path)).filter((values) => values !== undefined);
    return found.length === 0 ? undefined : found.flat();
  }
  const [name, ...rest] = path;
  if (name === undefined) return isObject(document) ? undefined : [document as Value];
  return isObject(document) && name in document ? valuesAt((document as Record<string, unknown>)[name], rest) : undefined;
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(reason: string): ServiceError {
  return new ServiceError("InvalidParameter", `Invalid parameter: FilterPolicy: ${reason}`);
}
