import { ServiceError } from "../wire";

/**
 * Blanks, brackets, wildcards, signs that ARNs, URLs and shells have a meaning for, controls, and halves of surrogate pairs.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 */
const refused = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/** Checks the name of a state machine, or of an execution, whose length is right. @throws ServiceError InvalidName */
export function requireName(name: string): void {
  if (refused.test(name)) throw new ServiceError("InvalidName", `Invalid Name: '${name}'`);
}
