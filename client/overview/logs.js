import { endpointLogGroup } from "../explain/permissions";
import { unreadable } from "../explain/gather";
/** An answer may be an empty page of many; what has not been found by then is left. */
const mostPages = 20;
/** Where a job's lines are: the container's name its attempts, the result function's the job. */
export function logPlaces({ endpointName, resultLogGroupName }, { jobId, inferenceId }, others = {}) {
    return [
        ...(inferenceId === undefined ? [] : [{ source: "model", logGroupName: endpointLogGroup(endpointName), term: inferenceId }]),
        ...(resultLogGroupName === undefined ? [] : [{ source: "result", logGroupName: resultLogGroupName, term: jobId }]),
        ...Object.entries(others).map(([source, logGroupName]) => ({ source, logGroupName, term: jobId })),
    ];
}
/** FilterLogEvents of one log: its newest lines, or why they can't be read. A log that does not exist yet has none. */
export async function readJobLog({ library, client }, service, { source, logGroupName, term }, sinceMilliseconds, limit) {
    let lines = [];
    let nextToken;
    try {
        for (let page = 0; page < mostPages; page++) {
            const answer = await client.send(new library.FilterLogEventsCommand({
                logGroupName,
                filterPattern: `"${term}"`,
                startTime: sinceMilliseconds,
                ...(nextToken !== undefined && { nextToken }),
            }));
            const found = (answer.events ?? []).map(({ timestamp = 0, message = "" }) => ({
                at: new Date(timestamp).toISOString(),
                message: message.trimEnd(),
            }));
            lines = [...lines, ...found].slice(-limit);
            nextToken = answer.nextToken;
            if (nextToken === undefined)
                break;
        }
        return { source, logGroupName, lines };
    }
    catch (error) {
        if (error.name === "ResourceNotFoundException")
            return { source, logGroupName, lines };
        const problem = unreadable(service, source === "model" ? "containerLog" : "resultLog", error);
        // The statement is of the service's own log groups; a handler's is its program's.
        const { statement: _, ...without } = problem;
        return { source, logGroupName, lines, unreadable: ["model", "result"].includes(source) ? problem : without };
    }
}
