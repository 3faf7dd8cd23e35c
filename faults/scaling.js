import { metricNames } from "../core/metrics";
const minuteMilliseconds = 60_000;
/** How many requests of the queue an instance is added for. */
const targetBacklogPerInstance = 5;
/** For how long what the floor function said last holds: it comes once a minute. */
const uncountedMilliseconds = 180_000;
/** No scale-in comes sooner after a scale-out: an alarm needs its minutes, and the floor function comes once in them. */
const scaleInPauseMilliseconds = 150_000;
/**
 * Application Auto Scaling and its alarms, by their rules in short: more instances for a backlog, the minimum after minutes
 * in which the functions' own metric said that nothing is open, and both within the bounds that the floor function sets.
 */
export class ScalingDouble {
    definition;
    ports;
    bounds;
    openInMinute;
    quietMinutes = 0;
    scaledOutAt = -Infinity;
    uncountedAt = -Infinity;
    constructor(definition, ports) {
        this.definition = definition;
        this.ports = ports;
        this.bounds = { minimum: definition.minCapacity, maximum: definition.maxCapacity };
    }
    autoScaling = {
        DescribeScalableTargets: () => ({ ScalableTargets: [{ MinCapacity: this.bounds.minimum }] }),
        RegisterScalableTarget: ({ MinCapacity, MaxCapacity }) => {
            this.bounds.minimum = Number(MinCapacity);
            if (MaxCapacity !== undefined)
                this.bounds.maximum = Number(MaxCapacity);
            this.set(this.ports.sageMaker.desiredInstances);
            return {};
        },
    };
    cloudWatch = {
        GetMetricStatistics: () => ({ Datapoints: [{ Maximum: this.ports.sageMaker.backlog }] }),
    };
    /** Evaluates the alarms once a minute. */
    start() {
        const { scheduler } = this.ports;
        const tick = () => {
            this.evaluate();
            scheduler.after(minuteMilliseconds, tick);
        };
        scheduler.after(minuteMilliseconds, tick);
    }
    /** Reads what a function logs: some lines are metrics. */
    hear(line) {
        if (line.includes("open jobs not counted"))
            this.uncountedAt = this.ports.scheduler.now();
        const open = new RegExp(`^\\{"_aws".*"${metricNames.openJobs}":(\\d+)`).exec(line)?.[1];
        if (open === undefined || line.includes('"State"'))
            return;
        this.openInMinute = Math.max(this.openInMinute ?? 0, Number(open));
    }
    /**
     * A policy asks for the configured minimum, whatever the idle alarm says; not while the floor function finds no count that it
     * can believe, such as when its clock and the sweeper's differ: it then changes nothing, and the alarm is what counts.
     */
    tryScaleIn() {
        if (this.ports.scheduler.now() - this.uncountedAt > uncountedMilliseconds)
            this.scaleIn();
    }
    scaleIn() {
        if (this.ports.scheduler.now() - this.scaledOutAt < scaleInPauseMilliseconds)
            return;
        if (this.ports.sageMaker.desiredInstances === this.definition.minCapacity)
            return;
        this.ports.onScaleIn();
        this.set(this.definition.minCapacity);
    }
    evaluate() {
        const { sageMaker, idleMinutes } = this.ports;
        const wanted = Math.ceil(sageMaker.backlog / targetBacklogPerInstance);
        if (wanted > sageMaker.desiredInstances)
            this.set(wanted);
        // A minute without a value decides nothing.
        if (this.openInMinute !== undefined)
            this.quietMinutes = this.openInMinute === 0 ? this.quietMinutes + 1 : 0;
        this.openInMinute = undefined;
        if (this.quietMinutes >= idleMinutes)
            this.scaleIn();
    }
    set(wanted) {
        const { scheduler, sageMaker } = this.ports;
        const count = Math.min(this.bounds.maximum, Math.max(this.bounds.minimum, wanted));
        if (count > sageMaker.desiredInstances)
            this.scaledOutAt = scheduler.now();
        sageMaker.setInstances(count);
    }
}
