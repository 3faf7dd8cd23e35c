import type { Candidate, Outcome } from "../../planner";

/** A waiting time in few characters: `45 s`, `8.2 min`, `3.1 h`. */
export function shownWait(seconds: number): string {
  const [amount, unit] = scaled(seconds);
  return `${amount} ${unit}`;
}

/** Two waiting times, the unit of the larger: `2.1-8.4 min`; one when they look the same. */
export function shownWaits(least: number, most: number): string {
  const [larger, unit, divisor] = scaled(most);
  const smaller = rounded(least / divisor);
  return smaller === larger ? `${larger} ${unit}` : `${smaller}-${larger} ${unit}`;
}

/** Dollars in few characters: `0.42`, `812`, `12.3k`. */
export function shownUsd(dollars: number): string {
  if (dollars >= 10_000) return `${rounded(dollars / 1000)}k`;
  return dollars >= 100 ? dollars.toFixed(0) : dollars >= 1 || dollars === 0 ? dollars.toFixed(2) : dollars.toPrecision(2);
}

/** Why the cost of some jobs is an estimate. */
export function withoutMetricsWords(jobs: number): string {
  return (
    `${jobs} ${jobs === 1 ? "job" : "jobs"} ended in minutes that CloudWatch has no metrics of (they come up to five minutes late): ` +
    "their compute is the most that maxCapacity instances can have run, and their start-up and idle time are missing."
  );
}

/** Two amounts: `812-1034`; one when they look the same. */
export function shownRange(least: number, most: number, show: (value: number) => string): string {
  const [smaller, larger] = [show(least), show(most)];
  return smaller === larger ? larger : `${smaller}-${larger}`;
}

/** A share as a whole percentage. */
export function shownShare(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** Jobs that a candidate loses in the worst case: hit by a scale-in, or expired in the queue. */
export function lostJobs({ killed, expired }: Outcome): number {
  return killed + expired;
}

/** What changes, as words of one line: `drain=true idleSeconds=60`. */
export function changesOf({ changes }: Candidate): string {
  const words = Object.entries(changes).map(([name, value]) => `${name}=${value}`);
  return words.length === 0 ? "as it is" : words.join(" ");
}

function scaled(seconds: number): [amount: string, unit: string, divisor: number] {
  const [unit, divisor] = seconds < 90 ? ["s", 1] : seconds < 5400 ? ["min", 60] : ["h", 3600];
  return [rounded(seconds / divisor), unit, divisor];
}

/** One decimal below ten, none above. */
function rounded(value: number): string {
  return value < 9.95 && Math.round(value * 10) % 10 !== 0 ? value.toFixed(1) : value.toFixed(0);
}
