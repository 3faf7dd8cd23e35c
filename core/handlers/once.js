import { isoTime } from "../records/isoTime";
import { codedError, thrown } from "../records/errors";
/** Longer than a dead letter is kept, so that none meets an effect whose mark is gone. */
const markSeconds = 30 * 86_400;
/** How often to look whether another run, which has the effect under way, is done with it. */
const pauseMilliseconds = 1000;
/** What an effect's name looks like. */
export const effectNamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
/** Key of an effect's mark: `#once/<handler>/<idempotency key>/<name>`, without blanks. */
export function effectKey(handlerName, idempotencyKey, name) {
    return `#once/${handlerName}/${idempotencyKey}/${name}`;
}
/**
 * Runs an effect once, whatever is delivered twice or dies: intent and completion are marked in the table, around it.
 *
 * An effect that was begun and not marked as done, because its run died or it threw, may have happened: it is not run again.
 *
 * @param until milliseconds since the epoch at which this run has ended for certain
 * @throws a coded error: `IN_DOUBT` when the effect was interrupted before, `BAD_INPUT` for a name that can't be one
 */
export async function runOnce(ports, key, until, effect) {
    const now = ports.clock.now();
    const owner = Buffer.from(ports.randomBytes(12)).toString("base64url");
    const mark = { jobId: key, schemaVersion: 1, owner, until, expiresAt: Math.floor(now / 1000) + markSeconds };
    // Begun although the write "failed": the SDK sent it twice.
    const begun = (await ports.marks.begin(mark)) || (await ports.marks.get(key))?.owner === owner;
    if (!begun) {
        const other = await othersEnd(ports, key, until);
        if (other === "done")
            return;
        // Put back by somebody who knows that it did not happen.
        if (other === "gone")
            return runOnce(ports, key, until, effect);
        throw thrown(inDoubt(key, other.owner));
    }
    try {
        await effect();
    }
    catch (error) {
        throw thrown(inDoubt(key, owner), error);
    }
    await ports.marks.finish(key, isoTime(ports.clock.now()), owner);
}
/** What came of the effect that another run has begun; waits while that run may be alive. */
async function othersEnd({ clock, marks }, key, until) {
    for (;;) {
        const mark = await marks.get(key);
        if (mark === undefined)
            return "gone";
        if (mark.doneAt !== undefined)
            return "done";
        if (clock.now() >= mark.until)
            return mark;
        if (clock.now() + pauseMilliseconds >= until) {
            throw thrown(codedError("UNAVAILABLE", `Effect ${key} is under way in another run.`));
        }
        await clock.sleep(pauseMilliseconds);
    }
}
function inDoubt(key, owner) {
    return codedError("IN_DOUBT", `Effect ${key} was interrupted in run ${owner}: whether it happened can't be known.`, {
        advice: "Look whether it happened, and say so when you redrive its dead letter.",
    });
}
/** The effect that an error's text says is in doubt, and the run that began it. */
export function effectInDoubt(errorText) {
    const [, key, owner] = /IN_DOUBT: Effect (#once\/\S+) was interrupted in run ([\w-]+)/.exec(errorText) ?? [];
    return key === undefined || owner === undefined ? undefined : { key, owner };
}
