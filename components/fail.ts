import * as pulumi from "@pulumi/pulumi";
import { linesOf, type Problem } from "./problems";

/** @throws pulumi.InputPropertiesError with all of them, when there are any */
export function fail(subject: string, errors: Problem[]): void {
  if (errors.length === 0) return;
  const error = new pulumi.InputPropertiesError({ message: [`${subject} can't be set up:`, ...linesOf(errors)].join("\n"), errors });
  // Pulumi prints the message of what it takes for a RunError, and a stack trace with every field of anything else.
  throw Object.assign(error, { __pulumiRunError: true });
}
