import * as z from "zod";
import { ServiceError } from "../wire";
/** The Query protocol writes an empty list as an empty text. */
export function listOf(item) {
    return z.preprocess((value) => (value === "" ? [] : value), z.array(item));
}
/** Dimensions, as a record by name. */
export const dimensions = listOf(z.strictObject({ Name: z.string(), Value: z.string() }))
    .default([])
    .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));
/** What names a metric. */
export const metric = { Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions };
/** Tags, as a record by key. */
export const tags = listOf(z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
    .default([])
    .transform((list) => Object.fromEntries(list.map(({ Key, Value }) => [Key, Value])));
/** A page of a list, and what leads to the next one. @throws ServiceError for a token that none led to */
export function paged(items, most, token = "0") {
    const from = Number(token);
    if (!/^\d+$/.test(token) || from > items.length)
        throw new ServiceError("InvalidNextToken", "Invalid nextToken", 400);
    const to = from + most;
    return { page: items.slice(from, to), next: to < items.length ? { NextToken: String(to) } : {} };
}
/** The metric that a call names. */
export function referenceOf({ Namespace, MetricName, Dimensions, }) {
    return { namespace: Namespace, metricName: MetricName, dimensions: Dimensions };
}
/** The query of a call. */
export function queryOf({ Id, Label, Expression, MetricStat, ReturnData }) {
    return {
        id: Id,
        returnData: ReturnData,
        ...(Label !== undefined && { label: Label }),
        ...(Expression !== undefined && { expression: Expression }),
        ...(MetricStat && {
            metricStat: {
                metric: referenceOf(MetricStat.Metric),
                periodSeconds: MetricStat.Period,
                stat: MetricStat.Stat,
                ...(MetricStat.Unit !== undefined && { unit: MetricStat.Unit }),
            },
        }),
    };
}
/** A metric as answers have it. */
export function metricShape({ namespace, metricName, dimensions: named }) {
    return { Namespace: namespace, MetricName: metricName, Dimensions: Object.entries(named).map(([Name, Value]) => ({ Name, Value })) };
}
