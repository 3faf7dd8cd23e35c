import { expect } from "chai";
import { createMessaging } from "../../local/messaging";
import { createS3 } from "../../local/s3";
/** Adds S3, SNS and SQS, which hand messages on to each other. No function is there, and no alarm. */
export async function addStorageAndMessaging(cloud) {
    const targets = {
        invokeFunction: async () => expect.fail("no function is subscribed"),
        publish: (...message) => messaging.publish(...message),
        sendMessage: (...message) => messaging.sendMessage(...message),
        executePolicy: async () => expect.fail("no alarm exists"),
    };
    const messaging = cloud.add(await createMessaging(cloud.context, { targets }));
    cloud.add(await createS3(cloud.context, { targets }));
}
