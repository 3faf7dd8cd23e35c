import { Registry } from "./registry";
import { resourceTypes } from "./resources";
import { Schedules } from "./schedules";
import { wireOf } from "./wire";
/**
 * Creates Application Auto Scaling: scalable targets, step and target tracking policies, scheduled actions.
 * Decisions are made when an alarm asks, on the cloud's clock.
 */
export async function createAutoscaling(context, { endpoints, alarms, trackingLeavesZero = false }) {
    const registry = new Registry(context, endpoints, alarms, trackingLeavesZero);
    const schedules = new Schedules(context, registry);
    const deregister = (resourceId) => {
        registry.deregister(resourceId);
        schedules.deleteAllOf(resourceId);
    };
    return {
        isRegistered: (endpointName, variantName) => registry.isRegistered(endpointName, variantName),
        executePolicy: (policyArn, alarm) => registry.executePolicy(policyArn, alarm),
        forget: (endpointName) => {
            for (const { resourceId } of registry.targets().filter((target) => target.endpointName === endpointName))
                deregister(resourceId);
        },
        targets: () => registry.targets(),
        activities: (resourceId) => registry.activities.list(resourceId),
        resources: resourceTypes(context, { registry, schedules, deregister }),
        wire: { "application-autoscaling": wireOf({ registry, schedules, deregister }) },
        close: async () => {
            schedules.close();
            registry.close();
        },
    };
}
