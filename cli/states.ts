import { duration } from "../core/duration";
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
