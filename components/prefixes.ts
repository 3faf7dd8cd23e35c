import type { PrefixKind } from "../outputs";
import type { Settings } from "./settings";

/** Prefixes that were one of the four before, by which. */
export type FormerPrefixes = Readonly<Record<PrefixKind, readonly string[]>>;

/** Where in the bucket what lies; each with its trailing slash. */
export interface Prefixes {
  inputPrefix: string;
  outputPrefix: string;
  failurePrefix: string;
  inboxPrefix: string;
  former: FormerPrefixes;
}

/** The prefixes that the settings name. */
export function prefixesOf(settings: Settings): Prefixes {
  const { inputPrefix, outputPrefix, failurePrefix, inboxPrefix } = settings;
  const former: Record<PrefixKind, string[]> = { input: [], output: [], failure: [], inbox: [] };
  for (const [prefix, kind] of Object.entries(settings.formerPrefixes)) former[kind].push(withSlash(prefix));
  return {
    inputPrefix: withSlash(inputPrefix),
    outputPrefix: withSlash(outputPrefix),
    failurePrefix: withSlash(failurePrefix),
    inboxPrefix: withSlash(inboxPrefix),
    former,
  };
}

/** Days after which objects expire, by prefix: below a former prefix as below the one that it was. 0 keeps them. */
export function expirationDaysOf(settings: Settings, prefixes: Prefixes): Record<string, number> {
  const daysOf: Record<PrefixKind, number> = {
    input: settings.inputExpirationDays,
    output: settings.outputExpirationDays,
    failure: settings.failureExpirationDays,
    inbox: settings.inboxExpirationDays,
  };
  const days: Record<string, number> = {
    [prefixes.inputPrefix]: daysOf.input,
    [prefixes.outputPrefix]: daysOf.output,
    [prefixes.failurePrefix]: daysOf.failure,
    [prefixes.inboxPrefix]: daysOf.inbox,
  };
  for (const [kind, former] of Object.entries(prefixes.former)) {
    for (const prefix of former) days[prefix] ??= daysOf[kind as PrefixKind];
  }
  return days;
}

/** A prefix with its one trailing slash. */
export function withSlash(prefix: string): string {
  return prefix.endsWith("/") ? prefix : `${prefix}/`;
}
