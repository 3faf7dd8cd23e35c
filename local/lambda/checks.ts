import { isDenial } from "../identity/denials";
import { functionNetworkNeeds, type Network } from "../network";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import type { FunctionDefinition } from "./definition";
import { destinationService } from "./destinations";

/** What encrypting variables under a customer's key takes; the function itself reads them by a grant. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html */
const keyUses = ["Encrypt", "CreateGrant"];
const destinationActions = { sqs: "sqs:SendMessage", sns: "sns:Publish", lambda: "lambda:InvokeFunction" };

/** Whether Lambda may act as the role. */
export function requireAssumable({ access }: CloudContext, roleArn: string, functionArn: string): void {
  inItsWords(
    () => access.requireAssumable(roleArn, { principal: "lambda.amazonaws.com", sourceArn: functionArn }),
    () => "The role defined for the function cannot be assumed by Lambda.",
  );
}

/** Whether whoever deploys may have variables encrypted with the key. */
export function requireKey({ access }: CloudContext, kmsKeyArn: string | undefined): void {
  access.requireKeyOfDeployer("lambda", kmsKeyArn, keyUses);
}

/** As Lambda does before it makes interfaces in a customer's network. */
export function requireNetwork(context: CloudContext, roleArn: string, name: string, network: Network): void {
  for (const need of functionNetworkNeeds(context, network)) {
    inItsWords(
      () => context.access.requireRole(roleArn, name, need),
      () => `The provided execution role does not have permissions to call ${need.action.split(":")[1]} on EC2`,
    );
  }
}

/** As Lambda does when a destination is configured. */
export function requireSendable({ access }: CloudContext, { roleArn, name }: FunctionDefinition, destinationArn: string): void {
  const service = destinationService(destinationArn);
  if (service === undefined) return;
  const action = destinationActions[service];
  inItsWords(
    () => access.requireRole(roleArn, name, { action, resource: destinationArn }),
    () => `The function's execution role does not have permissions to call ${action.split(":")[1]} on ${destinationArn}`,
  );
}

/** As Lambda does before it polls a queue. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions */
export function requireReceivable({ access }: CloudContext, { roleArn, name }: FunctionDefinition, queueArn: string): void {
  for (const action of ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"]) {
    inItsWords(
      () => access.requireRole(roleArn, name, { action: `sqs:${action}`, resource: queueArn }),
      () => `The provided execution role does not have permissions to call ${action} on SQS`,
    );
  }
}

function inItsWords(check: () => void, words: () => string): void {
  try {
    check();
  } catch (error) {
    if (!isDenial(error)) throw error;
    throw new ServiceError("InvalidParameterValueException", words());
  }
}
