import { functionOutputs, servicesIn } from "../../outputs";
/** What Lambda itself writes around what a function prints. */
const platformLine = /^(START|END|REPORT|INIT_START) /;
/** Before the words of a `console.log`: time, request and level. */
const prefix = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t\S+\t[A-Z]+\t/;
/**
 * What whoever serves a cloud wants to see of an event: what functions of the user's own print, each try of a function that fails,
 * warnings, refusals and injected faults.
 *
 * @param own names of the functions whose lines are not shown: see {@link serviceFunctionsOf}
 */
export function eventLine(event, own) {
    switch (event.kind) {
        case "warning":
        case "denied":
            return { text: `${event.kind}: ${event.message}`, isWarning: true };
        case "fault":
            return { text: `fault: ${event.fault}${event.jobId === undefined ? "" : ` of job ${event.jobId}`}`, isWarning: false };
        case "printed":
            if (own.has(event.functionName) || platformLine.test(event.line))
                return undefined;
            return { text: `${shortName(event.functionName)}: ${event.line.replace(prefix, "").trimEnd()}`, isWarning: false };
        case "function": {
            const { functionName, change, detail } = event;
            if (change === "failed")
                return { text: `${shortName(functionName)}: a try failed: ${errorIn(detail)}`, isWarning: true };
            if (change === "retried")
                return { text: `${shortName(functionName)}: is tried again ${detail}`, isWarning: true };
            return undefined;
        }
        default:
            return undefined;
    }
}
/** Names of the functions that services are made of, from the outputs of the stacks that deployed them. */
export function serviceFunctionsOf(stacks) {
    const services = stacks.flatMap(({ outputs }) => [
        outputs,
        ...servicesIn(outputs).map((name) => outputs[name]),
    ]);
    const named = services
        .flatMap((service) => Object.values(functionOutputs).map((output) => service[output]))
        .filter((value) => typeof value === "string");
    return new Set(named.map((nameOrArn) => nameOrArn.slice(nameOrArn.lastIndexOf(":") + 1)));
}
/** A function's name as its program has it, without what Pulumi puts behind. */
function shortName(functionName) {
    return functionName.replace(/-[0-9a-f]{7}$/, "");
}
function errorIn(payload) {
    try {
        const { errorType, errorMessage } = JSON.parse(payload ?? "");
        return [errorType, errorMessage].filter((word) => word !== undefined && word !== "").join(": ");
    }
    catch {
        return payload ?? "without a word";
    }
}
