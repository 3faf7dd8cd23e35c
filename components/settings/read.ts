import type { Setting } from "./setting";

/** What a stack file's text says for a setting's type; undefined when it says nothing of that type. */
export function readText(setting: Setting, text: string): unknown {
  switch (setting.type) {
    case "string":
      return text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case "strings": {
      const list = json(text);
      return Array.isArray(list) ? list : undefined;
    }
    case "map": {
      const map = json(text);
      if (!isObject(map)) return undefined;
      // `pulumi config set --path` stores what looks like a number or a boolean as one.
      return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, isScalar(item) ? String(item) : item]));
    }
    case "record":
      return readRecord(setting, json(text));
    case "records": {
      const records = json(text);
      if (!isObject(records)) return undefined;
      return Object.fromEntries(Object.entries(records).map(([name, record]) => [name, readRecord(setting, record) ?? record]));
    }
  }
}

function readRecord({ fields }: Setting, record: unknown): object | undefined {
  if (!isObject(record)) return undefined;
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, readField(fields?.[key], item)]));
}

/** A member of a record: text, where another type is wanted, is read as the stack file's own text is. */
function readField(field: Setting | undefined, item: unknown): unknown {
  return field === undefined || typeof item !== "string" ? item : (readText(field, item) ?? item);
}

/** What was given, as its author wrote it: lists and maps come as JSON. */
export function writtenIn(setting: Setting, text: string): unknown {
  return ["strings", "map", "record", "records"].includes(setting.type) ? (json(text) ?? text) : text;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}
