import * as z from "zod";
import { jsonOperation, jsonService, type JsonOperation } from "../jsonService";
import * as pages from "../pages";
import { ServiceError, type Service } from "../wire";
import { filterTerms } from "./filter";
import { byTime, type GroupSettings, type Groups, type StoredEvent } from "./groups";
import { queryOperations } from "./queries";
import * as shapes from "./shapes";

const logGroupName = shapes.groupName;
const named = { logGroupName: z.string().optional(), logGroupIdentifier: z.string().optional() };
const timeRange = { startTime: z.number().default(0), endTime: z.number().default(Infinity) };
const page = { nextToken: z.string().optional() };
const listed = { ...page, limit: z.int().min(1).max(50).default(50) };

/** CloudWatch Logs' API: groups with their settings, and what is read of their events. */
export function logsWire(groups: Groups, accountId: string): Service {
  const queries = queryOperations(groups, accountId, nameIn);
  const operations = { ...groupOperations(groups), ...tagOperations(groups), ...eventOperations(groups), ...queries };
  return jsonService("CloudWatch Logs'", "Logs_20140328", operations, "InvalidParameterException");
}

function groupOperations(groups: Groups): Record<string, JsonOperation> {
  const described = ({ name, arn, creationTime, retentionInDays, kmsKeyArn }: GroupSettings) => ({
    logGroupName: name,
    creationTime: Math.floor(creationTime),
    ...(retentionInDays > 0 && { retentionInDays }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    logGroupClass: "STANDARD",
    storedBytes: groups.storedBytes(name),
    ...(kmsKeyArn !== undefined && { kmsKeyId: kmsKeyArn }),
  });
  const keyed = { logGroupName: z.string().optional(), resourceIdentifier: z.string().optional() };

  return {
    CreateLogGroup: jsonOperation(
      z.strictObject({
        logGroupName,
        kmsKeyId: z.string().optional(),
        logGroupClass: shapes.logGroupClass.optional(),
        deletionProtectionEnabled: z.literal(false).optional(),
        tags: shapes.tags.default({}),
      }),
      ({ logGroupName: name, kmsKeyId, tags }) => void groups.create(name, { kmsKeyArn: kmsKeyId, tags }),
    ),
    DescribeLogGroups: jsonOperation(
      z.strictObject({ ...listed, logGroupNamePrefix: z.string().default(""), logGroupNamePattern: z.string().default("") }),
      ({ logGroupNamePrefix, logGroupNamePattern, ...paging }) => {
        const pattern = logGroupNamePattern.toLowerCase();
        const wanted = groups.all().filter(({ name }) => name.startsWith(logGroupNamePrefix) && name.toLowerCase().includes(pattern));
        const { page: shown, ...next } = pageOf("DescribeLogGroups", wanted, paging);
        return { logGroups: shown.map(described), ...next };
      },
    ),
    DeleteLogGroup: jsonOperation(z.strictObject({ logGroupName }), (input) => groups.delete(input.logGroupName)),
    PutRetentionPolicy: jsonOperation(z.strictObject({ logGroupName, retentionInDays: shapes.retentionInDays }), (input) =>
      groups.change(input.logGroupName, { retentionInDays: input.retentionInDays }),
    ),
    DeleteRetentionPolicy: jsonOperation(z.strictObject({ logGroupName }), (input) =>
      groups.change(input.logGroupName, { retentionInDays: 0 }),
    ),
    AssociateKmsKey: jsonOperation(z.strictObject({ ...keyed, kmsKeyId: z.string() }), ({ resourceIdentifier, kmsKeyId, ...rest }) =>
      groups.change(nameIn(rest.logGroupName ?? resourceIdentifier), { kmsKeyArn: kmsKeyId }),
    ),
    DisassociateKmsKey: jsonOperation(z.strictObject(keyed), ({ resourceIdentifier, ...rest }) =>
      groups.change(nameIn(rest.logGroupName ?? resourceIdentifier), { kmsKeyArn: undefined }),
    ),
  };
}

function tagOperations(groups: Groups): Record<string, JsonOperation> {
  const add = (name: string, tags: Record<string, string>) => groups.change(name, { tags: { ...groups.find(name).tags, ...tags } });
  const remove = (name: string, keys: readonly string[]) => {
    const kept = Object.entries(groups.find(name).tags).filter(([key]) => !keys.includes(key));
    groups.change(name, { tags: Object.fromEntries(kept) });
  };
  const resourceArn = z.string();
  return {
    ListTagsForResource: jsonOperation(z.strictObject({ resourceArn }), (input) => ({ tags: groups.find(nameIn(input.resourceArn)).tags })),
    TagResource: jsonOperation(z.strictObject({ resourceArn, tags: shapes.tags }), (input) => add(nameIn(input.resourceArn), input.tags)),
    UntagResource: jsonOperation(z.strictObject({ resourceArn, tagKeys: z.array(z.string()) }), (input) =>
      remove(nameIn(input.resourceArn), input.tagKeys),
    ),
    // The older calls of the same, by the group's name.
    ListTagsLogGroup: jsonOperation(z.strictObject({ logGroupName }), (input) => ({ tags: groups.find(input.logGroupName).tags })),
    TagLogGroup: jsonOperation(z.strictObject({ logGroupName, tags: shapes.tags }), (input) => add(input.logGroupName, input.tags)),
    UntagLogGroup: jsonOperation(z.strictObject({ logGroupName, tags: z.array(z.string()) }), (input) =>
      remove(input.logGroupName, input.tags),
    ),
  };
}

function eventOperations(groups: Groups): Record<string, JsonOperation> {
  const nameOf = (input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }) =>
    groups.find(nameIn(input.logGroupName ?? input.logGroupIdentifier)).name;

  return {
    DescribeLogStreams: jsonOperation(
      z.strictObject({
        ...named,
        ...listed,
        logStreamNamePrefix: z.string().default(""),
        orderBy: z.enum(["LogStreamName", "LastEventTime"]).default("LogStreamName"),
        descending: z.boolean().default(false),
      }),
      ({ logStreamNamePrefix, orderBy, descending, limit, nextToken, ...of }) => {
        const { name: group, arn } = groups.find(nameOf(of));
        const direction = descending ? -1 : 1;
        const wanted = [...groups.streams(group).values()]
          .filter(({ name }) => name.startsWith(logStreamNamePrefix))
          .sort((a, b) =>
            orderBy === "LastEventTime"
              ? (a.lastEventTimestamp - b.lastEventTimestamp) * direction
              : a.name < b.name
                ? -direction
                : direction,
          );
        const { page: shown, ...next } = pageOf(`DescribeLogStreams ${group}`, wanted, { limit, nextToken });
        const logStreams = shown.map(({ name, ...times }) => ({
          logStreamName: name,
          ...times,
          arn: `${arn}:log-stream:${name}`,
          storedBytes: 0,
        }));
        return { logStreams, ...next };
      },
    ),
    GetLogEvents: jsonOperation(
      z.strictObject({
        ...named,
        ...timeRange,
        ...page,
        logStreamName: z.string(),
        limit: z.int().min(1).max(10_000).default(10_000),
        startFromHead: z.boolean().default(false),
      }),
      ({ logStreamName, startTime, endTime, limit, startFromHead, nextToken, ...of }) => {
        const [, direction = startFromHead ? "f" : "b", digits] = /^([fb])\/(\d+)$/.exec(nextToken ?? "") ?? [];
        if (nextToken !== undefined && digits === undefined) throw invalidToken();
        const group = nameOf(of);
        if (!groups.streams(group).has(logStreamName)) {
          throw new ServiceError("ResourceNotFoundException", "The specified log stream does not exist.");
        }
        const events = groups
          .events(group)
          .filter(({ stream, timestamp }) => stream === logStreamName && timestamp >= startTime && timestamp < endTime);
        const position = digits === undefined ? (direction === "f" ? 0 : Infinity) : Number(digits);
        const chosen =
          direction === "f"
            ? events.filter((event) => event.sequence >= position).slice(0, limit)
            : events.filter((event) => event.sequence < position).slice(-limit);
        const first = chosen[0]?.sequence ?? (Number.isFinite(position) ? position : groups.sequence);
        const last = chosen.at(-1)?.sequence;
        return {
          events: chosen.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
          nextForwardToken: `f/${String(last === undefined ? first : last + 1).padStart(56, "0")}`,
          nextBackwardToken: `b/${String(first).padStart(56, "0")}`,
        };
      },
    ),
    FilterLogEvents: jsonOperation(
      z.strictObject({
        ...named,
        ...timeRange,
        ...page,
        logStreamNames: z.array(z.string()).min(1).max(100).optional(),
        logStreamNamePrefix: z.string().default(""),
        filterPattern: z.string().default(""),
        limit: z.int().min(1).max(10_000).default(10_000),
        // Ignored by AWS; its command line still sends it.
        interleaved: z.boolean().optional(),
      }),
      (input) => {
        const { logStreamNames, logStreamNamePrefix, startTime, endTime, filterPattern, limit, nextToken } = input;
        const matches = filterTerms(filterPattern);
        const after = nextToken === undefined ? undefined : positionOf(nextToken);
        const found = groups
          .events(nameOf(input))
          .filter(
            (event) =>
              event.timestamp >= startTime &&
              event.timestamp <= endTime &&
              event.stream.startsWith(logStreamNamePrefix) &&
              (logStreamNames?.includes(event.stream) ?? true) &&
              (after === undefined || byTime(event, after) > 0) &&
              matches(event.message),
          );
        const events = found.slice(0, limit);
        const last = events.at(-1);
        return {
          events: events.map((event) => ({
            logStreamName: event.stream,
            timestamp: event.timestamp,
            message: event.message,
            ingestionTime: event.ingestionTime,
            eventId: String(event.sequence).padStart(56, "0"),
          })),
          searchedLogStreams: [],
          ...(last && found.length > limit ? { nextToken: `${last.timestamp}/${last.sequence}` } : {}),
        };
      },
    ),
  };
}

/** A group's name, given by itself or in an ARN, with or without `:*`. */
function nameIn(nameOrArn: string | undefined): string {
  if (nameOrArn === undefined) throw new ServiceError("InvalidParameterException", "Give logGroupName or an identifier of the group.");
  return nameOrArn.replace(/^arn:.*?:log-group:/, "").replace(/:\*$/, "");
}

/** A page of what has names, and the token of the next one. */
function pageOf<Item extends { name: string }>(
  list: string,
  all: readonly Item[],
  { limit, nextToken: token }: { limit: number; nextToken?: string | undefined },
) {
  const { page, next } = pages.pageOf(all, { list: `Logs ${list}`, idOf: ({ name }) => name, limit, token, invalid: invalidToken });
  return { page, ...(next !== undefined && { nextToken: next }) };
}

function positionOf(token: string): Pick<StoredEvent, "timestamp" | "sequence"> {
  const [, timestamp, sequence] = /^(\d+)\/(\d+)$/.exec(token) ?? [];
  if (timestamp === undefined || sequence === undefined) throw invalidToken();
  return { timestamp: Number(timestamp), sequence: Number(sequence) };
}

function invalidToken(): ServiceError {
  return new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
}
