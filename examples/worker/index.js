// An application on ECS submits jobs with the client and learns of their ends within a fraction of a second, from a queue of its own.
import * as aws from "@pulumi/aws";
import { AsyncInference } from "sagemaker-async-inference";
const service = new AsyncInference("speech", { image: "speech:1", forceDestroy: true });
const worker = new aws.iam.Role("worker", {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ecs-tasks.amazonaws.com" }),
});
const ends = service.consumerQueue("ends");
service.grantSubmit(worker);
service.grantWait(worker);
ends.grantConsume(worker);
/** For the task's definition: what `SageMakerAsyncClient.fromStackOutputs(outputs, { consumerQueueUrl })` takes. */
export const outputs = service.outputs;
export const consumerQueueUrl = ends.queueUrl;
export const workerRoleArn = worker.arn;
