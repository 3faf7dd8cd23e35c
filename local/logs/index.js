import * as z from "zod";
import { isDenial } from "../identity/denials";
import { recorded } from "../recorded";
import { autoName, resourceType } from "../resources";
import { notSupported, ServiceError } from "../wire";
const dayMilliseconds = 86_400_000;
/** How many events arrive between two looks at what the retention removes. */
const pruneEvery = 1024;
/** Names and retention: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentions = [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
const logGroupSchema = z.strictObject({
    name: z
        .string()
        .regex(/^[\w.\-/#]{1,512}$/)
        .optional(),
    namePrefix: z.string().optional(),
    retentionInDays: z
        .int()
        .refine((days) => retentions.includes(days), `CloudWatch Logs takes ${retentions.join(", ")}`)
        .default(0),
    logGroupClass: z.literal("STANDARD").optional(),
    kmsKeyId: recorded.kmsKey,
    tags: z.record(z.string(), z.string()).default({}),
});
const groupName = { logGroupName: z.string().optional(), logGroupIdentifier: z.string().optional() };
const timeRange = { startTime: z.number().default(0), endTime: z.number().default(Infinity) };
const page = { nextToken: z.string().optional() };
const requests = {
    DescribeLogGroups: z.strictObject({
        ...page,
        logGroupNamePrefix: z.string().optional(),
        logGroupNamePattern: z.string().optional(),
        limit: z.int().min(1).max(50).default(50),
    }),
    DescribeLogStreams: z.strictObject({
        ...groupName,
        ...page,
        logStreamNamePrefix: z.string().default(""),
        orderBy: z.enum(["LogStreamName", "LastEventTime"]).default("LogStreamName"),
        descending: z.boolean().default(false),
        limit: z.int().min(1).max(50).default(50),
    }),
    GetLogEvents: z.strictObject({
        ...groupName,
        ...timeRange,
        ...page,
        logStreamName: z.string(),
        limit: z.int().min(1).max(10_000).default(10_000),
        startFromHead: z.boolean().default(false),
    }),
    FilterLogEvents: z.strictObject({
        ...groupName,
        ...timeRange,
        ...page,
        logStreamNames: z.array(z.string()).min(1).max(100).optional(),
        logStreamNamePrefix: z.string().default(""),
        filterPattern: z.string().default(""),
        limit: z.int().min(1).max(10_000).default(10_000),
        // Ignored by AWS; its command line still sends it.
        interleaved: z.boolean().optional(),
    }),
};
/** CloudWatch Logs: what functions print, kept as long as the group's retention says, readable by the API. */
export async function createLogs(context) {
    const { clock, region, accountId } = context;
    const groups = new Map();
    let sequence = 0;
    const addGroup = (name, retentionInDays) => {
        const arn = `arn:aws:logs:${region}:${accountId}:log-group:${name}`;
        const group = { name, arn, creationTime: clock.now(), retentionInDays, streams: new Map(), events: [], storedBytes: 0 };
        groups.set(name, group);
        return group;
    };
    /** Removes what is older than the group's retention. */
    const prune = (group) => {
        const oldest = clock.now() - group.retentionInDays * dayMilliseconds;
        if (group.retentionInDays > 0)
            group.events = group.events.filter(({ timestamp }) => timestamp >= oldest);
    };
    const append = (name, streamName, message, at = clock.now()) => {
        const group = groups.get(name) ?? addGroup(name, 0);
        const ingestionTime = clock.now();
        let stream = group.streams.get(streamName);
        if (!stream) {
            const times = { firstEventTimestamp: at, lastEventTimestamp: at, lastIngestionTime: ingestionTime };
            stream = { name: streamName, creationTime: ingestionTime, ...times };
            group.streams.set(streamName, stream);
        }
        const timestamp = Math.max(Math.floor(at), stream.lastEventTimestamp);
        stream.lastEventTimestamp = timestamp;
        stream.lastIngestionTime = ingestionTime;
        group.events.push({ timestamp, message, stream: streamName, sequence: sequence++, ingestionTime });
        // As CloudWatch counts: 26 bytes of its own with each event.
        group.storedBytes += Buffer.byteLength(message) + 26;
        if (sequence % pruneEvery === 0)
            prune(group);
    };
    const inOrder = (group) => {
        prune(group);
        return group.events.toSorted(byTime);
    };
    const find = ({ logGroupName, logGroupIdentifier }) => {
        const name = logGroupName ?? logGroupIdentifier?.replace(/^arn:.*?:log-group:/, "").replace(/:\*$/, "");
        if (name === undefined)
            throw new ServiceError("InvalidParameterException", "Give logGroupName or logGroupIdentifier.");
        const group = groups.get(name);
        if (!group)
            throw new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");
        return group;
    };
    const operations = {
        DescribeLogGroups: ({ logGroupNamePrefix, logGroupNamePattern, limit, nextToken }) => {
            const wanted = [...groups.values()]
                .filter(({ name }) => name.startsWith(logGroupNamePrefix ?? "") && name.toLowerCase().includes((logGroupNamePattern ?? "").toLowerCase()))
                .sort((a, b) => (a.name < b.name ? -1 : 1));
            const { items, next } = pageOf(wanted, limit, nextToken);
            return { logGroups: items.map(describeGroup), ...next };
        },
        DescribeLogStreams: ({ logStreamNamePrefix, orderBy, descending, limit, nextToken, ...named }) => {
            const group = find(named);
            const direction = descending ? -1 : 1;
            const wanted = [...group.streams.values()]
                .filter(({ name }) => name.startsWith(logStreamNamePrefix))
                .sort((a, b) => orderBy === "LastEventTime"
                ? (a.lastEventTimestamp - b.lastEventTimestamp) * direction
                : a.name < b.name
                    ? -direction
                    : direction);
            const { items, next } = pageOf(wanted, limit, nextToken);
            const described = items.map(({ name, ...times }) => ({
                logStreamName: name,
                ...times,
                arn: `${group.arn}:log-stream:${name}`,
                storedBytes: 0,
            }));
            return { logStreams: described, ...next };
        },
        GetLogEvents: ({ logStreamName, startTime, endTime, limit, startFromHead, nextToken, ...named }) => {
            const group = find(named);
            if (!group.streams.has(logStreamName)) {
                throw new ServiceError("ResourceNotFoundException", "The specified log stream does not exist.");
            }
            const events = inOrder(group).filter(({ stream, timestamp }) => stream === logStreamName && timestamp >= startTime && timestamp < endTime);
            const [, direction = startFromHead ? "f" : "b", digits] = /^([fb])\/(\d+)$/.exec(nextToken ?? "") ?? [];
            if (nextToken !== undefined && digits === undefined)
                throw invalidToken();
            const position = digits === undefined ? (direction === "f" ? 0 : Infinity) : Number(digits);
            const chosen = direction === "f"
                ? events.filter((event) => event.sequence >= position).slice(0, limit)
                : events.filter((event) => event.sequence < position).slice(-limit);
            const first = chosen[0]?.sequence ?? (Number.isFinite(position) ? position : sequence);
            const last = chosen.at(-1)?.sequence;
            return {
                events: chosen.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
                nextForwardToken: `f/${String(last === undefined ? first : last + 1).padStart(56, "0")}`,
                nextBackwardToken: `b/${String(first).padStart(56, "0")}`,
            };
        },
        FilterLogEvents: (input) => {
            const { logStreamNames, logStreamNamePrefix, startTime, endTime, filterPattern, limit, nextToken } = input;
            const matches = filterTerms(filterPattern);
            const after = nextToken === undefined ? undefined : positionOf(nextToken);
            const found = inOrder(find(input)).filter((event) => event.timestamp >= startTime &&
                event.timestamp <= endTime &&
                event.stream.startsWith(logStreamNamePrefix) &&
                (logStreamNames?.includes(event.stream) ?? true) &&
                (after === undefined || byTime(event, after) > 0) &&
                matches(event.message));
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
    };
    return {
        append,
        hasGroup: (name) => groups.has(name),
        read: (name) => {
            const group = groups.get(name);
            return group ? inOrder(group).map(({ timestamp, message, stream }) => ({ timestamp, message, stream })) : [];
        },
        resources: {
            "aws:cloudwatch/logGroup:LogGroup": resourceType(logGroupSchema, async ({ name: logicalName, inputs }) => {
                const name = inputs.name ?? autoName(inputs.namePrefix ?? logicalName);
                if (groups.has(name))
                    throw new Error(`log group "${name}" exists already; CloudWatch Logs would refuse another of that name`);
                requireKey(context, `arn:aws:logs:${region}:${accountId}:log-group:${name}`, inputs.kmsKeyId);
                const { arn } = addGroup(name, inputs.retentionInDays);
                return { id: name, state: { ...inputs, name, arn, logGroupClass: "STANDARD", tagsAll: inputs.tags } };
            }),
        },
        wire: {
            logs: async (request) => {
                const operation = String(request.headers["x-amz-target"] ?? "").replace("Logs_20140328.", "");
                const answer = await call(operation, request, operations);
                return { status: 200, headers: { "Content-Type": "application/x-amz-json-1.1" }, body: JSON.stringify(answer) };
            },
        },
        close: async () => groups.clear(),
    };
}
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
const keyUses = ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey"];
function requireKey({ access, region }, groupArn, keyArn) {
    try {
        access.requireKeyOfService(`logs.${region}.amazonaws.com`, keyArn, { "kms:encryptioncontext:aws:logs:arn": groupArn }, keyUses);
    }
    catch (error) {
        if (!isDenial(error))
            throw error;
        const message = `The specified KMS key does not exist or is not allowed to be used with Arn '${groupArn}'`;
        throw new ServiceError("AccessDeniedException", message);
    }
}
async function call(operation, request, operations) {
    if (!(operation in requests))
        throw notSupported(`CloudWatch Logs' ${operation}`);
    const parsed = requests[operation].safeParse(JSON.parse(request.body.toString() || "{}"));
    if (parsed.success)
        return operations[operation]?.(parsed.data);
    const unknown = parsed.error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
    if (unknown.length > 0)
        throw notSupported(`${unknown.join(", ")} of CloudWatch Logs' ${operation}`);
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ServiceError("InvalidParameterException", problems.join("; "));
}
function describeGroup(group) {
    return {
        logGroupName: group.name,
        creationTime: Math.floor(group.creationTime),
        ...(group.retentionInDays === 0 ? {} : { retentionInDays: group.retentionInDays }),
        metricFilterCount: 0,
        arn: `${group.arn}:*`,
        logGroupArn: group.arn,
        logGroupClass: "STANDARD",
        storedBytes: group.storedBytes,
    };
}
/** One page of a list; the token is the position of the next. */
function pageOf(all, limit, nextToken) {
    if (nextToken !== undefined && !/^\d+$/.test(nextToken))
        throw invalidToken();
    const end = Number(nextToken ?? 0) + limit;
    return { items: all.slice(end - limit, end), next: end < all.length ? { nextToken: String(end) } : {} };
}
function positionOf(token) {
    const [, timestamp, sequence] = /^(\d+)\/(\d+)$/.exec(token) ?? [];
    if (timestamp === undefined || sequence === undefined)
        throw invalidToken();
    return { timestamp: Number(timestamp), sequence: Number(sequence) };
}
function invalidToken() {
    return new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
}
function byTime(a, b) {
    return a.timestamp - b.timestamp || a.sequence - b.sequence;
}
/**
 * A filter pattern of terms: every plain term and none of the `-` ones, or any of the `?` ones; quotes hold a phrase together.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
function filterTerms(pattern) {
    if (/^\s*[{[%]/.test(pattern))
        throw notSupported(`the filter pattern ${pattern}: only terms, such as ERROR "out of memory" -retry`);
    const terms = [...pattern.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign, phrase, word]) => ({
        sign,
        text: word ?? (phrase ?? "").replace(/\\(.)/g, "$1"),
    }));
    const optional = terms.filter(({ sign }) => sign === "?");
    const all = terms.filter(({ sign }) => sign === "");
    const none = terms.filter(({ sign }) => sign === "-");
    return (message) => all.every(({ text }) => message.includes(text)) &&
        !none.some(({ text }) => message.includes(text)) &&
        (optional.length === 0 || all.length + none.length > 0 || optional.some(({ text }) => message.includes(text)));
}
