import { notSupported, ServiceError } from "../wire";

/** The value of a field of an event; undefined where it has none. */
export type FieldsOf = (name: string) => string | undefined;

/** What a `filter` asks of an event. */
export type Condition = (fieldsOf: FieldsOf) => boolean;

type Kind = "regex" | "text" | "number" | "operator" | "word";
interface Token {
  kind: Kind;
  text: string;
}

const kinds: readonly [Kind, RegExp][] = [
  ["regex", /\/(?:\\.|[^/\\])+\//y],
  ["text", /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/y],
  ["number", /-?\d+(?:\.\d+)?(?![\w.])/y],
  ["operator", /=~|!=|<=|>=|[=<>()[\],]/y],
  ["word", /`[^`]+`|@?[\w.@-]+/y],
];

/** Reads the condition of a `filter`. @throws ServiceError MalformedQueryException, and one that names a function */
export function readCondition(text: string): Condition {
  const parser = new Parser(tokensOf(text));
  const condition = parser.either();
  parser.end();
  return condition;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] as string)) {
      at++;
      continue;
    }
    const found = kinds.flatMap(([kind, pattern]) => {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0];
      return match === undefined ? [] : [{ kind, text: match }];
    })[0];
    if (!found) throw malformed(`unexpected "${text.slice(at, at + 20)}"`);
    tokens.push(found);
    at += found.text.length;
  }
  return tokens;
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  either(): Condition {
    const parts = [this.all()];
    while (this.takes("or")) parts.push(this.all());
    return (fieldsOf) => parts.some((holds) => holds(fieldsOf));
  }

  end(): void {
    const left = this.tokens[this.at];
    if (left) throw malformed(`unexpected "${left.text}"`);
  }

  private all(): Condition {
    const parts = [this.one()];
    while (this.takes("and")) parts.push(this.one());
    return (fieldsOf) => parts.every((holds) => holds(fieldsOf));
  }

  private one(): Condition {
    if (this.takes("not")) {
      const holds = this.one();
      return (fieldsOf) => !holds(fieldsOf);
    }
    if (this.takes("(")) {
      const inner = this.either();
      this.require(")");
      return inner;
    }
    const value = this.operand();
    const isNot = this.takes("not");
    const holds = this.relation(value);
    return isNot ? (fieldsOf) => !holds(fieldsOf) : holds;
  }

  private relation(value: FieldValue): Condition {
    const operator = this.next()?.text.toLowerCase() ?? "";
    switch (operator) {
      case "like":
      case "=~":
        return this.pattern(value);
      case "in": {
        this.require("[");
        const list = [this.operand()];
        while (this.takes(",")) list.push(this.operand());
        this.require("]");
        return (fieldsOf) => list.some((each) => equal(value(fieldsOf), each(fieldsOf)));
      }
      case "=":
      case "!=": {
        const other = this.operand();
        return (fieldsOf) => equal(value(fieldsOf), other(fieldsOf)) === (operator === "=");
      }
      case "<":
      case "<=":
      case ">":
      case ">=": {
        const other = this.operand();
        return (fieldsOf) => ordered(value(fieldsOf), operator, other(fieldsOf));
      }
      default:
        throw malformed(operator === "" ? "a condition has no end" : `unexpected "${operator}"`);
    }
  }

  private pattern(value: FieldValue): Condition {
    const token = this.next();
    if (token?.kind === "text") {
      const part = unquoted(token.text);
      return (fieldsOf) => value(fieldsOf)?.includes(part) ?? false;
    }
    if (token?.kind !== "regex") throw malformed("like takes a text or a regular expression");
    const [, flags = "", source = ""] = /^(?:\(\?([i]+)\))?([\s\S]*)$/.exec(token.text.slice(1, -1)) ?? [];
    const expression = compiled(source, flags);
    return (fieldsOf) => expression.test(value(fieldsOf) ?? "");
  }

  private operand(): FieldValue {
    const token = this.next();
    if (token?.kind === "text") return () => unquoted(token.text);
    if (token?.kind === "number") return () => token.text;
    if (token?.kind !== "word") throw malformed(token ? `unexpected "${token.text}"` : "a condition has no end");
    if (this.tokens[this.at]?.text === "(") throw notSupported(`Logs Insights' function "${token.text}"`);
    return (fieldsOf) => fieldsOf(token.text.replace(/^`(.*)`$/, "$1"));
  }

  private next(): Token | undefined {
    return this.tokens[this.at++];
  }

  private takes(text: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== "word" && token?.kind !== "operator") return false;
    if (token.text.toLowerCase() !== text) return false;
    this.at++;
    return true;
  }

  private require(text: string): void {
    if (!this.takes(text)) throw malformed(`expected "${text}"`);
  }
}

/** The refusal of a query that is none. */
export function malformed(why: string): ServiceError {
  return new ServiceError("MalformedQueryException", `The query is not valid: ${why}`);
}

type FieldValue = (fieldsOf: FieldsOf) => string | undefined;

function compiled(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(["'\\])/g, "$1");
}

/** Numbers are equal as numbers; what is not there equals nothing. */
function equal(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one === other || (one.trim() !== "" && other.trim() !== "" && Number(one) === Number(other));
}

function ordered(one: string | undefined, operator: "<" | "<=" | ">" | ">=", other: string | undefined): boolean {
  const [a, b] = [Number(one ?? NaN), Number(other ?? NaN)];
  return operator === "<" ? a < b : operator === "<=" ? a <= b : operator === ">" ? a > b : a >= b;
}
