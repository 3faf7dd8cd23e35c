import { duration } from "../core/duration";
/** How a state is coloured. */
export function stateStyle(state) {
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
/** The state of a job that ended without a result, from the error that its wait ended with; SUBMITTED when it may go on. */
export function endState({ code }) {
  if (code === "EXPIRED" || code === "CANCELLED") return code;
  return code === "WAIT_TIMEOUT" || code === "ABORTED" ? "SUBMITTED" : "FAILED";
}
/** How long a job took from acceptance to its recorded end, in words; undefined while one of them is not known. */
export function elapsed({ acceptedAt, recordedAt }) {
  return acceptedAt === undefined || recordedAt === undefined ? undefined : duration(Date.parse(recordedAt) - Date.parse(acceptedAt));
}
