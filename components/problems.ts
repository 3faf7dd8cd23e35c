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

/** Problems for people, a line each. */
export function linesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
}

/** Stands for a value that may be secret. */
export const hidden = "a value that is not shown";

/** A value as it is shown to people: short, on one line. */
export function show(value: unknown): string {
  return shortened(JSON.stringify(value) ?? String(value), 120);
}

/** A text of at most so many characters, whose end is left out where it has more. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}
