import { randomUUID } from "node:crypto";
import * as z from "zod";
import { jsonOperation, type JsonOperation } from "../jsonService";
import { pageOf } from "../pages";
import { ServiceError } from "../wire";
import type { Groups } from "./groups";
import { carryOut, mostRows, readQuery } from "./insights";

/** What is answered of one event; its last field tells it from all others. */
type Row = { field: string; value: string }[];

/** Answers that are kept: whoever asks for one does so at once. */
const mostAnswers = 1000;

/** Logs Insights: a query is carried out when it is started, and its answer lies ready. @param nameIn reads a group's name or ARN */
export function queryOperations(groups: Groups, accountId: string, nameIn: (nameOrArn: string) => string): Record<string, JsonOperation> {
  const answers = new Map<string, { queryLanguage: string; status: string; results: Row[]; statistics: object }>();
  const several = z.array(z.string()).min(1).max(50).optional();
  return {
    StartQuery: jsonOperation(
      z.strictObject({
        logGroupName: z.string().optional(),
        logGroupNames: several,
        logGroupIdentifiers: several,
        startTime: z.number().min(0),
        endTime: z.number().min(0),
        queryString: z.string().max(10_000),
        limit: z.int().min(1).max(mostRows).optional(),
        queryLanguage: z.literal("CWLI", "the embedded cloud has Logs Insights' own language alone").optional(),
      }),
      ({ logGroupName, logGroupNames = [], logGroupIdentifiers = [], startTime, endTime, queryString, limit }) => {
        const named = [...(logGroupName === undefined ? [] : [logGroupName]), ...logGroupNames, ...logGroupIdentifiers].map(nameIn);
        if (named.length === 0)
          throw new ServiceError("InvalidParameterException", "Give logGroupName, logGroupNames or logGroupIdentifiers.");
        if (endTime < startTime) throw new ServiceError("InvalidParameterException", "endTime is before startTime.");
        const query = readQuery(queryString);
        const scanned = named
          .flatMap((name) => groups.events(groups.find(name).name).map((event) => ({ ...event, logGroup: name })))
          .filter(({ timestamp }) => timestamp >= startTime * 1000 && timestamp < (endTime + 1) * 1000);
        const { rows, recordsMatched } = carryOut(query, scanned, query.limit ?? limit ?? mostRows, accountId);
        const bytesScanned = scanned.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);
        const queryId = randomUUID();
        const statistics = { recordsMatched, recordsScanned: scanned.length, bytesScanned, logGroupsScanned: named.length };
        answers.set(queryId, { queryLanguage: "CWLI", status: "Complete", results: rows, statistics });
        for (const [oldest] of answers) if (answers.size > mostAnswers) answers.delete(oldest);
        return { queryId };
      },
    ),
    GetQueryResults: jsonOperation(
      z.strictObject({ queryId: z.string(), maxItems: z.int().min(1).max(mostRows).default(mostRows), nextToken: z.string().optional() }),
      ({ queryId, maxItems: limit, nextToken: token }) => {
        const answer = answers.get(queryId);
        if (!answer) throw new ServiceError("ResourceNotFoundException", "The specified query does not exist.");
        const invalid = () => new ServiceError("InvalidParameterException", "The specified nextToken is invalid.");
        const idOf = (row: Row) => row.at(-1)?.value ?? "";
        const { page, next } = pageOf(answer.results, { list: `Logs GetQueryResults ${queryId}`, idOf, limit, token, invalid });
        return { ...answer, results: page, ...(next !== undefined && { nextToken: next }) };
      },
    ),
  };
}
