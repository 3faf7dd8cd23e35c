import type { JobState } from "../core/records/job";

/** How a state is coloured. */
export function stateStyle(state: JobState | "UNKNOWN"): "green" | "red" | "yellow" | "cyan" {
  switch (state) {
    case "COMPLETED":
      return "green";
    case "FAILED":
    case "EXPIRED":
      return "red";
    case "CANCELLED":
    case "UNKNOWN":
      return "yellow";
    default:
      return "cyan";
  }
}

/** How long a job took from acceptance to its recorded end, in words; undefined while one of them is not known. */
export function elapsed({ acceptedAt, recordedAt }: { acceptedAt?: string; recordedAt?: string }): string | undefined {
  return acceptedAt === undefined || recordedAt === undefined ? undefined : duration(Date.parse(recordedAt) - Date.parse(acceptedAt));
}

/** A span of time in the words of people. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes < 60
    ? `${minutes} min ${Math.round((milliseconds % 60_000) / 1000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
