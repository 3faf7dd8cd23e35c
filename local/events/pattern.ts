import { ServiceError } from "../wire";

/** An event pattern, read: what it says of each field. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
export type Pattern = { readonly [field: string]: unknown };

/** Whether one value, or its absence, is as a pattern's test says. */
type Test = (value: unknown) => boolean;

/**
 * Reads an event pattern's JSON.
 *
 * @throws ServiceError InvalidEventPatternException, as EventBridge begins it, with what is wrong
 */
export function readPattern(text: string): Pattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalid("it is not JSON");
  }
  if (!isObject(pattern) || Object.keys(pattern).length === 0) throw invalid("an object with at least one field is expected");
  check(pattern, "");
  return pattern;
}

/** Whether an event is as a pattern says: every field of the pattern must fit, what the pattern does not name does not matter. */
export function matches(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === "$or") return (wanted as Pattern[]).some((each) => matches(each, event));
    // An array of objects fits when one of them does.
    const values = [event].flat().map((each) => (isObject(each) && Object.hasOwn(each, field) ? each[field] : undefined));
    if (isObject(wanted)) return values.some((value) => matches(wanted, value));
    return (wanted as unknown[]).some((each) => fits(testOf(each, field), values));
  });
}

/** An array fits when one of its members does. */
function fits(test: Test, values: unknown[]): boolean {
  return values.flat().some(test) || (values.flat().length === 0 && test(undefined));
}

function check(pattern: Pattern, at: string): void {
  for (const [field, wanted] of Object.entries(pattern)) {
    const path = at === "" ? field : `${at}.${field}`;
    if (field === "$or") {
      if (!Array.isArray(wanted) || wanted.length < 2 || !wanted.every(isObject)) throw invalid("$or takes a list of two patterns or more");
      for (const each of wanted) check(each, at);
    } else if (isObject(wanted)) {
      if (Object.keys(wanted).length === 0) throw invalid(`${path}: an empty object is not allowed`);
      check(wanted, path);
    } else if (!Array.isArray(wanted)) throw invalid(`"${path}" must be an object or an array`);
    else if (wanted.length === 0) throw invalid(`${path}: empty arrays are not allowed`);
    else for (const each of wanted) testOf(each, path);
  }
}

/** @throws ServiceError for a test that EventBridge doesn't have */
function testOf(wanted: unknown, at: string): Test {
  if (!isObject(wanted)) {
    if (Array.isArray(wanted)) throw invalid(`${at}: arrays of arrays are not allowed`);
    return (value) => value === wanted;
  }
  const [[operator, operand] = ["", undefined], ...more] = Object.entries(wanted);
  if (more.length > 0) throw invalid(`${at}: only one operator is allowed in an object`);
  const make = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  const test = make?.(operand, at);
  if (make === undefined) throw invalid(`${at}: unrecognized match type ${operator}`);
  if (test === undefined) throw invalid(`${at}: ${operator} does not take ${JSON.stringify(operand)}`);
  return test;
}

/** Each operator's test; undefined for an operand that it doesn't take. */
const operators: Readonly<Record<string, (operand: unknown, at: string) => Test | undefined>> = {
  prefix: onText((text, value) => value.startsWith(text)),
  suffix: onText((text, value) => value.endsWith(text)),
  "equals-ignore-case": onText((text, value) => value.toLowerCase() === text.toLowerCase()),
  wildcard: onText((text, value) => new RegExp(`^${text.split("*").map(escaped).join(".*")}$`, "s").test(value)),
  exists: (operand) => (typeof operand === "boolean" ? (value) => (value !== undefined) === operand : undefined),
  "anything-but": (operand, at) => {
    const unwanted = [operand].flat();
    if (unwanted.length === 0) return undefined;
    const tests = unwanted.map((each) => testOf(each, at));
    return (value) => value !== undefined && !tests.some((test) => test(value));
  },
  numeric: (operand) => {
    if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) return undefined;
    const bounds = Array.from({ length: operand.length / 2 }, (_, index) => operand.slice(index * 2, index * 2 + 2) as unknown[]);
    const known = bounds.every(
      ([sign, bound]) => typeof sign === "string" && Object.hasOwn(comparisons, sign) && typeof bound === "number",
    );
    if (!known) return undefined;
    return (value) => typeof value === "number" && bounds.every(([sign, bound]) => comparisons[sign as string]?.(value, bound as number));
  },
};

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

function onText(holds: (operand: string, value: string) => boolean) {
  return (operand: unknown): Test | undefined =>
    typeof operand === "string" ? (value) => typeof value === "string" && holds(operand, value) : undefined;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&");
}

function isObject(value: unknown): value is Pattern {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(reason: string): ServiceError {
  return new ServiceError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}
