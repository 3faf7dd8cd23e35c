import * as z from "zod";
import { autoName, resourceType, updatable } from "../resources";
import { alarmOf, alarmSettingsSchema } from "./alarmSettings";
const inputsSchema = alarmSettingsSchema.extend({
    name: z.string().min(1).max(255).optional(),
    tags: z.record(z.string(), z.string()).optional(),
});
/** `aws:cloudwatch/metricAlarm:MetricAlarm`. Anomaly detection, queries of Metrics Insights and high resolution are refused. */
export function metricAlarmType(context, alarms) {
    return updatable(resourceType(inputsSchema, async ({ name, type, inputs }) => named(`${type} "${name}"`, () => put(inputs.name ?? autoName(name), inputs)), async ({ name, type, inputs }, { id }) => {
        const created = named(`${type} "${name}"`, () => put(id, inputs));
        alarms.setTags(id, inputs.tags ?? {});
        return created;
    }, async ({ id }) => alarms.deleteAlarms([id])), ["name"]);
    function put(alarmName, inputs) {
        const { tags, name: _, ...settings } = inputs;
        const { alarm, given } = alarmOf(alarmName, settings);
        const { arn } = alarms.putMetricAlarm(alarm, given, tags);
        const treatMissingData = alarm.treatMissingData;
        return { id: alarmName, state: { ...inputs, treatMissingData, name: alarmName, arn, region: context.region, tagsAll: tags ?? {} } };
    }
}
function named(subject, work) {
    try {
        return work();
    }
    catch (error) {
        throw new Error(`${subject}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
}
