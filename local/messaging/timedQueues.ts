import type { Clock, Timer } from "../clock";
import { atOnce } from "../emulatorState";
import type { EmulatorState, SnsStore, SqsMessage, SqsQueue, SqsStore, SqsStoreClass } from "../fauxqs";
import { ServiceError } from "../wire";

/** A store of queues that goes by the cloud's clock. */
export interface TimedStore extends SqsStore {
  /** Goes on with what was kept, and keeps what comes. @param urlOf where a queue is reached now */
  load(state: EmulatorState, topics: SnsStore, urlOf: (name: string) => string): void;
}

/**
 * A store whose queues go by the cloud's clock: delays, visibility timeouts and retention. The emulator compares
 * with the wall's time only, so its own deadlines are put out of reach and kept here. Long polls wait by the wall:
 * at their other end is a socket.
 */
export function timedStore(Store: SqsStoreClass, clock: Clock): new () => TimedStore {
  return class TimedStore extends Store {
    private readonly resumes: (() => void)[] = [];

    override createQueue(...args: Parameters<InstanceType<SqsStoreClass>["createQueue"]>): SqsQueue {
      const queue = super.createQueue(...args);
      this.resumes.push(keepTime(queue, clock));
      return queue;
    }

    load(state: EmulatorState, topics: SnsStore, urlOf: (name: string) => string): void {
      const createQueue: SqsStore["createQueue"] = (name, _, ...rest) => this.createQueue(name, urlOf(name), ...rest);
      state.loadSqsAndSns({ createQueue } as SqsStore, topics);
      this.persistence = state;
      topics.persistence = state;
      for (const queue of this.allQueues()) queue.persistence = state;
      for (const resume of this.resumes.splice(0)) resume();
    }
  };
}

/** After which a message that the disk does not let back into its queue is tried again. */
const secondsUntilNextTry = 1;

/** Moves messages, or leaves them where they were when the disk does not take it. @param others to which they may have gone */
function orAsBefore<Result>(queue: SqsQueue, move: () => Result, others: readonly SqsQueue[] = []): Result {
  if (queue.persistence === undefined) return move();
  const { messages, inflightMessages, fifoMessages, fifoLockedGroups } = queue;
  const waiting = [...messages];
  const hidden = new Map(inflightMessages);
  const groups = new Map([...fifoMessages].map(([group, list]) => [group, [...list]]));
  const locked = new Map(fifoLockedGroups);
  try {
    return move();
  } catch (error) {
    const left = new Set([...queue.messages, ...[...queue.fifoMessages.values()].flat()]);
    const taken = [...waiting, ...[...groups.values()].flat()].filter((message) => !left.has(message));
    for (const message of taken) message.approximateReceiveCount = Math.max(0, message.approximateReceiveCount - 1);
    for (const other of others) other.messages = other.messages.filter((message) => !taken.includes(message));
    Object.assign(queue, { messages: waiting, inflightMessages: hidden, fifoMessages: groups, fifoLockedGroups: locked });
    throw error;
  }
}

type DeadLetterQueues = Parameters<SqsQueue["dequeue"]>[2];

/** Receives messages that are not too old: each is in its queue or among the dead letters, whenever the process ends or the disk fails. */
function receive<Received>(
  queue: SqsQueue,
  oldestMilliseconds: number,
  deadLetterQueues: DeadLetterQueues,
  dequeue: (deadLetterQueues: DeadLetterQueues) => Received,
): Received {
  const buried: SqsQueue[] = [];
  const noting: DeadLetterQueues =
    deadLetterQueues &&
    ((arn) => {
      const found = deadLetterQueues(arn);
      if (found) buried.push(found);
      return found;
    });
  const take = () => {
    for (const { messageId, sentTimestamp } of queue.messages) {
      if (sentTimestamp <= oldestMilliseconds) queue.persistence?.deleteMessage(messageId);
    }
    queue.messages = queue.messages.filter(({ sentTimestamp }) => sentTimestamp > oldestMilliseconds);
    return dequeue(noting);
  };
  return orAsBefore(queue, () => atOnce(queue.persistence, take), buried);
}

/**
 * Deletes a message that can be received again, by its newest receipt: SQS does as long as nobody has received it since, and the
 * emulator has forgotten the receipt by then. @returns false when there is none
 */
