import jsep from "jsep";

/** Datapoints of one time series, one entry a period, oldest first; undefined where there is none. */
export type Series = readonly (number | undefined)[];

/** What an expression can come to on its way to a time series. */
type Value = number | Series | { array: Series[] } | { word: string };

/** What an expression is evaluated over. */
export interface MathScope {
  /** Time series by id, other expressions' results included. */
  series: ReadonlyMap<string, Series>;
  /** Ids of the metrics: what METRICS() stands for. */
  metricIds: readonly string[];
  /** Number of periods. */
  length: number;
  periodSeconds: number;
  /** The minute since the epoch at which the last period ends. */
  endMinute: number;
}

// The parser's table is JavaScript's; metric math has fewer operators and its own precedences.
jsep.removeAllBinaryOps();
jsep.removeAllUnaryOps();
jsep.addUnaryOp("-");
for (const [precedence, operators] of [
  ["OR", "||"],
  ["AND", "&&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["+", "-"],
  ["*", "/"],
  ["^"],
].entries()) {
  for (const operator of operators) jsep.addBinaryOp(operator, precedence + 1, operator === "^");
}

const truth = (holds: boolean): number => (holds ? 1 : 0);

const operators: Record<string, (a: number, b: number) => number | undefined> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0 ? undefined : a / b),
  "^": (a, b) => a ** b,
  "==": (a, b) => truth(a === b),
  "!=": (a, b) => truth(a !== b),
  "<": (a, b) => truth(a < b),
  ">": (a, b) => truth(a > b),
  "<=": (a, b) => truth(a <= b),
  ">=": (a, b) => truth(a >= b),
  AND: (a, b) => truth(a !== 0 && b !== 0),
  OR: (a, b) => truth(a !== 0 || b !== 0),
};
operators["&&"] = operators["AND"] as (a: number, b: number) => number;
operators["||"] = operators["OR"] as (a: number, b: number) => number;

/** Functions of one time series' datapoints; of an array, one time series each. */
const pointwise: Record<string, (value: number) => number> = { ABS: Math.abs, CEIL: Math.ceil, FLOOR: Math.floor };

/** Functions that make one number of many: of a time series a number, of an array a time series. */
const reducers: Record<string, (values: readonly number[], count: number) => number> = {
  SUM: (values) => values.reduce((a, b) => a + b, 0),
  MAX: (values) => Math.max(...values),
  MIN: (values) => Math.min(...values),
  // A missing datapoint counts as 0.
  AVG: (values, count) => values.reduce((a, b) => a + b, 0) / count,
};

/** Functions of the times of a time series' periods, which begin at them; also where it has no datapoint. */
const calendar: Record<string, (time: Date) => number> = {
  MINUTE: (time) => time.getUTCMinutes(),
  HOUR: (time) => time.getUTCHours(),
  // From Monday, 1, to Sunday, 7.
  DAY: (time) => time.getUTCDay() || 7,
};

/** A parsed expression of metric math. */
export interface MathExpression {
  /** Ids that it refers to. */
  references: string[];
  /** Whether each datapoint depends on those of its own period alone. */
  pointwise: boolean;
  /** The time series that it comes to. Throws when that is anything else. */
  evaluate(scope: MathScope): Series;
}

/**
 * Parses an expression of CloudWatch's metric math. Arithmetic, comparisons, AND and OR, arrays, and ABS, AVG, CEIL,
 * DAY, FILL, FLOOR, HOUR, IF, MAX, METRICS, MIN, MINUTE, PERIOD, SUM and TIME_SERIES are known; anything else is an error
 * that names it.
 *
 * @example parseMath("IF(capacity == 0, backlog, 0)").evaluate(scope)
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function parseMath(expression: string): MathExpression {
  let root: jsep.Expression;
  try {
    root = jsep(expression);
  } catch (error) {
    throw new Error(`"${expression}" is not an expression: ${error instanceof Error ? error.message : String(error)}`);
  }
  const compute = computing(root);
  const references = [...identifiers(root)].filter((name) => /^[a-z]/.test(name));
  return {
    references,
    pointwise: isPointwise(root),
    evaluate: (scope) => {
      const value = compute(scope);
      if (isSeries(value)) return value;
      throw new Error(`"${expression}" must come to one time series; a number needs TIME_SERIES(), an array SUM(), MAX() or MIN()`);
    },
  };
}

/** Reducers look at a whole time series, unless they are given an array of them; filling with a word looks at neighbours. */
function isPointwise(node: jsep.Expression): boolean {
  if (node.type === "CallExpression") {
    const { callee, arguments: args } = node as jsep.CallExpression;
    const name = (callee as jsep.Identifier).name;
    if (Object.hasOwn(reducers, name) && args[0]?.type !== "ArrayExpression") return false;
    if (name === "FILL" && args[1]?.type === "Identifier" && /^[A-Z]/.test((args[1] as jsep.Identifier).name)) return false;
    return args.every(isPointwise);
  }
  if (node.type === "BinaryExpression") {
    const { left, right } = node as jsep.BinaryExpression;
    return isPointwise(left) && isPointwise(right);
  }
  if (node.type === "UnaryExpression") return isPointwise((node as jsep.UnaryExpression).argument);
  if (node.type === "ArrayExpression")
    return (node as jsep.ArrayExpression).elements.every((element) => isPointwise(element as jsep.Expression));
  return true;
}

