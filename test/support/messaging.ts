import { expect } from "chai";
import { createLambda } from "../../local/lambda";
import { createLogs } from "../../local/logs";
import { createMessaging } from "../../local/messaging";
import type { EventTargets } from "../../local/ports";
import { createS3 } from "../../local/s3";
import type { TestCloud } from "./cloudContext";

/** Adds S3, SNS and SQS, which hand messages on to each other. No function is there, and no alarm. */
export async function addStorageAndMessaging(cloud: TestCloud): Promise<void> {
  const targets: EventTargets = {
    invokeFunction: async () => expect.fail("no function is subscribed"),
    publish: (...message) => messaging.publish(...message),
    sendMessage: (...message) => messaging.sendMessage(...message),
    executePolicy: async () => expect.fail("no alarm exists"),
  };
  const messaging = cloud.add(await createMessaging(cloud.context, { targets }));
  cloud.add(await createS3(cloud.context, { targets }));
}

/** Adds SQS, and functions that its queues invoke. Nothing else invokes one, and no code is in a bucket. */
export async function addQueuesAndFunctions(cloud: TestCloud): Promise<void> {
  const none = async () => expect.fail("nobody sends this");
  const targets: EventTargets = { invokeFunction: none, publish: none, sendMessage: none, executePolicy: none };
  const messaging = cloud.add(await createMessaging(cloud.context, { targets }));
  const logs = cloud.add(await createLogs(cloud.context));
  const lambda = await createLambda(cloud.context, {
    metrics: { put: () => undefined },
    targets,
    logs,
    storedObject: () => expect.fail("no code is in a bucket"),
    visibilitySecondsOf: (queueArn) => messaging.visibilitySecondsOf(queueArn),
  });
  cloud.add(lambda);
}