function deleteVisible(queue: SqsQueue, receipts: WeakMap<SqsMessage, string>, receiptHandle: string): boolean {
  const isOfReceipt = (each: SqsMessage) => receipts.get(each) === receiptHandle;
  if ([...queue.fifoMessages.values()].flat().some(isOfReceipt)) {
    const message = `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`;
    throw new ServiceError("InvalidParameterValue", message);
  }
  const message = queue.messages.find(isOfReceipt);
  if (!message) return false;
  queue.persistence?.deleteMessage(message.messageId);
  queue.messages = queue.messages.filter((each) => each !== message);
  return true;
}

/** Has a message that is delayed come in the cloud's time. */
function delay(queue: SqsQueue, clock: Clock, message: SqsMessage): void {
  if (message.delayUntil === undefined) return;
  const delayMilliseconds = message.delayUntil - Date.now();
  message.delayUntil = Infinity;
  clock.setTimeout(() => {
    delete message.delayUntil;
    queue.processTimers();
  }, delayMilliseconds);
}

/** @returns a function that goes on with the deadlines of messages that were there before */
function keepTime(queue: SqsQueue, clock: Clock): () => void {
  const enqueue = queue.enqueue.bind(queue);
  const dequeue = queue.dequeue.bind(queue);
  const changeVisibility = queue.changeVisibility.bind(queue);
  const deleteMessage = queue.deleteMessage.bind(queue);
  const timers = new Map<string, Timer>();
  /** The newest receipt of each message. */
  const receipts = new WeakMap<SqsMessage, string>();

  function forget(receiptHandle: string): void {
    clock.clearTimeout(timers.get(receiptHandle));
    timers.delete(receiptHandle);
  }

  function hide(receiptHandle: string, seconds: number): void {
    forget(receiptHandle);
    const entry = queue.inflightMessages.get(receiptHandle);
    if (!entry) return;
    entry.visibilityDeadline = Infinity;
    const show = () => {
      timers.delete(receiptHandle);
      try {
        orAsBefore(queue, () => changeVisibility(receiptHandle, 0));
      } catch {
        // The disk does not take it.
        hide(receiptHandle, secondsUntilNextTry);
      }
    };
    timers.set(receiptHandle, clock.setTimeout(show, seconds * 1000));
  }

  queue.enqueue = (message) => {
    // A message that moves to a dead-letter queue keeps its time.
    if (message.approximateReceiveCount === 0) message.sentTimestamp = Math.floor(clock.now());
    // What is kept of it has the wall's time.
    enqueue(message);
    delay(queue, clock, message);
  };

  queue.dequeue = (maxCount, visibilityTimeout, deadLetterQueue) => {
    const oldest = clock.now() - Number(queue.attributes["MessageRetentionPeriod"]) * 1000;
    const received = receive(queue, oldest, deadLetterQueue, (resolve) => dequeue(maxCount, visibilityTimeout, resolve));
    const seconds = visibilityTimeout ?? Number(queue.attributes["VisibilityTimeout"]);
    for (const { ReceiptHandle } of received) {
      const message = queue.inflightMessages.get(ReceiptHandle)?.message;
      if (message) receipts.set(message, ReceiptHandle);
      if (message?.approximateReceiveCount === 1) message.approximateFirstReceiveTimestamp = Math.floor(clock.now());
      hide(ReceiptHandle, seconds);
    }
    // Only now: what the disk does not take back has its timer, and so has what comes after it.
    if (seconds === 0) for (const { ReceiptHandle } of received) queue.changeVisibility(ReceiptHandle, 0);
    return received;
  };

  queue.deleteMessage = (receiptHandle) => {
    const isGone = queue.inflightMessages.has(receiptHandle) ? deleteMessage(receiptHandle) : deleteVisible(queue, receipts, receiptHandle);
    // A message that the disk does not give up still needs its timer.
    forget(receiptHandle);
    return isGone;
  };

  queue.changeVisibility = (receiptHandle, seconds) => {
    orAsBefore(queue, () => changeVisibility(receiptHandle, seconds));
    hide(receiptHandle, seconds);
  };
  return () => {
    for (const [receiptHandle, { visibilityDeadline }] of queue.inflightMessages) {
      hide(receiptHandle, Math.max(0, visibilityDeadline - Date.now()) / 1000);
    }
    for (const message of [...queue.delayedMessages, ...[...queue.fifoDelayed.values()].flat()]) delay(queue, clock, message);
  };
}
