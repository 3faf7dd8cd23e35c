import { terminalStates } from "../core/records/job";
import { bytesOfEnvironment, environmentBytes } from "./environmentBytes";
import { fail } from "./fail";
import { show, type Problem } from "./problems";

const namePattern = /^[a-zA-Z](-?[a-zA-Z0-9])*$/;

/** Checks the name of a service: part of every resource's name, with SageMaker's characters and room for suffixes. */
export function requireServiceName(name: string): void {
  requireName("name", name, name.length <= 40, "at most 40 letters, digits and single hyphens, starting with a letter");
}

/** Checks the name of a handler. A function's name has at most 64 characters, of which Pulumi's suffix takes 8. */
export function requireHandlerName(name: string, functionName: string): void {
  requireName(
    "name",
    name,
    functionName.length <= 56,
    `letters, digits and single hyphens, starting with a letter; with the service's, ${functionName.length - name.length} to 56 characters in all`,
  );
}

function requireName(propertyPath: string, name: string, fits: boolean, accepts: string): void {
  if (!namePattern.test(name) || !fits) fail(`"${name}"`, [{ propertyPath, reason: `got ${show(name)}, expected ${accepts}` }]);
}

/** Checks what Lambda takes. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export function requireLambdaBounds(name: string, args: { timeoutSeconds: number; memoryMb: number }): void {
  fail(`function "${name}"`, outOfBounds(args, { timeoutSeconds: [1, 900], memoryMb: [128, 10240] }));
}

/**
 * Checks the variables that a handler is given besides its own.
 *
 * @param own the handler's own variables, each as long as it can be
 */
export function requireEnvironment(
  name: string,
  environment: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, string>>,
): void {
  const bytes = bytesOfEnvironment({ ...environment, ...own });
  if (bytes <= environmentBytes) return;
  const most = environmentBytes - bytesOfEnvironment(own);
  const reason =
    `got ${most + bytes - environmentBytes} bytes of names and values as JSON, expected at most ${most}: Lambda takes ${environmentBytes}, ` +
    "and the handler's own variables need the rest. Put what is long into an object in S3 or a parameter, and name that here";
  fail(`function "${name}"`, [{ propertyPath: "environment", reason }]);
}

/**
 * Checks a queue of job events. Its dead-letter queue's name has at most 80 characters, of which Pulumi's suffix takes 8.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 */
export function requireQueueArgs(
  name: string,
  args: { states?: readonly string[]; visibilityTimeoutSeconds?: number; maxReceiveCount?: number },
): void {
  requireName("name", name, name.length <= 59, "at most 59 letters, digits and single hyphens, starting with a letter");
  const { states } = args;
  const known: readonly string[] = terminalStates;
  const sound = states === undefined || (states.length > 0 && [...states].every((state) => known.includes(state)));
  fail(`queue "${name}"`, [
    ...(sound ? [] : [{ propertyPath: "states", reason: `got ${show(states)}, expected a list of one or more of ${known.join(", ")}` }]),
    ...outOfBounds<"visibilityTimeoutSeconds" | "maxReceiveCount">(args, {
      visibilityTimeoutSeconds: [0, 43_200],
      maxReceiveCount: [1, 1000],
    }),
  ]);
}

/** Whole numbers that are given and beyond their bounds, both included. */
function outOfBounds<Name extends string>(
  args: { readonly [name in Name]?: number },
  bounds: Record<Name, readonly [number, number]>,
): Problem[] {
  return (Object.keys(bounds) as Name[]).flatMap((propertyPath) => {
    const [minimum, maximum] = bounds[propertyPath];
    const value = args[propertyPath];
    if (value === undefined || (Number.isInteger(value) && value >= minimum && value <= maximum)) return [];
    return [{ propertyPath, reason: `got ${show(value)}, expected a whole number from ${minimum} to ${maximum}` }];
  });
}
