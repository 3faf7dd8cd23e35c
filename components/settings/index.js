import { endpointSettings } from "./endpoint";
import { jobsSettings } from "./jobs";
import { modelSettings } from "./model";
import { operationSettings } from "./operation";
import { scalingSettings } from "./scaling";
import { storageSettings } from "./storage";
/** Every setting of the stack file and argument of the component, in the order of the reference's table. */
export const settings = {
    ...modelSettings,
    ...endpointSettings,
    ...scalingSettings,
    ...jobsSettings,
    ...storageSettings,
    ...operationSettings,
};
/** The settings that have a default, with it. */
export const defaults = Object.fromEntries(Object.entries(settings).flatMap(([name, setting]) => setting.default === undefined ? [] : [[name, setting.default]]));
/** Fills in the defaults of what isn't given. */
export function withDefaults(args) {
    return { ...defaults, ...Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) };
}
