import { expect } from "chai";
import * as fc from "fast-check";
import { codedError } from "../../../core/records/errors";
import { isTerminal } from "../../../core/records/job";
import { lookAfter } from "../../../core/lifecycle/lookAfter";
import { settle } from "../../../core/lifecycle/settle";
import { answerRequest } from "../../../core/lifecycle/submit";
import { violations } from "../../support/conforms";
import { intercepted, suiteJobs, testPorts, testSettings } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";
const never = Number.MAX_SAFE_INTEGER;
const modelError = "ClientError: Received server error (500) from model.";
const killed = "InternalServerException";
const completed = (attempt, jobId) => {
    const inferenceId = `${attempt}.${jobId}`;
    return { kind: "completed", inferenceId, outputLocation: `s3://service/output/${inferenceId}/result` };
};
const failed = (attempt, jobId, reason) => ({ kind: "failed", inferenceId: `${attempt}.${jobId}`, reason });
describe("the life of a job", () => {
    const jobs = suiteJobs();
    let count = 0;
    const newId = () => `job-${++count}`;
    const submit = (ports, request) => answerRequest(ports, testSettings, request, never);
    const get = async (jobId) => {
        const job = (await jobs.get(jobId));
        expect(violations("job", job)).to.deep.equal([]);
        return job;
    };
    it("has one end, told the same to everybody, whatever the order in which its attempts' messages are handled", async () => {
        const message = fc.record({
            attempt: fc.integer({ min: 1, max: 3 }),
            what: fc.constantFrom("completed", modelError, killed, "The request expired"),
        });
        await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(message, { minLength: 2, maxLength: 4 }), fc.constantFrom("rerun", "wait"), async (scheduler, messages, onDoubt) => {
            const jobId = newId();
            await jobs.create(openJob({ jobId, attempt: 2, onDoubt }));
            const ends = new Set();
            const world = testPorts(jobs);
            const ports = intercepted(world, async (name, call) => {
                await scheduler.schedule(Promise.resolve(), name);
                const result = await call();
                const job = name === "jobs.change" ? result : undefined;
                if (job && isTerminal(job.state))
                    ends.add(`${job.state} ${job.endedAt} ${job.inferenceId}`);
                return result;
            });
            await scheduler.waitFor(Promise.all(messages.map(({ attempt, what }) => settle(ports, testSettings, what === "completed" ? completed(attempt, jobId) : failed(attempt, jobId, what), never))));
            const job = await get(jobId);
            expect([...ends]).to.deep.equal(isTerminal(job.state) ? [`${job.state} ${job.endedAt} ${job.inferenceId}`] : []);
            expect([...new Set(world.published.map((event) => event.job.state))]).to.deep.equal(isTerminal(job.state) ? [job.state] : []);
            expect(world.logged.filter((line) => "_aws" in line).length).to.equal(ends.size);
            expect(job.announcedAt === undefined).to.equal(!isTerminal(job.state));
            const invoked = world.invocations.map(({ inferenceId }) => inferenceId);
            expect(invoked).to.deep.equal([...new Set(invoked)]);
            if (onDoubt === "wait")
                expect(invoked).to.deep.equal([]);
            // Only its newest attempt may have failed it.
            if (isTerminal(job.state) && job.state !== "COMPLETED")
                expect(job.inferenceId).to.equal(`${job.attempt}.${jobId}`);
        }), { numRuns: 60 });
    });
    it("keeps its end, whichever it is and whatever comes later", async () => {
        const ends = ["COMPLETED", "FAILED", "EXPIRED", "CANCELLED"];
        for (const state of ends) {
            const jobId = newId();
            const ended = openJob({ jobId, state, outputLocation: "s3://service/output/x", endedAt: "2026-01-25T22:47:00.000Z", expiresAt: 1 });
            const record = {
                ...ended,
                ...(state === "COMPLETED" ? {} : { error: codedError("CANCELLED", "") }),
                announcedAt: "2026-01-25T22:47:00.000Z",
            };
            await jobs.create(record);
            const ports = testPorts(jobs);
            for (const later of [completed(1, jobId), failed(1, jobId, modelError), failed(1, jobId, killed)]) {
                await settle(ports, testSettings, later, never);
            }
            expect(await jobs.get(jobId)).to.deep.equal(record);
            expect([ports.published, ports.invocations]).to.deep.equal([[], []]);
        }
    });
    it("completes although the notification overtakes the answer to the call", async () => {
        const jobId = newId();
        const world = testPorts(jobs);
        const ports = intercepted(world, async (name, call) => {
            const result = await call();
            if (name === "endpoint.invoke")
                await settle(world, testSettings, completed(1, jobId), never);
            return result;
        });
        const { statusCode, state } = await submit(ports, { jobId, input: 1 });
        expect({ statusCode, state }).to.deep.equal({ statusCode: 200, state: "COMPLETED" });
        expect(world.published.length).to.equal(1);
    });
    it("stops running again once the lost attempt turns out to have completed", async () => {
        const jobId = newId();
        const world = testPorts(jobs);
        world.outcomes.push({ kind: "unknown", error: codedError("IN_DOUBT", "lost") });
        const sleep = world.clock.sleep.bind(world.clock);
        world.clock.sleep = async (milliseconds) => {
            await settle(world, testSettings, completed(1, jobId), never);
            return sleep(milliseconds);
        };
        expect((await submit(world, { jobId, input: 1 })).state).to.equal("COMPLETED");
        expect(world.invocations.map(({ inferenceId }) => inferenceId)).to.deep.equal([`1.${jobId}`]);
    });
    it("stays open after its last attempt was lost, and is looked at in five minutes", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        const lost = { kind: "unknown", error: codedError("IN_DOUBT", "lost") };
        ports.outcomes.push(lost, lost, lost);
        const { state, inferenceId } = await submit(ports, { jobId, input: 1 });
        expect({ state, inferenceId }).to.deep.equal({ state: "INVOKING", inferenceId: `3.${jobId}` });
        const { dueAt, invokingAt } = await get(jobId);
        const seconds = Math.round((Date.parse(dueAt) - Date.parse(invokingAt)) / 1000);
        expect(seconds).to.equal(300);
        expect((await submit(ports, { jobId, input: 1 })).inferenceId).to.equal(`3.${jobId}`);
    });
    it("starts no further attempt that its function has no time for, and leaves it to whoever comes next", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        ports.outcomes.push({ kind: "unknown", error: codedError("IN_DOUBT", "lost") });
        const { state } = await answerRequest(ports, testSettings, { jobId, input: 1 }, ports.clock.now() + 1000);
        expect([state, ports.invocations.length]).to.deep.equal(["INVOKING", 1]);
        expect(Date.parse((await get(jobId)).dueAt)).to.be.at.most(ports.clock.now());
        expect((await submit(ports, { jobId, input: 1 })).inferenceId).to.equal(`2.${jobId}`);
    });
    it("is completed by its first attempt although the second is being refused, and then nothing speaks of the refusal", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        const refusal = codedError("THROTTLED", "busy");
        await jobs.create(openJob({ jobId, state: "INVOKING", attempt: 2, inputHash: ports.hash("1"), refusal }));
        await settle(ports, testSettings, completed(1, jobId), never);
        const { state, refusal: left } = await get(jobId);
        expect([state, left]).to.deep.equal(["COMPLETED", undefined]);
        expect((await submit(ports, { jobId, input: 1 })).statusCode).to.equal(200);
    });
    it("is not moved by a message about an attempt that was never made", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        const job = openJob({ jobId });
        await jobs.create(job);
        for (const foreign of [failed(2, jobId, killed), failed(2, jobId, modelError), completed(2, jobId)]) {
            await settle(ports, testSettings, foreign, never);
        }
        expect([await get(jobId), ports.invocations]).to.deep.equal([job, []]);
    });
    it("is known again by its endpoint's name in any case: the service keeps names in one of its own", async () => {
        const jobId = newId();
        await jobs.create(openJob({ jobId }));
        await settle(testPorts(jobs), testSettings, { ...completed(1, jobId), endpointName: "OCR" }, never);
        expect((await get(jobId)).state).to.equal("COMPLETED");
    });
    it("is not waited for while the service refuses it: only its caller can send it again", async () => {
        const ports = testPorts(jobs);
        ports.outcomes.push(...Array.from({ length: 6 }, () => ({ kind: "refused", error: codedError("THROTTLED", "busy") })));
        const start = ports.clock.now();
        const { statusCode } = await submit(ports, { jobId: newId(), input: 1, waitSeconds: 600 });
        expect(statusCode).to.equal(429);
        expect(ports.clock.now() - start).to.be.below(60_000);
    });
    it("does not pass what the service said of a killed attempt off as said of the next", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        const submittedAt = "2026-01-25T22:46:00.000Z";
        await jobs.create(openJob({ jobId, submittedAt, outputLocation: "s3://service/output/1", failureLocation: "s3://service/failure/1" }));
        const lost = { kind: "unknown", error: codedError("IN_DOUBT", "lost") };
        ports.outcomes.push(lost, lost);
        await settle(ports, testSettings, failed(1, jobId, killed), never);
        const job = await get(jobId);
        expect([job.inferenceId, job.submittedAt, job.outputLocation, job.failureLocation]).to.deep.equal([
            `3.${jobId}`,
            undefined,
            undefined,
            undefined,
        ]);
    });
    /** Ports that die at the n-th call, before or after it takes effect, and everything that they do later with them. */
    function dying(world, at, when) {
        let calls = 0;
        return intercepted(world, async (name, call) => {
            calls++;
            if (calls > at || (calls === at && when === "before"))
                throw new Error(`crash before ${name}`);
            const result = await call();
            if (calls === at)
                throw new Error(`crash after ${name}`);
            return result;
        });
    }
    /** Runs `work` with a crash at each of its steps in turn, until it gets through; returns how many there were. */
    async function withEveryCrash(work) {
        for (const when of ["before", "after"]) {
            for (let at = 1;; at++) {
                if (!(await work((world) => dying(world, at, when))))
                    break;
                expect(at).to.be.lessThan(20);
            }
        }
    }
    /** Whether it crashed. Coded errors are answers to a caller, not crashes. */
    const crashes = (work) => work.then(() => false, (error) => {
        if (!error.message.startsWith("crash"))
            throw error;
        return true;
    });
    for (const onDoubt of ["rerun", "wait"])
        for (const inCall of [false, true]) {
            it(`survives a crash between any two steps of a submission: the same request finishes it (${onDoubt}${inCall ? ", input in the call" : ""})`, async () => {
                await withEveryCrash(async (crash) => {
                    const jobId = newId();
                    const world = testPorts(jobs);
                    world.takesInput = inCall ? true : undefined;
                    const request = { jobId, input: { page: 1 }, onDoubt };
                    const crashed = await crashes(submit(crash(world), request));
                    await submit(world, request);
                    world.pass(130);
                    const { state } = await submit(world, request);
                    const job = await get(jobId);
                    const invoked = world.invocations.map(({ inferenceId }) => inferenceId);
                    expect(invoked).to.deep.equal([...new Set(invoked)]);
                    if (onDoubt === "wait")
                        expect(invoked).to.deep.equal(invoked.slice(0, 1));
                    // What must not run twice, and may have run, waits: it was recorded as about to be called.
                    else
                        expect(state).to.equal("SUBMITTED");
                    if (state === "INVOKING")
                        expect(job.attempt).to.equal(1);
                    // Wherever it crashed: further attempts find their input.
                    expect(new TextDecoder().decode(inCall ? job.input : world.stored.get(job.inputLocation)?.body)).to.equal('{"page":1}');
                    expect(world.stored.size).to.equal(inCall ? 0 : 1);
                    return crashed;
                });
            });
        }
    it("survives a crash between any two steps of its end: the notification, delivered again, finishes it", async () => {
        await withEveryCrash(async (crash) => {
            const jobId = newId();
            const world = testPorts(jobs);
            await jobs.create(openJob({ jobId }));
            const crashed = await crashes(settle(crash(world), testSettings, completed(1, jobId), never));
            await settle(world, testSettings, completed(1, jobId), never);
            const job = await get(jobId);
            expect([job.state, job.announcedAt === undefined, job.dueAt]).to.deep.equal(["COMPLETED", false, undefined]);
            expect([...new Set(world.published.map((event) => event.job.jobId))]).to.deep.equal([jobId]);
            return crashed;
        });
    });
    it("survives a crash between any two steps of another attempt: the failure, delivered again, brings it about", async () => {
        await withEveryCrash(async (crash) => {
            const jobId = newId();
            const world = testPorts(jobs);
            await jobs.create(openJob({ jobId }));
            const crashed = await crashes(settle(crash(world), testSettings, failed(1, jobId, killed), never));
            world.pass(130);
            await settle(world, testSettings, failed(1, jobId, killed), never);
            const job = await get(jobId);
            expect(job.state).to.equal("SUBMITTED");
            expect(world.invocations.at(-1)?.inferenceId).to.equal(job.inferenceId);
            return crashed;
        });
    });
    for (const takesInput of [undefined, true])
        it(`moves on although the SDK sent each write twice, and the second failed on the first (input in the call: ${takesInput})`, async () => {
            const jobId = newId();
            const world = testPorts(jobs);
            world.takesInput = takesInput;
            const ports = intercepted(world, async (name, call) => {
                const result = await call();
                return name === "jobs.change" || name === "jobs.create" ? call() : result;
            });
            expect((await submit(ports, { jobId, input: 1 })).state).to.equal("SUBMITTED");
            await settle(ports, testSettings, completed(1, jobId), never);
            expect((await get(jobId)).state).to.equal("COMPLETED");
            expect([world.invocations.length, world.published.length]).to.deep.equal([1, 1]);
            expect(world.logged.filter((line) => "_aws" in line).length).to.equal(1);
        });
    describe("with a small input, once the service has taken one in the call", () => {
        /** Ports that note the steps of a job by their names. */
        function noted(changes = {}) {
            const world = Object.assign(testPorts(jobs), { takesInput: true }, changes);
            const steps = [];
            const ports = intercepted(world, (name, call) => {
                steps.push(name);
                return call();
            });
            return { world, ports, steps };
        }
        it("is accepted, recorded as invoked and kept for further attempts by one write; the record drops it when the job ends", async () => {
            const jobId = newId();
            const { world, ports, steps } = noted();
            const answer = await submit(ports, { jobId, input: { page: 1 } });
            expect([answer.state, steps]).to.deep.equal(["SUBMITTED", ["jobs.create", "endpoint.invoke", "jobs.change"]]);
            const [{ input: sent }] = world.invocations;
            expect("body" in sent && new TextDecoder().decode(sent.body)).to.equal('{"page":1}');
            const open = await get(jobId);
            expect([open.inputInCall, new TextDecoder().decode(open.input)]).to.deep.equal([true, '{"page":1}']);
            await settle(world, testSettings, completed(1, jobId), never);
            const ended = await get(jobId);
            expect([ended.state, ended.inputInCall, ended.input]).to.deep.equal(["COMPLETED", true, undefined]);
            expect(world.published.map((event) => event.job.input)).to.deep.equal([undefined]);
        });
        it("runs again with it when its attempt was killed", async () => {
            const jobId = newId();
            const { world } = noted();
            await submit(world, { jobId, input: "again" });
            await settle(world, testSettings, failed(1, jobId, killed), never);
            const bodies = world.invocations.map(({ input }) => "body" in input && new TextDecoder().decode(input.body));
            expect([world.invocations.map(({ inferenceId }) => inferenceId), bodies]).to.deep.equal([
                [`1.${jobId}`, `2.${jobId}`],
                ['"again"', '"again"'],
            ]);
        });
        it("is placed in S3 for a further attempt when the service takes none in the call any more", async () => {
            const jobId = newId();
            const { world } = noted();
            await submit(world, { jobId, input: "again" });
            const { endpoint } = world;
            world.endpoint = {
                ...endpoint,
                invoke: async (invocation) => {
                    const { input } = invocation;
                    return endpoint.invoke({ ...invocation, input: "body" in input ? { location: await input.place() } : input });
                },
            };
            await settle(world, testSettings, failed(1, jobId, killed), never);
            const { inputLocation } = await get(jobId);
            expect(world.invocations.at(-1)?.input).to.deep.equal({ location: inputLocation });
            expect(new TextDecoder().decode(world.stored.get(inputLocation)?.body)).to.equal('"again"');
        });
        it("stays accepted, input and all, while new jobs are held, and the sweeper invokes it with nothing in S3", async () => {
            const jobId = newId();
            const floor = { isUp: () => Promise.resolve(false), hold: () => Promise.resolve("2026-01-25T22:00:00.000Z") };
            const { world } = noted();
            const { state } = await submit(Object.assign(world, { floor }), { jobId, input: "held" });
            expect([state, world.stored.size, world.invocations]).to.deep.equal(["ACCEPTED", 0, []]);
            world.pass(130);
            await lookAfter(world, testSettings, await get(jobId));
            expect([(await get(jobId)).state, world.stored.size]).to.deep.equal(["SUBMITTED", 0]);
        });
        for (const [what, bytes, inRecord] of [
            ["as large as a record keeps", 16_384, true],
            ["a byte larger", 16_385, false],
        ]) {
            it(`goes ${inRecord ? "in the call" : "to S3"} when it is ${what}`, async () => {
                const jobId = newId();
                const { world } = noted();
                await submit(world, { jobId, inputBase64: Buffer.alloc(bytes, 1).toString("base64"), contentType: "image/png" });
                expect([(await get(jobId)).input?.byteLength, world.stored.size]).to.deep.equal(inRecord ? [bytes, 0] : [undefined, 1]);
            });
        }
        it("is in S3 until the service has taken one in the call, and is offered it there", async () => {
            const jobId = newId();
            const { world } = noted({ takesInput: undefined });
            await submit(world, { jobId, input: 1 });
            const [{ input }] = world.invocations;
            expect("body" in input && (await input.place())).to.equal(`s3://service/input/${jobId}/request.json`);
            expect([(await get(jobId)).inputInCall, world.stored.size]).to.deep.equal([undefined, 1]);
        });
    });
    it("is not failed by an attempt that is given up while its failure is being recorded", async () => {
        const jobId = newId();
        const world = testPorts(jobs);
        await jobs.create(openJob({ jobId }));
        const ports = intercepted(world, async (name, call) => {
            if (name === "jobs.change")
                await settle(world, testSettings, failed(1, jobId, killed), never);
            return call();
        });
        await settle(ports, testSettings, failed(1, jobId, modelError), never);
        const { state, inferenceId } = await get(jobId);
        expect({ state, inferenceId }).to.deep.equal({ state: "SUBMITTED", inferenceId: `2.${jobId}` });
    });
    it("gets no further attempt because one failed that was given up before", async () => {
        const jobId = newId();
        const world = testPorts(jobs);
        const job = openJob({ jobId, attempt: 2 });
        await jobs.create(job);
        await settle(world, testSettings, failed(1, jobId, killed), never);
        expect([await get(jobId), world.invocations]).to.deep.equal([job, []]);
    });
    it("is invoked by one of many callers who come at once, in whatever order they get their turns", async () => {
        await fc.assert(fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), fc.boolean(), async (scheduler, callers, wasRefused) => {
            const jobId = newId();
            const world = testPorts(jobs);
            if (wasRefused) {
                const refusal = codedError("THROTTLED", "busy");
                await jobs.create(openJob({ jobId, state: "INVOKING", inputHash: world.hash("1"), refusal }));
            }
            const ports = intercepted(world, async (name, call) => {
                await scheduler.schedule(Promise.resolve(), name);
                return call();
            });
            const answers = await scheduler.waitFor(Promise.all(Array.from({ length: callers }, () => submit(ports, { jobId, input: 1 }))));
            expect(answers.map(({ statusCode, inferenceId }) => [statusCode, inferenceId])).to.deep.equal(answers.map(() => [202, `1.${jobId}`]));
            expect(world.invocations.length).to.equal(1);
        }), { numRuns: 40 });
    });
});
