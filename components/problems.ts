import * as pulumi from "@pulumi/pulumi";
import type { SettingName } from "./settings";

/** One thing that is wrong with the arguments. */
export interface Problem {
  /** Setting, or item of one: `failureEmails[1]`. */
  propertyPath: string;
  /** What it got, and what it accepts. */
  reason: string;
}

/** Arguments whose Outputs have resolved, or are left out. */
export type PlainArgs = Partial<Record<SettingName, unknown>>;

/** @throws pulumi.InputPropertiesError with all of them, when there are any */
export function fail(subject: string, errors: Problem[]): void {
  if (errors.length === 0) return;
  const error = new pulumi.InputPropertiesError({ message: [`${subject} can't be set up:`, ...linesOf(errors)].join("\n"), errors });
  // Pulumi prints the message of what it takes for a RunError, and a stack trace with every field of anything else.
  throw Object.assign(error, { __pulumiRunError: true });
}

/** Problems for people, a line each. */
export function linesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
}

/** Stands for a value that may be secret. */
export const hidden = "a value that is not shown";

/** A value as it is shown to people: short, on one line. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
