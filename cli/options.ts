import { InvalidArgumentError } from "commander";
import { requestPatterns, requestBounds } from "../core/messages/request";
import { readTraceparent } from "../core/tracing/traceContext";

/** Reads a whole number between two bounds. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** Reads a number from a bound on, fractions too. */
export function number(least: number, unit: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a number${unit} from ${least}, such as 0.5.`);
  };
}

/** Reads a job id. */
export function jobId(text: string): string {
  if (new RegExp(requestPatterns.jobId).test(text)) return text;
  throw new InvalidArgumentError('Expected 1 to 60 letters, digits, ".", "_" and "-", a letter or digit first.');
}

/** Reads one or more job ids. */
export function jobIds(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), jobId(text)];
}

/** Reads a header's value. */
export function header(text: string): string {
  if (new RegExp(requestPatterns.header).test(text) && text.length <= requestBounds.headerCharacters) return text;
  throw new InvalidArgumentError(`Expected 1 to ${requestBounds.headerCharacters} printable ASCII characters, no leading blank.`);
}

/** Reads a W3C traceparent. */
export function traceparent(text: string): string {
  if (readTraceparent(text) !== undefined) return text;
  throw new InvalidArgumentError(
    "Expected a W3C traceparent such as 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, in lower case.",
  );
}

/** Reads `name=value`, repeatable. */
export function pairs(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined || !new RegExp(requestPatterns.metadataName).test(name)) {
    throw new InvalidArgumentError('Expected name=value, the name of letters, digits, ".", "_" and "-".');
  }
  const all = { ...previous, [name]: value };
  if (value.length > requestBounds.metadataCharacters || Object.keys(all).length > requestBounds.metadataEntries) {
    throw new InvalidArgumentError(
      `Expected at most ${requestBounds.metadataEntries} pairs, values of at most ${requestBounds.metadataCharacters} characters.`,
    );
  }
  return all;
}

const unitMilliseconds: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in the past, once the service has said what time it is. */
export type Since = (now: () => Promise<Date>) => Promise<Date>;

/** Reads a time in the past: `90s`, `15m`, `2h`, `7d`, or ISO 8601. */
export function since(text: string): Since {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    const milliseconds = Number(amount) * (unitMilliseconds[unit] as number);
    return async (now) => new Date((await now()).getTime() - milliseconds);
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return () => Promise.resolve(new Date(time));
  throw new InvalidArgumentError("Expected a span such as 90s, 15m, 2h or 7d, or a time such as 2026-01-25 or 2026-01-25T08:00:00Z.");
}

/** Reads a state in any case, once or as one of several. */
export function state<State extends string>(allowed: readonly State[]): (text: string, previous?: unknown) => State | State[] {
  return (text, previous) => {
    const found = allowed.find((each) => each === text.toUpperCase());
    if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${allowed.join(", ")}.`);
    return Array.isArray(previous) ? [...(previous as State[]), found] : found;
  };
}

/** Reads an http or https URL. */
export function url(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return text.replace(/\/$/, "");
  throw new InvalidArgumentError("Expected a URL such as http://127.0.0.1:4566.");
}

/** Reads an S3 URI of an object. */
export function s3Object(text: string): string {
  if (new RegExp(requestPatterns.inputLocation).test(text)) return text;
  throw new InvalidArgumentError("Expected an S3 URI of an object, such as s3://my-models/ocr/model.tar.gz.");
}

/** Reads an instance type. */
export function instanceType(text: string): string {
  if (/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(text)) return text;
  throw new InvalidArgumentError("Expected an instance type such as ml.g5.2xlarge.");
}

/** Reads an email address: what SNS takes. */
export function email(text: string): string {
  if (/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(text)) return text;
  throw new InvalidArgumentError("Expected an email address such as ml-team@example.com.");
}
