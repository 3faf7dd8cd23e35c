import * as aws from "@pulumi/aws";
import { CallbackLambda } from "../components/callbackLambda";
import { functionVariables, measuredFunctions } from "./measuredFunctions";
// The same closures twice: as this project deploys them, and as Pulumi does when it is left alone.
const role = new aws.iam.Role("default", {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
});
for (const { name, factory } of measuredFunctions) {
    new CallbackLambda(`own-${name}`, {
        factory,
        environment: functionVariables,
        statements: [],
        timeoutSeconds: 60,
        memoryMb: 512,
        logRetentionDays: 7,
    });
    new aws.lambda.CallbackFunction(`default-${name}`, {
        callbackFactory: factory,
        role,
        runtime: aws.lambda.Runtime.NodeJS24dX,
        timeout: 60,
        memorySize: 512,
        environment: { variables: functionVariables },
    });
}
