import * as library from "@aws-sdk/client-s3";
import { expect } from "chai";
import { AsyncInferenceError } from "../../../client/errors";
import { createLocationWaiter } from "../../../client/waiting/locations";
import { createServiceClock } from "../../../core/serviceClock";
import { AwsProxy, s3Fault } from "../../../doubles/awsProxy";
import { startJobServices } from "../../../doubles/jobServices";
import { outcomeOf, SteppedTime } from "../../support/steppedTime";
describe("waiting without a table", () => {
    let services;
    let proxy;
    before(async () => {
        services = await startJobServices();
        proxy = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_S3"]);
    });
    after(async () => {
        await proxy.close();
        await services.close();
    });
    let time;
    let s3;
    let waiter;
    let name;
    let tests = 0;
    beforeEach(() => {
        time = new SteppedTime(Date.parse("2026-01-25T22:46:00.000Z"));
        name = `test-${++tests}`;
        s3 = time.watch(new library.S3Client({ endpoint: proxy.url, maxAttempts: 1 }));
        waiter = newWaiter();
        proxy.counted();
        proxy.faults.splice(0);
    });
    afterEach(() => {
        waiter.close();
        s3.destroy();
    });
    function newWaiter(prefixes = []) {
        return createLocationWaiter({ s3, library, clock: createServiceClock(time), pollIntervalSeconds: 1, prefixes });
    }
    const soon = (seconds = 1200) => ({ deadline: time.now() + seconds * 1000 });
    const outputKey = (job) => `output/${name}/${job}/result`;
    const failureKey = (job) => `failure/${name}/${job}-error.out`;
    const locations = (job) => ({
        outputLocation: `s3://${services.bucketName}/${outputKey(job)}`,
        failureLocation: `s3://${services.bucketName}/${failureKey(job)}`,
    });
    const completed = (job) => ({ value: { kind: "completed", location: locations(job).outputLocation } });
    const failed = (job) => ({ value: { kind: "failed", location: locations(job).failureLocation } });
    async function errorOf(promise) {
        const error = await promise.then(() => undefined, (thrown) => thrown);
        expect(error).to.be.instanceOf(AsyncInferenceError);
        return { ...error.toJSON() };
    }
    it("tells of a failure as fast as of a success", async () => {
        const outcomes = ["good", "bad"].map((job) => outcomeOf(waiter.wait(locations(job), soon())));
        await time.pass(3.5);
        await services.putObject(outputKey("good"), "{}");
        await services.putObject(failureKey("bad"), "no");
        await time.pass(1.1);
        expect(outcomes).to.deep.equal([completed("good"), failed("bad")]);
        proxy.counted();
        await time.pass(60);
        expect(proxy.counted(), "when nobody waits").to.deep.equal({});
    });
    it("asks the more rarely the older a job is, so that a long one costs little more than a short one", async () => {
        const outcome = outcomeOf(waiter.wait(locations("long"), soon()));
        await time.pass(60);
        const first = proxy.counted();
        expect(first["ListObjectsV2"], "whether the bucket exists").to.equal(1);
        expect(first["HeadObject"]).to.be.within(2 * 12, 2 * 20);
        await time.pass(600);
        expect(proxy.counted()["HeadObject"]).to.be.within(2 * 58, 2 * 62);
        await services.putObject(outputKey("long"), "{}");
        await time.pass(10.5);
        expect(outcome).to.deep.equal(completed("long"));
    });
    it("reports the result when both objects are there, and when it came before the error object did", async () => {
        await services.putObject(outputKey("both"), "{}");
        await services.putObject(failureKey("both"), "too late");
        const both = outcomeOf(waiter.wait(locations("both"), soon()));
        await time.pass(1);
        expect(both).to.deep.equal(completed("both"));
        // What the service does between a look at the one and a look at the other.
        let heads = 0;
        s3.middlewareStack.add((next, context) => async (args) => {
            const isOutput = args.input.Key === outputKey("race");
            const answer = await next(args).catch(async (error) => {
                if (context["commandName"] === "HeadObjectCommand" && isOutput && ++heads === 1) {
                    await services.putObject(outputKey("race"), "{}");
                    await services.putObject(failureKey("race"), "too late");
                }
                throw error;
            });
            return answer;
        }, { step: "initialize" });
        const race = outcomeOf(waiter.wait(locations("race"), soon()));
        await time.pass(3);
        expect(race).to.deep.equal(completed("race"));
    });
    it("lists a common prefix once a second instead of asking for every object", async () => {
        waiter = newWaiter([`s3://${services.bucketName}/output/${name}/`, `s3://${services.bucketName}/failure/${name}/`]);
        const jobs = Array.from({ length: 200 }, (_, index) => `job-${String(index).padStart(3, "0")}`);
        const outcomes = jobs.map((job) => outcomeOf(waiter.wait(locations(job), soon())));
        await time.pass(9.5);
        expect(proxy.counted()).to.deep.equal({ ListObjectsV2: 20 });
        await services.putObject(outputKey("job-007"), "{}");
        await services.putObject(failureKey("job-008"), "no");
        await time.pass(1);
        expect(outcomes.filter(({ value }) => value !== undefined)).to.deep.equal([completed("job-007"), failed("job-008")]);
        // The result of the failed job was asked for once more.
        expect(proxy.counted()).to.deep.include({ ListObjectsV2: 2, HeadObject: 1 });
    });
    it("does not read a prefix to its end that holds more than the jobs would cost", async () => {
        const answers = [];
        const page = (body) => `<ListBucketResult><Name>service</Name><KeyCount>1</KeyCount>${body}</ListBucketResult>`;
        const full = { status: 200, headers: { "content-type": "application/xml" } };
        for (let index = 0; index < 20; index++) {
            const key = `output/${name}/a${String(index).padStart(6, "0")}`;
            answers.push(page(`<Contents><Key>${key}</Key></Contents><IsTruncated>true</IsTruncated><NextContinuationToken>t${index}</NextContinuationToken>`));
        }
        for (const body of answers)
            proxy.fail("ListObjectsV2", { ...full, body });
        waiter = newWaiter([`s3://${services.bucketName}/output/${name}/`]);
        await services.putObject(outputKey("z2"), "{}");
        const outcomes = ["z1", "z2", "z3"].map((job) => outcomeOf(waiter.wait({ outputLocation: locations(job).outputLocation }, soon())));
        await time.pass(5);
        expect(outcomes).to.deep.equal([{}, completed("z2"), {}]);
        // Three jobs are three requests: no more pages than that, and then none for a minute.
        expect(proxy.counted()).to.deep.equal({ HeadObject: 3 + 4 * 2, ListObjectsV2: 3 });
    });
    it("says at once that the bucket does not exist, which asking for an object would never tell", async () => {
        const settled = errorOf(waiter.wait({ outputLocation: "s3://no-such-bucket/output/a" }, soon()));
        await time.pass(0.1);
        const { code, advice } = await settled;
        expect({ code, advice }).to.deep.equal({
            code: "NOT_FOUND",
            advice: "Look whether bucket, table and region are those of the deployed service.",
        });
    });
    it("says at once that it may not list the bucket: a missing object would read as forbidden for ever", async () => {
        // The bucket was listed before: rights change.
        const there = outcomeOf(waiter.wait({ outputLocation: await services.putObject(outputKey("there"), "{}") }, soon()));
        await time.pass(1);
        expect(there).to.deep.equal(completed("there"));
        proxy.fail("HeadObject", { status: 403 });
        proxy.fail("ListObjectsV2", s3Fault(403, "AccessDenied", "Access Denied"));
        const settled = errorOf(waiter.wait({ outputLocation: locations("open").outputLocation }, soon()));
        await time.pass(0.1);
        expect(await settled).to.deep.equal({
            code: "ACCESS_DENIED",
            message: "AccessDenied: Access Denied",
            retryable: false,
            advice: `Add to the caller's role: {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::service"}`,
        });
    });
    it("says at once that it may not read results, when it is that", async () => {
        proxy.fail("HeadObject", { status: 403 });
        const settled = errorOf(waiter.wait({ outputLocation: locations("open").outputLocation }, soon()));
        await time.pass(0.1);
        const { code, advice } = await settled;
        expect({ code, advice }).to.deep.equal({
            code: "ACCESS_DENIED",
            advice: `Add to the caller's role: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::service/output/*"}`,
        });
    });
    it("tells of a result although failures may not be read", async () => {
        await services.putObject(outputKey("good"), "{}");
        s3.middlewareStack.add((next) => async (args) => {
            if (args.input.Key?.startsWith("failure/"))
                throw Object.assign(new Error("no"), { $metadata: { httpStatusCode: 403 } });
            return next(args);
        }, { step: "initialize" });
        const outcome = outcomeOf(waiter.wait(locations("good"), soon()));
        await time.pass(0.1);
        expect(outcome).to.deep.equal(completed("good"));
    });
    for (const [what, fault] of [
        ["throttling", { status: 503 }],
        ["server errors", { status: 500 }],
        ["connections that are reset", "reset"],
    ]) {
        it(`outlasts a burst of ${what}`, async () => {
            proxy.fail("ListObjectsV2", fault, 2);
            proxy.fail("HeadObject", fault, 4);
            await services.putObject(outputKey("late"), "{}");
            const outcome = outcomeOf(waiter.wait(locations("late"), soon()));
            await time.pass(20);
            expect(outcome).to.deep.equal(completed("late"));
        });
    }
    it("ends when its time is up, when its caller says so, and when the client is closed", async () => {
        const controller = new AbortController();
        const { outputLocation } = locations("never");
        const settled = [
            errorOf(waiter.wait(locations("never"), soon(5))),
            errorOf(waiter.wait(locations("never"), { ...soon(), signal: controller.signal })),
            errorOf(waiter.wait(locations("never"), soon())),
            errorOf(waiter.wait(locations("never"), { ...soon(), signal: AbortSignal.abort() })),
        ];
        await time.pass(3);
        controller.abort();
        await time.pass(3);
        waiter.close();
        const ends = await Promise.all(settled);
        expect(ends.map(({ code, message }) => [code, message])).to.deep.equal([
            ["WAIT_TIMEOUT", `The wait for the result at ${outputLocation} took as long as it may.`],
            ["ABORTED", `The wait for the result at ${outputLocation} was aborted.`],
            ["ABORTED", "The client was closed while somebody waited."],
            ["ABORTED", `The wait for the result at ${outputLocation} was aborted.`],
        ]);
    });
    it("refuses a location that is none", async () => {
        const { code, field, message } = await errorOf(waiter.wait({ outputLocation: "output/a" }, soon()));
        expect({ code, field, message }).to.deep.equal({
            code: "BAD_INPUT",
            field: "outputLocation",
            message: `outputLocation: got "output/a", expected s3://bucket/key`,
        });
    });
});
