/**
 * What SageMaker publishes of a queue each minute, zeros included: scaling in to zero needs datapoints that say zero.
 *
 * No document says what ApproximateBacklogSizePerInstance is without an instance. Here it is then the whole backlog:
 * a target is exceeded only by more requests than the target, as field reports of endpoints that don't wake say.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
 */
export function backlogMetrics({ waiting, running, inServiceInstances, countsRunning }) {
    const size = countsRunning ? waiting + running : waiting;
    return {
        ApproximateBacklogSize: size,
        ApproximateBacklogSizePerInstance: size / Math.max(1, inServiceInstances),
        HasBacklogWithoutCapacity: waiting > 0 && inServiceInstances === 0 ? 1 : 0,
    };
}
/** An instance's GPUUtilization in percent, as if a model used all of one GPU while it computes as many requests as it takes. */
export function busyPercent(running, maxConcurrentInvocationsPerInstance) {
    return 100 * Math.min(1, running / maxConcurrentInvocationsPerInstance);
}
