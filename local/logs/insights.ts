import { notSupported } from "../wire";
import { byTime, type StoredEvent } from "./groups";
import { malformed, readCondition, type Condition, type FieldsOf } from "./insightsConditions";

/** A query of Logs Insights, as far as it is carried out here. */
export interface InsightsQuery {
  /** What of each event is answered. */
  fields: readonly string[];
  conditions: readonly Condition[];
  sort: readonly { field: string; isDescending: boolean }[];
  limit: number | undefined;
}

/** An event, and the group that it is of. */
export interface GroupedEvent extends StoredEvent {
  logGroup: string;
}

/** Most rows of an answer. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html */
export const mostRows = 10_000;
const newestFirst = [{ field: "@timestamp", isDescending: true }];

/**
 * Reads a query: `fields`, `display`, `filter`, `sort` and `limit`.
 *
 * @throws ServiceError MalformedQueryException; for other commands and for functions one that names them
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export function readQuery(text: string): InsightsQuery {
  const query = {
    fields: [] as string[],
    conditions: [] as Condition[],
    sort: [] as InsightsQuery["sort"][number][],
    limit: undefined as number | undefined,
  };
  const lines = text.split("\n").filter((line) => !line.trim().startsWith("#"));
  for (const command of commandsOf(lines.join("\n"))) {
    const [, name = "", rest = ""] = /^\s*(\w*)\s*([\s\S]*?)\s*$/.exec(command) ?? [];
    switch (name.toLowerCase()) {
      case "fields":
        query.fields.push(...readFields(rest));
        break;
      case "display":
        query.fields = readFields(rest);
        break;
      case "filter":
        query.conditions.push(readCondition(rest));
        break;
      case "sort":
        query.sort.push(...rest.split(",").map(readSort));
        break;
      case "limit":
      case "head":
        query.limit = readLimit(rest);
        break;
      case "":
        throw malformed("a command is missing");
      default:
        throw notSupported(`Logs Insights' command "${name}"`);
    }
  }
  return {
    ...query,
    fields: query.fields.length > 0 ? query.fields : ["@timestamp", "@message"],
    sort: query.sort.length > 0 ? query.sort : newestFirst,
  };
}

/** Commands are parted by `|`, which texts and expressions may have too. */
function commandsOf(text: string): string[] {
  const parts = text.match(/(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/(?:\\.|[^/\\\n])+\/|[^|])+|\|(?=\s*(?:\||$))/g) ?? [];
  return parts.map((part) => (part === "|" ? "" : part));
}

function readFields(text: string): string[] {
  return text.split(",").map((field) => {
    const name = field.trim();
    const named = readName(name);
    if (named === undefined && /\(|\sas\s/i.test(name)) throw notSupported(`Logs Insights' expression "${name}" among fields`);
    if (named === undefined) throw malformed(`"${name}" is no field`);
    return named;
  });
}

/** The name of a field, which may be anything in backticks; undefined for what is none. */
function readName(text: string): string | undefined {
  const [, quoted, plain] = /^(?:`([^`]+)`|(@?[\w.@-]+))$/.exec(text) ?? [];
  return quoted ?? plain;
}

function readSort(text: string): InsightsQuery["sort"][number] {
  const [, name = "", direction = "asc"] = /^\s*(`[^`]+`|\S+)(?:\s+(asc|desc))?\s*$/i.exec(text) ?? [];
  const field = readName(name);
  if (field === undefined) throw malformed(`"${text.trim()}" is nothing to sort by`);
  return { field, isDescending: direction.toLowerCase() === "desc" };
}

function readLimit(text: string): number {
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostRows) throw malformed(`a limit is 1 to ${mostRows}, got "${text}"`);
  return limit;
}

/** The rows of an answer: names and values of what was asked for, where an event has it. */
export function carryOut(query: InsightsQuery, events: readonly GroupedEvent[], limit: number, accountId: string) {
  const matched = events
    .map((event) => ({ event, fieldsOf: fieldsOf(event, accountId) }))
    .filter(({ fieldsOf }) => query.conditions.every((holds) => holds(fieldsOf)));
  const sorted = matched.sort((one, other) => {
    for (const { field, isDescending } of query.sort) {
      const order = compare(one.fieldsOf(field), other.fieldsOf(field));
      if (order !== 0) return isDescending ? -order : order;
    }
    return byTime(other.event, one.event);
  });
  const rows = sorted.slice(0, limit).map(({ event, fieldsOf }) => [
    ...query.fields.flatMap((field) => {
      const value = fieldsOf(field);
      return value === undefined ? [] : [{ field, value }];
    }),
    { field: "@ptr", value: Buffer.from(`${event.logGroup}/${event.sequence}`).toString("base64") },
  ]);
  return { rows, recordsMatched: matched.length };
}

/** What there is of an event, that of a message in JSON by its names included. */
function fieldsOf(event: GroupedEvent, accountId: string): FieldsOf {
  let json: unknown;
  const parsed = () => (json ??= parsedJson(event.message));
  return (name) => {
    switch (name) {
      case "@timestamp":
        return insightsTime(event.timestamp);
      case "@ingestionTime":
        return insightsTime(event.ingestionTime);
      case "@message":
        return event.message;
      case "@logStream":
        return event.stream;
      case "@log":
        return `${accountId}:${event.logGroup}`;
      default: {
        const value = name.split(".").reduce(memberOf, parsed());
        if (value === undefined || value === null) return undefined;
        return typeof value === "string" ? value : JSON.stringify(value);
      }
    }
  };
}

/** Of an object or a list what its text has, and nothing that JavaScript adds. */
function memberOf(at: unknown, step: string): unknown {
  const isMember = typeof at === "object" && at !== null && Object.prototype.propertyIsEnumerable.call(at, step);
  return isMember ? (at as Record<string, unknown>)[step] : undefined;
}

function parsedJson(message: string): unknown {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

/** `2026-01-25 22:46:00.608`, UTC. */
function insightsTime(at: number): string {
  return new Date(at).toISOString().replace("T", " ").replace("Z", "");
}

/** Numbers as numbers, and what an event does not have first. */
function compare(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined);
  const difference = Number(one) - Number(other);
  if (!Number.isNaN(difference) && one.trim() !== "" && other.trim() !== "") return difference;
  return one < other ? -1 : one > other ? 1 : 0;
}
