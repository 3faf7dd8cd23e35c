import * as z from "zod";
import { ServiceError } from "../wire";
import { operation } from "./operation";
import { listOf, tags } from "./shapes";
/** Tags of alarms and dashboards. */
export const tagOperations = {
    ListTagsForResource: operation(z.strictObject({ ResourceARN: z.string() }), ({ ResourceARN }, shared) => ({
        Tags: Object.entries(tagged(ResourceARN, shared).tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    TagResource: operation(z.strictObject({ ResourceARN: z.string(), Tags: tags }), ({ ResourceARN, Tags }, shared) => {
        const resource = tagged(ResourceARN, shared);
        resource.set({ ...resource.tags, ...Tags });
        return {};
    }),
    UntagResource: operation(z.strictObject({ ResourceARN: z.string(), TagKeys: listOf(z.string()) }), ({ ResourceARN, TagKeys }, shared) => {
        const resource = tagged(ResourceARN, shared);
        resource.set(Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !TagKeys.includes(key))));
        return {};
    }),
};
function tagged(arn, { alarms, dashboards }) {
    const record = alarms.list().find((candidate) => candidate.arn === arn);
    if (record)
        return { tags: record.tags, set: (all) => alarms.setTags(record.alarm.alarmName, all) };
    const dashboard = dashboards.list().find((candidate) => candidate.arn === arn);
    if (dashboard)
        return { tags: dashboard.tags, set: (all) => dashboards.setTags(dashboard.name, all) };
    throw new ServiceError("ResourceNotFoundException", `Resource not found: ${arn}`, 404);
}
