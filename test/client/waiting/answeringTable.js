import * as library from "@aws-sdk/lib-dynamodb";
import { createServiceClock } from "../../../core/serviceClock";
import { openJob } from "../../../doubles/jobs";
/** When the clocks of these tests start. */
export const start = Date.parse("2026-01-25T22:46:00.000Z");
/** An ISO time so many seconds after {@link start}. */
export const iso = (seconds) => new Date(start + seconds * 1000).toISOString();
/** A job that completed then. */
export const ended = (jobId, seconds) => openJob({ jobId, state: "COMPLETED", endedAt: iso(seconds) });
/** A table whose calls get these answers in their order; what each was asked is noted. */
export function tableOf(own, ...answers) {
    const asked = [];
    const send = ({ input }) => {
        asked.push(input);
        const answer = answers.shift() ?? {};
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    const tableArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs";
    const table = { library, documents: { send }, tableName: "jobs", tableArn, clock: createServiceClock(own) };
    return { table, asked };
}
