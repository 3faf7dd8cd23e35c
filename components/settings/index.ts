import type { AsyncInferenceArgs } from "../args";
import { endpointSettings } from "./endpoint";
import { jobsSettings } from "./jobs";
import { modelSettings } from "./model";
import { operationSettings } from "./operation";
import { scalingSettings } from "./scaling";
import type { Setting } from "./setting";
import { storageSettings } from "./storage";

export type { Setting };

/** Every setting of the stack file and argument of the component, in the order of the reference's table. */
export const settings = {
  ...modelSettings,
  ...endpointSettings,
  ...scalingSettings,
  ...jobsSettings,
  ...storageSettings,
  ...operationSettings,
} as const satisfies Record<keyof AsyncInferenceArgs, Setting>;

/** Name of a setting. */
export type SettingName = keyof typeof settings;

/** The settings that have a default, with it. */
export const defaults = Object.fromEntries(
  Object.entries(settings as Record<string, Setting>).flatMap(([name, setting]) =>
    setting.default === undefined ? [] : [[name, setting.default]],
  ),
) as { [Name in SettingName as (typeof settings)[Name] extends { default: unknown } ? Name : never]: DefaultOf<Name> };

type DefaultOf<Name extends SettingName> = Extract<
  NonNullable<AsyncInferenceArgs[Name]>,
  string | number | boolean | string[] | Record<string, string>
>;

/** Arguments with every default filled in that does not depend on other settings. */
export type Settings = Omit<AsyncInferenceArgs, keyof typeof defaults> & Required<Pick<AsyncInferenceArgs, keyof typeof defaults>>;

/** Fills in the defaults of what isn't given. */
export function withDefaults(args: AsyncInferenceArgs): Settings {
  return { ...defaults, ...Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) };
}