function* identifiers(node: jsep.Expression): Generator<string> {
  if (node.type === "Identifier") yield (node as jsep.Identifier).name;
  for (const [key, child] of Object.entries(node)) {
    // A function's name is no reference.
    if (key === "callee") continue;
    for (const each of Array.isArray(child) ? child : [child]) {
      if (each !== null && typeof each === "object" && "type" in each) yield* identifiers(each as jsep.Expression);
    }
  }
}

/** What a part of an expression comes to. */
type Compute = (scope: MathScope) => Value;

function computing(node: jsep.Expression): Compute {
  switch (node.type) {
    case "Literal": {
      const { value, raw } = node as jsep.Literal;
      if (typeof value === "number") return () => value;
      if (typeof value === "string") return () => ({ word: value });
      throw new Error(`${raw} has no meaning in metric math`);
    }
    case "Identifier": {
      const { name } = node as jsep.Identifier;
      if (!/^[a-z]/.test(name)) return () => ({ word: name });
      return ({ series }) => {
        const found = series.get(name);
        if (!found) throw new Error(`"${name}" is no id of a metric or of an expression`);
        return found;
      };
    }
    case "ArrayExpression": {
      const elements = (node as jsep.ArrayExpression).elements.map((element) => computing(element as jsep.Expression));
      return (scope) => ({ array: elements.flatMap((element) => seriesOf(element(scope))) });
    }
    case "UnaryExpression": {
      const argument = computing((node as jsep.UnaryExpression).argument);
      return (scope) => map(argument(scope), (value) => -value);
    }
    case "BinaryExpression": {
      const { operator, left, right } = node as jsep.BinaryExpression;
      const [one, other] = [computing(left), computing(right)];
      const operate = operators[operator] as (a: number, b: number) => number | undefined;
      return (scope) => combine(one(scope), other(scope), operate);
    }
    case "CallExpression": {
      const { callee, arguments: args } = node as jsep.CallExpression;
      if (callee.type !== "Identifier") throw new Error("only a function can be called");
      return calling((callee as jsep.Identifier).name, args.map(computing));
    }
    default:
      throw new Error(`${node.type} has no meaning in metric math`);
  }
}

function calling(name: string, args: readonly Compute[]): Compute {
  const expect = (counts: readonly number[]): void => {
    if (!counts.includes(args.length)) throw new Error(`${name} takes ${counts.join(" or ")} arguments, got ${args.length}`);
  };
  const [first, second, third] = args as [Compute, Compute, Compute | undefined];
  if (Object.hasOwn(pointwise, name)) {
    expect([1]);
    const change = pointwise[name] as (value: number) => number;
    return (scope) => map(first(scope), change);
  }
  if (Object.hasOwn(reducers, name)) {
    expect([1]);
    return (scope) => reduce(first(scope), name, scope);
  }
  if (Object.hasOwn(calendar, name)) {
    expect([1]);
    return (scope) => onCalendar(name, first(scope), scope);
  }
  switch (name) {
    case "IF":
      expect([2, 3]);
      return (scope) => choose(first(scope), second(scope), third?.(scope), scope.length);
    case "FILL":
      expect([2]);
      return (scope) => fill(first(scope), second(scope));
    case "METRICS":
      expect([0, 1]);
      return (scope) => {
        const part = args.length === 0 ? "" : wordOf(first(scope), "METRICS");
        const ids = scope.metricIds.filter((id) => id.includes(part));
        return { array: ids.map((id) => scope.series.get(id) as Series) };
      };
    case "PERIOD":
      expect([1]);
      return (scope) => scope.periodSeconds;
    case "TIME_SERIES":
      expect([1]);
      return (scope) => {
        const value = first(scope);
        if (typeof value !== "number") throw new Error("TIME_SERIES takes a number");
        return new Array<number>(scope.length).fill(value);
      };
    default:
      throw new Error(`the function ${name} is not supported by the embedded cloud`);
  }
}

