import { quoted } from "./text";
/** How many lines are kept: the newest. */
const mostLines = 5;
/** An answer may be an empty page of many; what has not been found by then is left. */
const mostPages = 10;
/**
 * FilterLogEvents: the newest lines of a log group that name `term`. Empty for a group that does not exist: nothing was
 * printed yet.
 *
 * @param since ISO time of the first line that may be meant
 */
export async function readLog({ library, client }, logGroupName, term, since) {
    let lines = [];
    let nextToken;
    try {
        for (let page = 0; page < mostPages; page++) {
            const answer = await client.send(new library.FilterLogEventsCommand({
                logGroupName,
                filterPattern: `"${term}"`,
                startTime: Date.parse(since),
                ...(nextToken !== undefined && { nextToken }),
            }));
            lines = [...lines, ...(answer.events ?? []).map(({ message = "" }) => quoted(message))].slice(-mostLines);
            nextToken = answer.nextToken;
            if (nextToken === undefined)
                break;
        }
    }
    catch (error) {
        if (error.name !== "ResourceNotFoundException")
            throw error;
    }
    return lines;
}
