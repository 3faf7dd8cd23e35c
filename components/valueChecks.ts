import { isLater } from "./later";
import { acceptedIn, adviceOn } from "./describe";
import { hidden, shortened, show, type Problem } from "./problems";
import { settings, type Setting, type SettingName } from "./settings";

/** What is wrong with one value by itself. */
export function problemsWith(name: SettingName, value: unknown): Problem[] {
  if (!Object.hasOwn(settings, name)) return [{ propertyPath: name, reason: adviceOn(name) }];
  const setting: Setting = settings[name];
  return wrongIn(setting, value).map(({ at, got, accepts = acceptedIn(setting), secret = setting.secret !== undefined }) => ({
    // A key may be thousands of characters long, and an error stays readable.
    propertyPath: `${name}${shortened(at, 100)}`,
    reason: `got ${got === undefined ? "nothing" : secret ? hidden : show(got)}, expected ${accepts}`,
  }));
}

/** Something that a setting does not accept, and where in it that is. */
interface Wrong {
  /** Such as `[1]` or `.name`; empty for the whole. */
  at: string;
  got: unknown;
  /** @default what the setting accepts */
  accepts?: string;
  /** Whether it is not shown. @default as the setting says */
  secret?: boolean;
}

function wrongIn(setting: Setting, value: unknown): Wrong[] {
  const whole = [{ at: "", got: value }];
  switch (setting.type) {
    case "boolean":
      return typeof value === "boolean" ? [] : whole;
    case "integer":
      return fitsInteger(setting, value) ? [] : whole;
    case "string":
      return fitsText(setting, value) && fitsValues(setting, value) ? [] : whole;
    case "strings": {
      if (!Array.isArray(value) || value.length < (setting.minimumItems ?? 0) || value.length > (setting.maximumItems ?? Infinity))
        return whole;
      return value.flatMap((item, index) =>
        fitsText(setting, item) && fitsValues(setting, item) ? [] : [{ at: `[${index}]`, got: item as unknown }],
      );
    }
    case "map": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return whole;
      const items = Object.entries(value);
      if (items.length > (setting.maximumItems ?? Infinity)) return [{ at: "", got: `${items.length} entries` }];
      return items.flatMap(([key, item]) => (fitsEntry(setting, key, item) ? [] : [{ at: `.${key}`, got: item as unknown }]));
    }
    case "record":
      return wrongInRecord(setting, value, whole);
    case "records": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return whole;
      const records = Object.entries(value);
      if (records.length > (setting.maximumItems ?? Infinity)) return [{ at: "", got: `${records.length} entries`, secret: false }];
      return records.flatMap(([name, record]: [string, unknown]) => {
        const at = `.${name}`;
        if (!(setting.pattern?.test(name) ?? true))
          return [{ at, got: name, accepts: `a name in its place: ${acceptedIn(setting)}`, secret: false }];
        return wrongInRecord(setting, record, [{ at: "", got: record }]).map((wrong) => ({ ...wrong, at: `${at}${wrong.at}` }));
      });
    }
  }
}

function wrongInRecord({ fields = {} }: Setting, value: unknown, whole: Wrong[]): Wrong[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return whole;
  const given = value as Readonly<Record<string, unknown>>;
  const missing = Object.entries(fields).filter(([key, { required }]) => required && given[key] === undefined);
  return [
    ...missing.map(([key, field]) => ({ at: `.${key}`, got: undefined, accepts: acceptedIn(field), secret: false })),
    ...Object.entries(given).flatMap(([key, item]) => wrongInField(fields, key, item)),
  ];
}

function wrongInField(fields: Readonly<Record<string, Setting>>, key: string, item: unknown): Wrong[] {
  if (item === undefined) return [];
  if (!Object.hasOwn(fields, key)) {
    return [{ at: `.${key}`, got: item, accepts: `one of ${Object.keys(fields).join(", ")} in its place` }];
  }
  const field = fields[key] as Setting;
  const secret = field.secret !== undefined;
  // A secret is often known later, and judged then.
  if (isLater(item)) return secret ? [] : [{ at: `.${key}`, got: "a value that is known later", accepts: acceptedIn(field), secret }];
  return wrongIn(field, item).map((wrong) => ({ accepts: acceptedIn(field), secret, ...wrong, at: `.${key}${wrong.at}` }));
}

function fitsInteger({ minimum = -Infinity, maximum = Infinity, orZero, values }: Setting, value: unknown): boolean {
  if (!Number.isSafeInteger(value)) return false;
  const number = value as number;
  return (orZero === true && number === 0) || (number >= minimum && number <= maximum && (values?.includes(number) ?? true));
}

function fitsValues({ values }: Setting, value: unknown): boolean {
  return values?.includes(value as string) ?? true;
}

function fitsText({ pattern, maximumLength = Infinity }: Setting, value: unknown): boolean {
  return typeof value === "string" && (pattern?.test(value) ?? true) && value.length <= maximumLength;
}

function fitsEntry({ pattern, valuePattern, maximumLength = Infinity }: Setting, key: string, value: unknown): boolean {
  if (typeof value !== "string") return false;
  return (pattern?.test(key) ?? true) && value.length <= maximumLength && (valuePattern?.test(value) ?? true);
}
