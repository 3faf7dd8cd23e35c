import { oneLine } from "../../cli/output";
import { readInferenceId } from "../../core/records/job";
import { functionOutputs, servicesIn } from "../../outputs";
import type { StackOutputs } from "../deploy/pulumiResources";
import type { CloudEvent } from "../ports";

/** A line about what happens in the cloud, and whether it is a warning. */
export interface EventLine {
  text: string;
  isWarning: boolean;
}

/** What Lambda itself writes around what a function prints. */
const platformLine = /^(START|END|REPORT|INIT_START) /;

/** Before the words of a `console.log`: time, request and level. */
const prefix = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t\S+\t[A-Z]+\t/;

/**
 * What whoever serves a cloud wants to see of an event: what functions of the user's own print, each try of a function that fails,
 * jobs whose model failed, instances that failed with what their container printed last, warnings, refusals and injected faults.
 *
 * @param isOwn whether a function is of a service, so that its lines are not shown: see {@link serviceFunctionsOf} and `foundFunctions`
 */
export function eventLine(event: CloudEvent, isOwn: (functionName: string) => boolean): EventLine | undefined {
  switch (event.kind) {
    case "warning":
    case "denied":
      return { text: `${event.kind}: ${event.message}`, isWarning: true };
    case "invocation":
      return event.change === "failed" ? { text: modelFailure(event.inferenceId, event.detail), isWarning: true } : undefined;
    case "instance":
      return event.change === "failed"
        ? { text: `an instance of ${event.endpointName} failed: ${event.detail ?? "for an unknown reason"}`, isWarning: true }
        : undefined;
    case "fault":
      return { text: `fault: ${event.fault}${event.jobId === undefined ? "" : ` of job ${event.jobId}`}`, isWarning: false };
    case "printed":
      if (platformLine.test(event.line) || isOwn(event.functionName)) return undefined;
      return { text: `${shortName(event.functionName)}: ${event.line.replace(prefix, "").trimEnd()}`, isWarning: false };
    case "function": {
      const { functionName, change, detail } = event;
      if (change === "failed") return { text: `${shortName(functionName)}: a try failed: ${errorIn(detail)}`, isWarning: true };
      if (change === "retried") return { text: `${shortName(functionName)}: is tried again ${detail}`, isWarning: true };
      return undefined;
    }
    default:
      return undefined;
  }
}

/** Names of the functions that services are made of, from the outputs of the stacks that deployed them. */
export function serviceFunctionsOf(stacks: readonly Pick<StackOutputs, "outputs">[]): Set<string> {
  const services = stacks.flatMap(({ outputs }) => [
    outputs,
    ...servicesIn(outputs).map((name) => outputs[name] as Record<string, unknown>),
  ]);
  const named = services
    .flatMap((service) => Object.values(functionOutputs).map((output) => service[output]))
    .filter((value) => typeof value === "string");
  return new Set(named.map((nameOrArn) => nameOrArn.slice(nameOrArn.lastIndexOf(":") + 1)));
}

function modelFailure(inferenceId: string, detail = "the model failed"): string {
  const jobId = readInferenceId(inferenceId)?.jobId ?? inferenceId;
  return `job ${jobId} failed: ${oneLine(detail).trim()}`;
}

/** A function's name as its program has it, without what Pulumi puts behind. */
function shortName(functionName: string): string {
  return functionName.replace(/-[0-9a-f]{7}$/, "");
}

function errorIn(payload: string | undefined): string {
  try {
    const { errorType, errorMessage } = JSON.parse(payload ?? "") as { errorType?: string; errorMessage?: string };
    return [errorType, errorMessage].filter((word) => word !== undefined && word !== "").join(": ");
  } catch {
    return payload ?? "without a word";
  }
}
