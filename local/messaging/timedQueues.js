/**
 * A store whose queues go by the cloud's clock: delays, visibility timeouts and retention. The emulator compares
 * with the wall's time only, so its own deadlines are put out of reach and kept here. Long polls wait by the wall:
 * at their other end is a socket.
 */
export function timedStore(Store, clock) {
    return class TimedStore extends Store {
        createQueue(...args) {
            const queue = super.createQueue(...args);
            keepTime(queue, clock);
            return queue;
        }
    };
}
function keepTime(queue, clock) {
    const enqueue = queue.enqueue.bind(queue);
    const dequeue = queue.dequeue.bind(queue);
    const changeVisibility = queue.changeVisibility.bind(queue);
    const timers = new Map();
    function hide(receiptHandle, seconds) {
        clock.clearTimeout(timers.get(receiptHandle));
        const entry = queue.inflightMessages.get(receiptHandle);
        if (!entry)
            return;
        entry.visibilityDeadline = Infinity;
        const timer = clock.setTimeout(() => {
            timers.delete(receiptHandle);
            changeVisibility(receiptHandle, 0);
        }, seconds * 1000);
        timers.set(receiptHandle, timer);
    }
    queue.enqueue = (message) => {
        // A message that moves to a dead-letter queue keeps its time.
        if (message.approximateReceiveCount === 0)
            message.sentTimestamp = Math.floor(clock.now());
        if (message.delayUntil !== undefined) {
            const delayMilliseconds = message.delayUntil - Date.now();
            message.delayUntil = Infinity;
            clock.setTimeout(() => {
                delete message.delayUntil;
                queue.processTimers();
            }, delayMilliseconds);
        }
        enqueue(message);
    };
    queue.dequeue = (maxCount, visibilityTimeout, deadLetterQueue) => {
        const oldest = clock.now() - Number(queue.attributes["MessageRetentionPeriod"]) * 1000;
        queue.messages = queue.messages.filter(({ sentTimestamp }) => sentTimestamp > oldest);
        const received = dequeue(maxCount, visibilityTimeout, deadLetterQueue);
        for (const { ReceiptHandle } of received) {
            hide(ReceiptHandle, visibilityTimeout ?? Number(queue.attributes["VisibilityTimeout"]));
            const message = queue.inflightMessages.get(ReceiptHandle)?.message;
            if (message?.approximateReceiveCount === 1)
                message.approximateFirstReceiveTimestamp = Math.floor(clock.now());
        }
        return received;
    };
    queue.changeVisibility = (receiptHandle, seconds) => {
        changeVisibility(receiptHandle, seconds);
        hide(receiptHandle, seconds);
    };
}
