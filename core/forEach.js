/**
 * Does `work` for every item, whatever becomes of the others, and then throws what went wrong: one bad record
 * neither stops nor hides another.
 */
export async function forEach(items, work) {
    const outcomes = await Promise.allSettled(items.map(async (item) => work(item)));
    const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    if (reasons.length === 1)
        throw reasons[0];
    if (reasons.length > 1) {
        const messages = reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason)));
        throw new Error(`${reasons.length} of ${items.length} records failed: ${messages.join("; ")}`, { cause: reasons });
    }
}
