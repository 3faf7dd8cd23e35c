import * as z from "zod";
import type { MetricQuery, MetricReference } from "../../core/scaling/queries";
import { pageOf, type Paging } from "../pages";
import { ServiceError } from "../wire";

/** The Query protocol writes an empty list as an empty text. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (value === "" ? [] : value), z.array(item));
}

/** Seconds since the epoch, or CBOR's tag around them. Comes to milliseconds. */
export const time = z
  .union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value), z.date().transform((date) => date.getTime() / 1000)])
  .transform((seconds) => Math.round(seconds * 1000));

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

/** A page of a list, and what leads to the next one. @param invalid code of the refusal of a token that this list did not give */
export function paged<Item>(
  items: readonly Item[],
  { invalid: code, ...paging }: Omit<Paging<Item>, "invalid"> & { invalid: "InvalidNextToken" | "InvalidParameterValue" },
): { page: Item[]; next: { NextToken?: string } } {
  const invalid = () => new ServiceError(code, "Invalid nextToken", 400);
  const { page, next } = pageOf(items, { ...paging, list: `CloudWatch ${paging.list}`, invalid });
  return { page, next: next === undefined ? {} : { NextToken: next } };
}

/** The metric that a call names. */
export function referenceOf({
  Namespace,
  MetricName,
  Dimensions,
}: {
  Namespace: string;
  MetricName: string;
  Dimensions: Record<string, string>;
}): MetricReference {
  return { namespace: Namespace, metricName: MetricName, dimensions: Dimensions };
}

interface QueryShape {
  Id: string;
  Label?: string | undefined;
  Expression?: string | undefined;
  MetricStat?: { Metric: Parameters<typeof referenceOf>[0]; Period: number; Stat: string; Unit?: string | undefined } | undefined;
  ReturnData: boolean;
}

/** The query of a call. */
export function queryOf({ Id, Label, Expression, MetricStat, ReturnData }: QueryShape): MetricQuery {
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
export function metricShape({ namespace, metricName, dimensions: named }: MetricReference): Record<string, unknown> {
  return { Namespace: namespace, MetricName: metricName, Dimensions: Object.entries(named).map(([Name, Value]) => ({ Name, Value })) };
}
