import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
/**
 * Loads the emulator of S3, SNS and SQS. `buildApp` takes the stores it works on, but the package doesn't export
 * their classes; they are read from its files, since what it lacks (a clock, events, conditions) can only be added there.
 */
export async function loadFauxqs() {
    // Its exports map hides its files from `require.resolve`.
    const folder = require.resolve
        .paths("fauxqs")
        ?.map((each) => join(each, "fauxqs"))
        .find(existsSync);
    if (folder === undefined)
        throw new Error("the package fauxqs is not installed: run npm ci");
    const file = (path) => pathToFileURL(join(folder, "dist", path)).href;
    const [{ buildApp }, s3, sns, sqs] = await Promise.all([
        import("fauxqs"),
        import(file("s3/s3Store.js")),
        import(file("sns/snsStore.js")),
        import(file("sqs/sqsStore.js")),
    ]);
    return { buildApp, S3Store: s3.S3Store, SnsStore: sns.SnsStore, SqsStore: sqs.SqsStore };
}
