import * as pulumi from "@pulumi/pulumi";
import { contradictionsIn, valueOf } from "./contradictions";
import { acceptedBy } from "./describe";
import { judgeModel } from "./modelChecks";
import { fail } from "./fail";
import { show } from "./problems";
import { defaults } from "./settings";
import { problemsWith } from "./valueChecks";
/**
 * Everything that is wrong with arguments: types, bounds and contradictions. Undefined is "not given".
 *
 * @param given names of the arguments that are given, for rules about presence. @default those in `args`
 * @param region where the endpoint will be, when that is known
 */
export function problemsOf(args, given = givenIn(args), region) {
    const own = Object.keys(args)
        .filter((name) => args[name] !== undefined)
        .flatMap((name) => problemsWith(name, args[name]));
    const broken = new Set(own.map(({ propertyPath }) => propertyPath.replace(/[[.].*/, "")));
    // A value that is wrong in itself would only be told twice.
    const sound = Object.fromEntries(Object.entries(args).filter(([name]) => !broken.has(name)));
    return [...own, ...contradictionsIn(sound, given, region)];
}
/** Names of the arguments that say something: neither undefined nor only what is the default anyway. */
export function givenIn(args) {
    const isDefault = (name, value) => name in defaults && !isLater(value) && show(value) === show(defaults[name]);
    return new Set(Object.entries(args).flatMap(([name, value]) => (value === undefined || isDefault(name, value) ? [] : [name])));
}
const plainNames = {
    framework: true,
    functionsInVpc: true,
    instanceType: true,
    inferenceAmiVersion: true,
    volumeSizeGb: true,
    minCapacity: true,
    maxCapacity: true,
    partialScaleIn: true,
    drain: true,
    warmHours: true,
    warmMinCapacity: true,
    warmTimeZone: true,
    inboxEnabled: true,
    inputPrefix: true,
    outputPrefix: true,
    failurePrefix: true,
    inboxPrefix: true,
    formerPrefixes: true,
    inputExpirationDays: true,
    outputExpirationDays: true,
    failureExpirationDays: true,
    inboxExpirationDays: true,
    notificationsEnabled: true,
    includeInferenceResponse: true,
    successEmails: true,
    failureEmails: true,
    alarmsEnabled: true,
    alarmEmails: true,
    idleSpendAlarmUsdPerDay: true,
    dashboardEnabled: true,
    forceDestroy: true,
    protect: true,
    tags: true,
};
/**
 * Checks what is known now and lets Outputs through that check themselves when they resolve.
 *
 * @param region where the endpoint will be, when that is known
 * @throws pulumi.InputPropertiesError naming every argument that is wrong, what it got and what it accepts
 */
export function checked(subject, args, region) {
    const entries = Object.entries(args);
    const unknown = entries.filter(([name, value]) => Object.hasOwn(plainNames, name) && isLater(value));
    fail(subject, [
        ...unknown.map(([name]) => ({
            propertyPath: name,
            reason: `got a value that is known later, expected ${acceptedBy(name)}, known before anything is created`,
        })),
        ...problemsOf(knownOf(args), givenIn(args), region),
    ]);
    return Object.fromEntries(entries.map(([name, value]) => {
        if (!isLater(value))
            return [name, value];
        const check = (resolved) => {
            if (resolved !== undefined)
                fail(subject, problemsWith(name, resolved));
            return resolved;
        };
        const later = pulumi.output(value);
        return [name, later.apply(check)];
    }));
}
/** Words about arguments that can be used and may not be meant. */
export function warningsOf(args) {
    const known = knownOf(args);
    const given = givenIn(args);
    return judgeModel({ args: known, given, value: valueOf(known, given) }).warnings.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
}
/** The arguments that are known now; of an environment the variables that are. */
function knownOf(args) {
    const known = Object.entries(args).filter(([, value]) => !isLater(value));
    const { environment } = args;
    if (typeof environment === "object" && containsOutput(environment) && !isPromised(environment)) {
        known.push(["environment", Object.fromEntries(Object.entries(environment).filter(([, value]) => !isLater(value)))]);
    }
    return Object.fromEntries(known);
}
function isPromised(value) {
    return pulumi.Output.isInstance(value) || value instanceof Promise;
}
/** Whether a value, or something in it, is known later. */
export function isLater(value) {
    return isPromised(value) || containsOutput(value);
}
function containsOutput(value) {
    return typeof value === "object" && value !== null && Object.values(value).some(isPromised);
}
