import { randomUUID } from "node:crypto";
import { fulfilmentOf, fulfilmentPollMilliseconds } from "../../core/scaling/fulfilment";
/** Activities can be asked for during six weeks. */
const retentionMilliseconds = 6 * 7 * 86_400_000;
/** Changes capacity, sees each change through, and remembers. */
export class Activities {
    context;
    endpoints;
    /** By id, oldest first. */
    all;
    inProgress = new Map();
    constructor(context, endpoints) {
        this.context = context;
        this.endpoints = endpoints;
        this.all = context.keeper.map("autoscaling.activities");
    }
    /** Sees through what another process began. */
    resume(variants) {
        for (const { activity, count } of this.all.values()) {
            const variant = variants.find(({ resourceId }) => resourceId === activity.resourceId);
            if (activity.statusCode === "InProgress" && variant && count !== undefined)
                this.watch(variant, activity, count, () => undefined);
        }
    }
    /**
     * Sets the desired instance count.
     *
     * @param ended is told whether the endpoint got that many instances; not when SageMaker refused
     * @returns false when SageMaker refused, which the activity then says
     */
    change(variant, count, cause, ended) {
        const { resourceId, endpointName, variantName } = variant;
        this.end(resourceId, "Overridden", `Setting desired instance count to ${count} took its place.`);
        const activity = this.record(resourceId, `Setting desired instance count to ${count}.`, cause);
        try {
            this.endpoints.setDesiredInstanceCount(endpointName, variantName, count, cause);
        }
        catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            this.finish(activity, "Failed", `Failed to set desired instance count to ${count}. Reason: ${reason}`);
            return false;
        }
        activity.statusMessage = `Successfully set desired instance count to ${count}. Waiting for change to be fulfilled by sagemaker.`;
        this.all.set(activity.activityId, { activity, count });
        this.watch(variant, activity, count, ended);
        return true;
    }
    /** Notes what needs no waiting. */
    note(resourceId, description, cause, statusMessage) {
        this.finish(this.record(resourceId, description, cause), "Successful", statusMessage);
    }
    /** Newest first. */
    list(resourceId) {
        this.prune();
        const activities = [...this.all.values()].map(({ activity }) => activity);
        return activities.filter((activity) => resourceId === undefined || activity.resourceId === resourceId).reverse();
    }
    /** Stops watching the target's change. */
    forget(resourceId) {
        this.end(resourceId, "Overridden", "The scalable target was deregistered.");
    }
    close() {
        for (const { timer } of this.inProgress.values())
            this.context.clock.clearTimeout(timer);
        this.inProgress.clear();
    }
    watch(variant, activity, count, ended) {
        const { resourceId, endpointName, variantName } = variant;
        const timer = this.context.clock.setTimeout(() => {
            const fulfilment = fulfilmentOf(count, this.endpoints.variant(endpointName, variantName));
            if (!fulfilment)
                return this.watch(variant, activity, count, ended);
            this.end(resourceId, fulfilment.statusCode, fulfilment.statusMessage);
        }, fulfilmentPollMilliseconds);
        this.inProgress.set(resourceId, { activity, timer, ended });
    }
    end(resourceId, statusCode, statusMessage) {
        const running = this.inProgress.get(resourceId);
        if (!running)
            return;
        this.context.clock.clearTimeout(running.timer);
        this.inProgress.delete(resourceId);
        this.finish(running.activity, statusCode, statusMessage);
        running.ended(statusCode === "Successful");
    }
    record(resourceId, description, cause) {
        this.prune();
        const activity = {
            activityId: randomUUID(),
            resourceId,
            description,
            cause,
            startTime: this.context.clock.now(),
            statusCode: "InProgress",
            statusMessage: "",
        };
        this.all.set(activity.activityId, { activity });
        return activity;
    }
    finish(activity, statusCode, statusMessage) {
        Object.assign(activity, { statusCode, statusMessage, endTime: this.context.clock.now() });
        this.all.set(activity.activityId, { activity });
    }
    prune() {
        const oldest = this.context.clock.now() - retentionMilliseconds;
        for (const [id, { activity }] of this.all.entries()) {
            if (activity.startTime >= oldest)
                return;
            this.all.delete(id);
        }
    }
}
