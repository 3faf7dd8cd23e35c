import type { ErrorCode } from "../core/records/errors";

/** What a command's end means to a script. */
export const exitCodes = {
  /** All done; a query that could be answered is done, whatever it says of a job. */
  done: 0,
  /** A job failed, a needed check did not pass, two results differ, or any other error. */
  failed: 1,
  /** The command line is wrong, or a file that it names can't be read. */
  usage: 2,
  /** The wait ended before the job did: it goes on. Of `plan`: nothing meets the goal. */
  timedOut: 3,
  /** Credentials are missing, or may not do what was asked. */
  access: 4,
  /** Ctrl-C before the end, as shells count it; what runs until Ctrl-C is done then. */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Exit code of an error that ended a command. Not of a job that ended badly: that is `failed`, whatever its code. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  switch (code) {
    case "WAIT_TIMEOUT":
      return exitCodes.timedOut;
    case "ACCESS_DENIED":
      return exitCodes.access;
    case "ABORTED":
      return exitCodes.interrupted;
    default:
      return exitCodes.failed;
  }
}

/** Of several ends the one that a script must hear of first. */
export function worst(ends: readonly ExitCode[]): ExitCode {
  const { interrupted, usage, access, failed, timedOut } = exitCodes;
  return [interrupted, usage, access, failed, timedOut].find((code) => ends.includes(code)) ?? exitCodes.done;
}
