/** How a trace writes moments. */
export type MomentForm = "iso" | "seconds" | "milliseconds" | "relative";

const iso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:\s?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?)?$/i;
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** From here on a number of seconds is a date: 2001. */
const firstEpochSeconds = 1e9;
const firstEpochMilliseconds = 1e12;

/** Which form a trace's first moment has; undefined when it is no moment. */
export function formOf(text: string): MomentForm | undefined {
  if (iso.test(text)) return "iso";
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  return value >= firstEpochMilliseconds ? "milliseconds" : value >= firstEpochSeconds ? "seconds" : "relative";
}

/** What is expected where a moment of a form must stand. */
export const formWords: Readonly<Record<MomentForm, string>> = {
  iso: "a time such as 2026-01-25T08:00:00Z",
  seconds: "seconds since 1970, as in the rows before",
  milliseconds: "milliseconds since 1970, as in the rows before",
  relative: "a number of seconds from 0",
};

/** Whether a time says what zone it is of; others are read as UTC, which no clock change touches. */
export function hasZone(text: string): boolean {
  return /(Z|UTC|[+-]\d\d(:?\d\d)?)$/i.test(text.slice(10));
}

/** Seconds of a moment, since the epoch unless the form is relative; undefined when the text has another form. */
export function readMoment(text: string, form: MomentForm): number | undefined {
  if (form === "iso") return iso.test(text) ? readIso(text) : undefined;
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  switch (form) {
    case "seconds":
      return value >= firstEpochSeconds && value < firstEpochMilliseconds ? value : undefined;
    case "milliseconds":
      return value >= firstEpochMilliseconds ? value / 1000 : undefined;
    case "relative":
      return value >= 0 && value < firstEpochSeconds ? value : undefined;
  }
}

/** A plain number; undefined for anything else. */
export function readNumber(text: string): number | undefined {
  return decimal.test(text) ? Number(text) : undefined;
}

function readIso(text: string): number | undefined {
  // What most traces have, a million times.
  if (/T.*Z$/.test(text)) {
    const at = Date.parse(text.replace(",", "."));
    return Number.isNaN(at) ? undefined : at / 1000;
  }
  const [date, rest = ""] = [text.slice(0, 10), text.slice(10).replace(",", ".")];
  const [, time = "00:00", zone = "Z"] = /^[T ]?([\d:.]*)?\s?(.*)$/i.exec(rest) ?? [];
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : "";
  const at = Date.parse(`${date}T${time === "" ? "00:00" : time}${offset === "" ? (/^[+-]/.test(zone) ? zone : "Z") : offset}`);
  return Number.isNaN(at) ? undefined : at / 1000;
}
