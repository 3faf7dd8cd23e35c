import { parseMath } from "./math";
/**
 * Prepares the queries of an alarm. Throws an Error that names the query when one can't be evaluated:
 * an alarm must not be registered that could never fire.
 */
export function compile(queries, store) {
    const returned = queries.filter(({ returnData }) => returnData);
    if (returned.length !== 1)
        throw new Error(`exactly one metric query must have returnData, got ${returned.length}`);
    const periods = new Set(queries.flatMap(({ metricStat }) => metricStat?.periodSeconds ?? []));
    const [periodSeconds] = periods;
    if (periodSeconds === undefined)
        throw new Error("metric queries need at least one metric");
    if (periods.size > 1)
        throw new Error(`every metric must have the same period, got ${[...periods].join(", ")}`);
    if (periodSeconds % 60 !== 0 || periodSeconds < 60) {
        throw new Error(`period: ${periodSeconds} is not supported by the embedded cloud; use a multiple of 60 seconds`);
    }
    const source = { periodSeconds, ...reader(returned[0], queries, store, periodSeconds) };
    // Over no datapoints at all, an expression shows whether it makes sense.
    source.read(0, 2);
    return source;
}
function reader(wanted, queries, store, periodSeconds) {
    const metrics = new Map();
    const expressions = [];
    const metricIds = queries.filter(({ metricStat }) => metricStat).map(({ id }) => id);
    /** Puts what an expression needs before it. */
    const add = (query, path) => {
        const { id } = query;
        if (path.includes(id))
            throw new Error(`metric query "${id}" refers to itself: ${[...path, id].join(" -> ")}`);
        if (metrics.has(id) || expressions.some((known) => known.id === id))
            return;
        if (query.metricStat) {
            const { metricStat } = query;
            return void metrics.set(id, named(id, () => store.reader(metricStat)));
        }
        const math = named(id, () => parseMath(query.expression ?? ""));
        for (const reference of math.references) {
            const needed = queries.find((other) => other.id === reference);
            if (!needed)
                throw new Error(`metric query "${id}": "${reference}" is no id of a metric or of an expression`);
            add(needed, [...path, id]);
        }
        expressions.push({ id, math });
    };
    for (const query of queries.filter(({ metricStat }) => metricStat))
        add(query, []);
    add(wanted, []);
    if (wanted.metricStat)
        return { pointwise: true, read: metrics.get(wanted.id) };
    const series = new Map();
    const read = (end, count) => {
        for (const [id, read] of metrics)
            series.set(id, read(end, count));
        for (const { id, math } of expressions) {
            series.set(id, named(id, () => finite(math.evaluate({ series, metricIds, length: count, periodSeconds, endMinute: end }))));
        }
        return series.get(wanted.id);
    };
    return { pointwise: expressions.every(({ math }) => math.pointwise), read };
}
function named(id, work) {
    try {
        return work();
    }
    catch (error) {
        throw new Error(`metric query "${id}": ${error instanceof Error ? error.message : String(error)}`);
    }
}
/** What has no value (a division by zero) is dropped. */
function finite(points) {
    const isGap = (point) => point !== undefined && !Number.isFinite(point);
    return points.some(isGap) ? points.map((point) => (isGap(point) ? undefined : point)) : points;
}
