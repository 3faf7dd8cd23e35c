import type { JudgedCall, LaptopMessage } from "../contract";

/** What an embedded cloud lets the page see and do besides. */
export interface Laptop {
  /** Is told the state now, and whenever it changes. Returns how to stop. */
  watch(listener: (state: LaptopMessage) => void): () => void;
  /** Lets the clock run so many times as fast as the wall's. @throws Error naming what is accepted */
  setSpeed(speed: number): void;
  /** Lets the clock run fast until so many seconds of it have passed. @throws Error naming what is accepted */
  skip(seconds: number): void;
  /** The same until a time of its own, in milliseconds since the epoch. @throws Error naming what is accepted */
  skipTo(time: number): void;
  /** Has a fault happen to every job from now on, or no longer. @throws Error naming what is accepted */
  setFault(kind: string, isOn: boolean): void;
  /** What functions and services as roles asked for, newest first. */
  calls(): JudgedCall[];
}
