/** Environment of a function of the service: its typed settings as one JSON document. {@link readSettings} reads them. */
export interface SettingsEnvironment {
  SETTINGS: string;
}

/** What functions that move jobs need to know besides the rules' own settings. Names as in the stack's outputs. */
export interface JobResources {
  jobTableName: string;
  jobsTopicArn: string;
}

/** The settings that the function's environment carries, as `CallbackLambda` wrote them. */
export function readSettings<Settings>(): Settings {
  const text = process.env["SETTINGS"];
  if (text === undefined) throw new Error("The environment variable SETTINGS is not set.");
  return JSON.parse(text) as Settings;
}
