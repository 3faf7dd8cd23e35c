import { settings, type Setting, type SettingName } from "./settings";

/** What a setting accepts, in words. */
export function acceptedBy(name: SettingName): string {
  return acceptedIn(settings[name]);
}

/** The same of one that has no name of its own: a member of a record. */
export function acceptedIn(setting: Setting): string {
  if (setting.accepts) return setting.accepts;
  if (setting.values) return `one of ${setting.values.join(", ")}`;
  if (setting.type === "boolean") return "true or false";
  const bounds = setting.maximum === undefined ? `from ${setting.minimum}` : `from ${setting.minimum} to ${setting.maximum}`;
  return `a whole number ${bounds}`;
}

/** What to do about a name that is no setting: the one that was probably meant. */
export function adviceOn(name: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const letters = (text: string) => [...plain(text)].sort().join("");
  const likeness = (setting: string) => commonStart(plain(setting), plain(name));
  const names = Object.keys(settings);
  // Letters or words that changed places.
  const mixed = names.find((setting) => letters(setting) === letters(name));
  const near = mixed ?? names.reduce((best, setting) => (likeness(setting) > likeness(best) ? setting : best));
  // Any other slip of the hand leaves more than half of a name as it should be.
  const isMeant = mixed !== undefined || (likeness(near) > 3 && likeness(near) > plain(name).length / 2);
  return isMeant ? `is not a setting: did you mean ${near}?` : "is not a setting: remove it; docs/reference.md lists them";
}

function commonStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}
