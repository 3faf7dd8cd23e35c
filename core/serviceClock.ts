import type { Clock } from "./ports";
import { sleep } from "./sleep";

/** A timer; opaque. */
export type Timer = unknown;

/** The clock of a process, with timers that can be taken back. */
export interface ProcessClock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): Timer;
  clearTimeout(timer: Timer): void;
  /** @default a pause by {@link setTimeout} */
  sleep?(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What an answer of a service says of the time. */
export interface ToldTime {
  /** When its request was sent, by {@link ProcessClock.now}. */
  sentAt: number;
  /** The header `Date`: when it was answered, in whole seconds. Milliseconds since the epoch. */
  date: number;
  /** How many seconds pass for the service in one of this process. @default 1 */
  speed?: number;
}

/** How exact the header `Date` is. */
const dateMilliseconds = 1000;

/** Shortest pause between two looks at a service whose clock runs fast: asking more often would take the time from what it does. */
const leastPauseMilliseconds = 100;

/**
 * The time of the service, for a process whose own clock may be wrong, or slower than that of an embedded cloud (`--speed`).
 *
 * Two readings, since what is waited for must not end because the time was corrected: {@link now} only passes, at the service's speed,
 * for deadlines and pauses; {@link stamp} is what time it is, for what is written.
 */
export interface ServiceClock extends Clock {
  /** Milliseconds that have passed for the service, counted from the process's time at the start. Never jumps. */
  now(): number;
  /**
   * The service's time, in milliseconds since the epoch: the process's own unless answers say that it is wrong.
   *
   * @param at what {@link now} said then. @default now
   */
  stamp(at?: number): number;
  /** Whether an answer has told the time. */
  readonly isKnown: boolean;
  /** Shortest sensible time between two looks; 0 for a service whose clock runs as fast as the process's. */
  readonly leastPauseMilliseconds: number;
  /** Milliseconds of the service. Timers keep the process alive. */
  setTimeout(callback: () => void, milliseconds: number): Timer;
  clearTimeout(timer: Timer): void;
  /** A pause that an abort ends at once; then it resolves too. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Learns from an answer. */
  hear(told: ToldTime): void;
  /** The process's own: for what a network takes, which is as slow for a fast service. */
  readonly process: ProcessClock;
}

interface PendingTimer {
  callback: () => void;
  dueAt: number;
  own: Timer;
}

/**
 * A clock that goes by what the service's answers say.
 *
 * An answer bounds by how much the process is off: the service wrote its whole second some time between request and answer. The
 * process is corrected by as little as all answers allow, so a clock that is right stays as it is. An answer that contradicts those
 * before it begins anew: one of the two clocks was set.
 */
export function createServiceClock(own: ProcessClock): ServiceClock {
  let speed = 1;
  // Where the counting began, anew with each change of speed.
  let origin = { own: own.now(), counted: own.now() };
  let bounds: { least: number; most: number } | undefined;
  const timers = new Set<PendingTimer>();

  const now = () => origin.counted + (own.now() - origin.own) * speed;
  const ownPause = (milliseconds: number) =>
    speed <= 1 ? milliseconds : Math.max(Math.ceil(milliseconds / speed), Math.min(milliseconds, leastPauseMilliseconds));
  const offset = () => (bounds === undefined ? 0 : Math.min(Math.max(0, bounds.least), bounds.most));

  function arm(timer: PendingTimer): void {
    const fire = () => {
      timers.delete(timer);
      timer.callback();
    };
    timer.own = own.setTimeout(fire, ownPause(Math.max(0, timer.dueAt - now())));
  }

  function setSpeed(told: number): void {
    origin = { own: own.now(), counted: now() };
    speed = told;
    bounds = undefined;
    for (const timer of timers) {
      own.clearTimeout(timer.own);
      arm(timer);
    }
  }

  const clock: ServiceClock = {
    now,
    stamp: (at = now()) => at + offset(),
    get isKnown() {
      return bounds !== undefined;
    },
    get leastPauseMilliseconds() {
      return speed <= 1 ? 0 : leastPauseMilliseconds * speed;
    },
    setTimeout(callback, milliseconds) {
      const timer: PendingTimer = { callback, dueAt: now() + milliseconds, own: undefined };
      timers.add(timer);
      arm(timer);
      return timer;
    },
    clearTimeout(timer) {
      const pending = timer as PendingTimer | undefined;
      if (pending === undefined || !timers.delete(pending)) return;
      own.clearTimeout(pending.own);
    },
    sleep: (milliseconds, signal) => (own.sleep ? own.sleep(ownPause(milliseconds), signal) : sleep(clock, milliseconds, signal)),
    hear({ sentAt, date, speed: told = 1 }) {
      if (told !== speed) setSpeed(told);
      const least = date - now();
      const most = least + dateMilliseconds + Math.max(0, own.now() - sentAt) * speed;
      const both = { least: Math.max(least, bounds?.least ?? least), most: Math.min(most, bounds?.most ?? most) };
      bounds = both.least <= both.most ? both : { least, most };
    },
    process: own,
  };
  return clock;
}
