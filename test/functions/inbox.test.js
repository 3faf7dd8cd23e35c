import { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { inboxFunction } from "../../functions/inbox";
import { violations } from "../support/conforms";
import { startJobServices, submitSettings } from "../../doubles/jobServices";
import { deployed } from "../support/serialized";
describe("the inbox function, as Lambda runs it", () => {
    let services;
    let handler;
    let settings;
    let sequencer = 0;
    let remainingMilliseconds;
    const log = [];
    before(async () => {
        services = await startJobServices();
        settings = { ...submitSettings(services), inboxPrefix: "inbox/", formerInboxPrefixes: [], allowedInputBuckets: [] };
        handler = await deployed(inboxFunction, { settings, log, speed: 20 });
    });
    beforeEach(() => {
        services.calls.length = 0;
        services.answers.length = 0;
        log.length = 0;
        remainingMilliseconds = 60_000;
    });
    after(() => services.close());
    const deliver = (event) => handler(event, { getRemainingTimeInMillis: () => remainingMilliseconds });
    /** Uploads, and returns the event that S3 sends about it. */
    async function upload(key, body, contentType) {
        await services.putObject(key, body, contentType);
        const { ETag } = await services.s3.send(new GetObjectCommand({ Bucket: services.bucketName, Key: key }));
        const object = {
            key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
            size: body.length,
            eTag: ETag.replaceAll('"', ""),
            sequencer: `00${++sequencer}`,
        };
        return { Records: [{ eventName: "ObjectCreated:Put", s3: { bucket: { name: services.bucketName }, object } }] };
    }
    const locations = () => services.calls.map(({ headers }) => String(headers["x-amzn-sagemaker-inputlocation"]));
    it("makes an upload one job, however often S3 tells of it", async () => {
        const event = await upload("inbox/scans/Seite 1ü.png", "png", "image/png");
        await Promise.all([deliver(event), deliver(event)]);
        await deliver(event);
        const [location, ...others] = locations();
        expect(others).to.deep.equal([]);
        expect(location).to.match(/^s3:\/\/service\/input\/inbox-[0-9a-f]{32}\/Seite_1_\.png$/);
        const jobId = location.split("/")[4];
        const job = await services.job(jobId);
        expect(violations("job", job)).to.deep.equal([]);
        expect({ state: job?.state, contentType: job?.contentType, metadata: job?.metadata, inputBytes: job?.inputBytes }).to.deep.equal({
            state: "SUBMITTED",
            contentType: "image/png",
            metadata: { inboxKey: "inbox/scans/Seite 1ü.png" },
            inputBytes: 3,
        });
    });
    it("takes an upload below a prefix that was the inbox's before: its event may come after the change", async () => {
        const changed = await deployed(inboxFunction, { settings: { ...settings, formerInboxPrefixes: ["drop/", "scans/"] }, log, speed: 20 });
        await changed(await upload("scans/page.txt", "page", "text/plain"), { getRemainingTimeInMillis: () => remainingMilliseconds });
        expect(locations()).to.have.length(1);
    });
    it("gives the model what was uploaded, although the name is used again before its turn", async () => {
        const first = await upload("inbox/page.txt", "first", "text/plain");
        await deliver(first);
        const second = await upload("inbox/page.txt", "second", "text/plain");
        await deliver(second);
        const bodies = await Promise.all(locations().map(async (location) => {
            const [, , Bucket, ...key] = location.split("/");
            const { Body, ContentType } = await services.s3.send(new GetObjectCommand({ Bucket, Key: key.join("/") }));
            return [await Body?.transformToString(), ContentType];
        }));
        expect(bodies).to.deep.equal([
            ["first", "text/plain"],
            ["second", "text/plain"],
        ]);
    });
    it("makes the same file uploaded again another job", async () => {
        await deliver(await upload("inbox/again.txt", "same"));
        await deliver(await upload("inbox/again.txt", "same"));
        expect(new Set(locations()).size).to.equal(2);
    });
    it("does not run under one upload's name what a later one brought", async () => {
        const stale = await upload("inbox/stale.txt", "first");
        await upload("inbox/stale.txt", "second");
        await deliver(stale);
        expect(locations()).to.deep.equal([]);
        expect(log.map((line) => JSON.parse(line).message)).to.deep.equal([
            "upload was replaced or deleted before it became a job",
        ]);
    });
    it("can't feed itself: what is not in the inbox stays what it is, folders too", async () => {
        for (const key of ["input/x/page.png", "output/1.x/result", "inbox/folder/"])
            await deliver(await upload(key, "x"));
        expect(locations()).to.deep.equal([]);
    });
    it("has the event delivered again while the service refuses the job, and then runs it", async () => {
        const event = await upload("inbox/busy.txt", "x");
        remainingMilliseconds = 5000;
        services.answers.push({ status: 429, name: "ThrottlingException", message: "Rate exceeded" });
        const error = await deliver(event).then(() => undefined, (reason) => reason.message);
        expect(error).to.match(/^THROTTLED: /);
        await deliver(event);
        expect(new Set(locations()).size).to.equal(1);
        expect(locations().length).to.equal(2);
    });
    it("takes S3's test message, and what can't be read, without failing", async () => {
        await deliver({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "service" });
        await deliver({ Records: [{ s3: { bucket: { name: "service" }, object: { key: "%E0%A4%A" } } }] });
        expect(log.map((line) => JSON.parse(line).code)).to.deep.equal(["BAD_MESSAGE"]);
    });
});