function onCalendar(name: string, value: Value, { periodSeconds, endMinute }: MathScope): Value {
  if (!isSeries(value)) throw new Error(`${name} takes a time series`);
  const tell = calendar[name] as (time: Date) => number;
  const minutes = periodSeconds / 60;
  return value.map((_, at) => tell(new Date((endMinute - (value.length - at) * minutes) * 60_000)));
}

function isSeries(value: Value | undefined): value is Series {
  return Array.isArray(value);
}

function isArray(value: Value): value is { array: Series[] } {
  return typeof value === "object" && "array" in value;
}

function wordOf(value: Value, where: string): string {
  if (typeof value === "object" && "word" in value) return value.word;
  throw new Error(`${where} takes a text`);
}

function seriesOf(value: Value): Series[] {
  if (isSeries(value)) return [value];
  if (isArray(value)) return value.array;
  throw new Error("an array takes time series only");
}

function map(value: Value, change: (value: number) => number): Value {
  if (typeof value === "number") return change(value);
  if (isSeries(value)) return value.map((point) => (point === undefined ? undefined : change(point)));
  if (isArray(value)) return { array: value.array.map((series) => map(series, change) as Series) };
  throw new Error(`"${value.word}" has no value`);
}

/** Where only one of two time series has a datapoint, the other's counts as 0. */
function combine(a: Value, b: Value, operate: (a: number, b: number) => number | undefined): Value {
  if (isArray(a)) return { array: a.array.map((series) => combine(series, b, operate) as Series) };
  if (isArray(b)) return { array: b.array.map((series) => combine(a, series, operate) as Series) };
  if (typeof a === "number" && typeof b === "number") return operate(a, b) ?? Number.NaN;
  if (typeof a === "number" && isSeries(b)) return b.map((point) => (point === undefined ? undefined : operate(a, point)));
  if (isSeries(a) && typeof b === "number") return a.map((point) => (point === undefined ? undefined : operate(point, b)));
  if (isSeries(a) && isSeries(b)) {
    return a.map((point, at) => (point === undefined && b[at] === undefined ? undefined : operate(point ?? 0, b[at] ?? 0)));
  }
  throw new Error("an operator takes numbers and time series only");
}

function reduce(value: Value, name: string, scope: MathScope): Value {
  const reducer = reducers[name] as (values: readonly number[], count: number) => number;
  const present = (points: Series): number[] => points.filter((point) => point !== undefined);
  if (isArray(value)) {
    return Array.from({ length: scope.length }, (_, at) => {
      const points = present(value.array.map((series) => series[at]));
      return points.length === 0 ? undefined : reducer(points, value.array.length);
    });
  }
  if (isSeries(value)) return reducer(present(value), value.length);
  throw new Error(`${name} takes a time series or an array of them`);
}

/** IF(condition, then, else): as the guide's tables have it for missing datapoints. */
function choose(condition: Value, whenTrue: Value, whenFalse: Value | undefined, length: number): Value {
  const chosen: (number | undefined)[] = [];
  for (let index = 0; index < length; index++) {
    const decides = pointOf(condition, index);
    // A constant condition only selects a time series, and leaves its gaps.
    if (decides === undefined) chosen.push(undefined);
    else if (decides === 0) chosen.push(pointOf(whenFalse, index));
    else chosen.push(pointOf(whenTrue, index) ?? (typeof condition === "number" ? undefined : 0));
  }
  return chosen;
}

function pointOf(value: Value | undefined, index: number): number | undefined {
  if (value === undefined || typeof value === "number") return value;
  if (isSeries(value)) return value[index];
  throw new Error("IF takes numbers and time series only");
}

function fill(value: Value, filler: Value): Value {
  if (isArray(value)) return { array: value.array.map((series) => fill(series, filler) as Series) };
  if (!isSeries(value)) throw new Error("FILL takes a time series or an array of them first");
  if (typeof filler === "number") return value.map((point) => point ?? filler);
  if (isSeries(filler)) return value.map((point, at) => point ?? filler[at]);
  if (isArray(filler)) throw new Error("FILL takes a number, a time series, REPEAT or LINEAR second");
  if (filler.word === "REPEAT") {
    let last: number | undefined;
    return value.map((point) => (last = point ?? last));
  }
  if (filler.word === "LINEAR") return value.map((point, at) => point ?? between(value, at));
  throw new Error(`FILL takes a number, a time series, REPEAT or LINEAR second, got "${filler.word}"`);
}

function between(series: Series, at: number): number | undefined {
  const before = series.findLastIndex((point, index) => index < at && point !== undefined);
  const after = series.findIndex((point, index) => index > at && point !== undefined);
  if (before < 0 || after < 0) return undefined;
  const [from, to] = [series[before] as number, series[after] as number];
  return from + ((to - from) * (at - before)) / (after - before);
}
