import { randomBytes, randomUUID } from "node:crypto";
import { cooldownSeconds, decide, holdingCooldown, within } from "../../core/scaling/decide";
import { managedAlarms } from "../../core/scaling/tracking";
import { ServiceError } from "../wire";
import { Activities } from "./activities";
import { stepScalingSchema, targetTrackingSchema, } from "./schemas";
/** Application Auto Scaling's targets and policies. Throws {@link ServiceError} as the service words it. */
export class Registry {
    context;
    endpoints;
    alarms;
    trackingLeavesZero;
    /** By resource id. */
    registered;
    /** By resource id and name. */
    attached;
    /** What is to be decided together, by resource id. */
    batches = new Map();
    activities;
    constructor(context, endpoints, alarms, trackingLeavesZero) {
        this.context = context;
        this.endpoints = endpoints;
        this.alarms = alarms;
        this.trackingLeavesZero = trackingLeavesZero;
        this.registered = context.keeper.map("autoscaling.targets");
        this.attached = context.keeper.map("autoscaling.policies");
        this.activities = new Activities(context, endpoints);
        for (const registered of this.registered.values()) {
            // The change that this cooldown waits for was another process's to see through.
            if (registered.cooldown?.until === undefined)
                this.cool(registered.target.resourceId, undefined);
        }
        this.activities.resume(this.targets());
    }
    isRegistered(endpointName, variantName) {
        return this.registered.has(`endpoint/${endpointName}/variant/${variantName}`);
    }
    target(resourceId) {
        return this.registered.get(resourceId)?.target;
    }
    targets() {
        return [...this.registered.values()].map(({ target }) => target);
    }
    policies() {
        return [...this.attached.values()].map(({ policy }) => policy);
    }
    /** RegisterScalableTarget: creates it, or changes what is given and moves the capacity into its bounds at once. */
    register(request) {
        const known = this.registered.get(request.resourceId);
        const before = known?.target ?? this.newTarget(request);
        const { minCapacity = before.minCapacity, maxCapacity = before.maxCapacity, roleARN = before.roleARN } = request;
        if (minCapacity > maxCapacity) {
            throw new ServiceError("ValidationException", `Maximum capacity cannot be less than minimum capacity: got ${minCapacity} to ${maxCapacity}.`);
        }
        const suspendedState = { ...before.suspendedState, ...request.suspendedState };
        const target = { ...before, minCapacity, maxCapacity, roleARN, suspendedState };
        this.registered.set(target.resourceId, { ...known, target });
        this.moveIntoBounds(target.resourceId);
        return target;
    }
    /** DeregisterScalableTarget: policies and their alarms go with it. */
    deregister(resourceId) {
        this.existing(resourceId);
        for (const { policy } of this.policiesOf(resourceId))
            this.deletePolicy(resourceId, policy.policyName);
        this.registered.delete(resourceId);
        this.activities.forget(resourceId);
    }
    /** Tags of the scalable target with this ARN. @throws ServiceError when there is none */
    tags(arn) {
        return this.tagged(arn).target.tags;
    }
    /** TagResource and UntagResource. */
    changeTags(arn, change) {
        const registered = this.tagged(arn);
        const kept = Object.entries(registered.target.tags).filter(([key]) => !change.remove?.includes(key));
        const tags = { ...Object.fromEntries(kept), ...change.put };
        requireTags(tags, registered.target.resourceId);
        this.registered.set(registered.target.resourceId, { ...registered, target: { ...registered.target, tags } });
    }
    /** PutScalingPolicy: creates it, or replaces its settings under the same ARN. */
    putPolicy(request) {
        const { policyName, resourceId, policyType, stepScalingPolicyConfiguration: step, targetTrackingScalingPolicyConfiguration: tracking, } = request;
        const { target } = this.existing(resourceId);
        const [wanted, other] = policyType === "StepScaling" ? [step, tracking] : [tracking, step];
        if (wanted === undefined || other !== undefined) {
            const field = policyType === "StepScaling" ? "stepScalingPolicyConfiguration" : "targetTrackingScalingPolicyConfiguration";
            throw new ServiceError("ValidationException", `A ${policyType} policy takes ${field}, and only that.`);
        }
        const key = policyKey(resourceId, policyName);
        const known = this.attached.get(key)?.policy;
        const { region, accountId, clock } = this.context;
        const policyARN = known?.policyARN ??
            `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${randomUUID()}:resource/sagemaker/${resourceId}:policyName/${policyName}`;
        const tracked = tracking && targetTrackingSchema.parse(tracking);
        const managed = tracked && this.manage(target, policyARN, tracked);
        if (known)
            this.alarms.deleteAlarms(known.alarms.map(({ alarmName }) => alarmName));
        const policy = {
            policyARN,
            policyName,
            resourceId,
            creationTime: known?.creationTime ?? clock.now(),
            ...(step && { step: stepScalingSchema.parse(step) }),
            ...(tracked && { tracking: tracked }),
            given: {
                ...(step && { stepScalingPolicyConfiguration: step }),
                ...(tracking && { targetTrackingScalingPolicyConfiguration: tracking }),
            },
            alarms: managed
                ? [managed.high, managed.low].flatMap((alarm) => alarm ? { alarmName: alarm.alarmName, alarmARN: this.alarms.alarm(alarm.alarmName)?.arn ?? "" } : [])
                : [],
        };
        this.attached.set(key, { policy, ...(managed && { managed }) });
        return policy;
    }
    /** DeleteScalingPolicy. */
    deletePolicy(resourceId, policyName) {
        const policy = this.attached.get(policyKey(resourceId, policyName))?.policy;
        if (!policy)
            throw new ServiceError("ObjectNotFoundException", `No scaling policy found for policy name: ${policyName}, resource ID: ${resourceId}`);
        this.alarms.deleteAlarms(policy.alarms.map(({ alarmName }) => alarmName));
        this.attached.delete(policyKey(resourceId, policyName));
    }
    /** Sets bounds on a schedule. */
    applySchedule(resourceId, actionName, bounds) {
        const registered = this.registered.get(resourceId);
        if (!registered || registered.target.suspendedState.scheduledScalingSuspended)
            return;
        const { target } = registered;
        const { minCapacity = target.minCapacity, maxCapacity = target.maxCapacity } = bounds;
        const words = `min capacity to ${minCapacity} and max capacity to ${maxCapacity}`;
        this.registered.set(resourceId, { ...registered, target: { ...target, minCapacity, maxCapacity } });
        this.activities.note(resourceId, `Setting ${words}`, `scheduled action name ${actionName} was triggered`, `Successfully set ${words}`);
        this.moveIntoBounds(resourceId);
    }
    /** Requests of one moment are decided together: the largest capacity wins. */
    executePolicy(policyArn, alarm) {
        const found = this.find(policyArn);
        if (!found)
            return Promise.reject(new Error(`there is no scaling policy ${policyArn}`));
        const { resourceId, policy } = found;
        const looked = this.alarms.alarm(alarm.alarmName)?.datapoints ?? [];
        const breach = { threshold: alarm.threshold, datapoints: looked.length > 0 ? looked : [alarm.metricValue] };
        let batch = this.batches.get(resourceId);
        if (!batch) {
            const requests = [];
            const done = Promise.resolve().then(() => {
                this.batches.delete(resourceId);
                const registered = this.registered.get(resourceId);
                if (registered)
                    this.decide(registered, requests);
            });
            this.batches.set(resourceId, (batch = { requests, done }));
        }
        batch.requests.push({ policy, alarmName: alarm.alarmName, breach });
        return batch.done;
    }
    close() {
        this.activities.close();
    }
    newTarget(request) {
        const { resourceId, minCapacity, maxCapacity, tags = {} } = request;
        requireTags(tags, resourceId);
        const [, endpointName = "", , variantName = ""] = resourceId.split("/");
        const variant = this.endpoints.variant(endpointName, variantName);
        if (!variant)
            throw new ServiceError("ValidationException", `SageMaker endpoint variant does not exist: ${resourceId}`);
        if (variant.endpointStatus !== "InService") {
            throw new ServiceError("ValidationException", `SageMaker endpoint ${endpointName} is not in service: its status is ${variant.endpointStatus}.`);
        }
        if (minCapacity === undefined || maxCapacity === undefined) {
            throw new ServiceError("ValidationException", "MinCapacity and MaxCapacity are required to register a new scalable target.");
        }
        const { region, accountId, clock } = this.context;
        return {
            resourceId,
            endpointName,
            variantName,
            arn: `arn:aws:application-autoscaling:${region}:${accountId}:scalable-target/${randomBytes(18).toString("hex")}`,
            minCapacity,
            maxCapacity,
            roleARN: `arn:aws:iam::${accountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/` +
                "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
            suspendedState: { dynamicScalingInSuspended: false, dynamicScalingOutSuspended: false, scheduledScalingSuspended: false },
            creationTime: clock.now(),
            tags,
        };
    }
    policiesOf(resourceId) {
        return [...this.attached.values()].filter(({ policy }) => policy.resourceId === resourceId);
    }
    tagged(arn) {
        const found = [...this.registered.values()].find(({ target }) => target.arn === arn);
        if (found === undefined)
            throw new ServiceError("ResourceNotFoundException", `Resource not found: ${arn}`);
        return found;
    }
    existing(resourceId) {
        const registered = this.registered.get(resourceId);
        if (registered)
            return registered;
        throw new ServiceError("ObjectNotFoundException", `No scalable target registered for service namespace: sagemaker, resource ID: ${resourceId}, ` +
            "scalable dimension: sagemaker:variant:DesiredInstanceCount");
    }
    find(policyArn) {
        const policy = this.policies().find(({ policyARN }) => policyARN === policyArn);
        return policy && this.registered.has(policy.resourceId) ? { resourceId: policy.resourceId, policy } : undefined;
    }
    manage(target, policyARN, tracking) {
        try {
            const managed = managedAlarms(target.resourceId, policyARN, tracking, randomUUID);
            this.alarms.putMetricAlarm(managed.high);
            if (managed.low)
                this.alarms.putMetricAlarm(managed.low);
            return managed;
        }
        catch (error) {
            throw new ServiceError("ValidationException", error instanceof Error ? error.message : String(error));
        }
    }
    /** Only for an endpoint in service; otherwise whoever registered must do so again. */
    moveIntoBounds(resourceId) {
        const { target } = this.existing(resourceId);
        const variant = this.endpoints.variant(target.endpointName, target.variantName);
        if (variant?.endpointStatus !== "InService")
            return;
        const desired = variant.desiredInstanceCount;
        const capacity = within(target, desired);
        const bound = capacity > desired ? "minimum" : "maximum";
        if (capacity !== desired)
            this.activities.change(target, capacity, `${bound} capacity was set to ${capacity}`, () => undefined);
    }
    decide(registered, requests) {
        const { target } = registered;
        const variant = this.endpoints.variant(target.endpointName, target.variantName);
        if (variant?.endpointStatus !== "InService")
            return;
        const held = holdingCooldown(registered.cooldown, this.context.clock.now());
        const { minCapacity, maxCapacity, suspendedState: suspended } = target;
        const current = variant.desiredInstanceCount;
        const standing = { minCapacity, maxCapacity, current, cooldown: held, suspended, trackingLeavesZero: this.trackingLeavesZero };
        const decision = decide(standing, requests, () => this.allTrackingScalesIn(registered));
        if (!decision)
            return;
        const { cooldown, capacity, call } = decision;
        const { policy, alarmName } = call;
        this.cool(target.resourceId, cooldown);
        const cause = `monitor alarm ${alarmName} in state ALARM triggered policy ${policy.policyName}`;
        const accepted = this.activities.change(target, capacity, cause, (fulfilled) => {
            cooldown.until = this.context.clock.now() + (fulfilled ? cooldownSeconds(policy, cooldown.direction) * 1000 : 0);
            if (this.registered.get(target.resourceId)?.cooldown === cooldown)
                this.cool(target.resourceId, cooldown);
        });
        if (!accepted)
            this.cool(target.resourceId, undefined);
    }
    cool(resourceId, cooldown) {
        this.registered.set(resourceId, { ...this.existing(resourceId), cooldown });
    }
    /** With several tracking policies, all that scale in must be ready to. */
    allTrackingScalesIn({ target }) {
        return this.policiesOf(target.resourceId).every(({ managed }) => !managed?.low || this.alarms.alarm(managed.low.alarmName)?.state === "ALARM");
    }
}
/** Tags of one resource. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html */
const mostTags = 50;
function requireTags(tags, resourceId) {
    if (Object.keys(tags).length <= mostTags)
        return;
    throw new ServiceError("TooManyTagsException", `The resource ${resourceId} can have at most ${mostTags} tags.`);
}
function policyKey(resourceId, policyName) {
    return `${resourceId} ${policyName}`;
}
