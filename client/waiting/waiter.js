import { RecentIds } from "./recentIds";
import { noJob } from "../../core/records/errors";
import { AsyncInferenceError, asyncInferenceError } from "../errors";
import { passes, pauseAfter } from "./calls";
import { EndedIndex } from "./endedIndex";
import { Loop } from "./loop";
import { OtherWaiters } from "./otherWaiters";
import { EventQueue } from "./queue";
import { batchSize, readRecords } from "./records";
import { Waits } from "./waits";
/** Makes a {@link JobWaiter}. It makes no call and holds no timer while nobody waits. */
export function createJobWaiter(dependencies) {
    return new TableWaiter(dependencies);
}
/** With a queue that delivers, the index is asked so much more rarely. */
const slowdownBehindQueue = 5;
/** How often an own job's record is read, in case index and queue say nothing of its end. */
const netIntervalMilliseconds = 60_000;
/** Batches in one round: the calls per minute stay the same however many jobs are open, and a round takes longer. */
const batchesPerRound = 10;
/** A handle from elsewhere is read after one interval, and then after growing ones. */
const foreignGrowth = 1.5;
const foreignLongestMilliseconds = 5000;
/** Calls per minute that read such handles at most: of a crowd of them, each is read more rarely. */
const foreignCallsPerMinute = 70;
/** Handles that are made one after the other share a call. */
const gatherMilliseconds = 50;
/** Ids of ended jobs that are remembered for callers that ask later. */
const rememberedEnds = 10_000;
class TableWaiter {
    dependencies;
    waits;
    followed = new Map();
    ownCount = 0;
    index;
    others;
    queue;
    looks;
    reads;
    interval;
    /** Ids of own jobs that have ended, oldest first: the index tells of an end once, perhaps before anybody waits for it. */
    ended = new RecentIds(rememberedEnds);
    failedLooks = 0;
    failedReads = 0;
    lookedAt = -Infinity;
    readAt = -Infinity;
    netDueAt = 0;
    /** Milliseconds between two reads of a handle that no index tells of, at least; 0 while they are no crowd. */
    crowdPause = 0;
    constructor(dependencies) {
        this.dependencies = dependencies;
        const { clock, waiter, pollIntervalSeconds, queue } = dependencies;
        this.interval = pollIntervalSeconds * 1000;
        this.index = new EndedIndex(dependencies, waiter);
        this.others = new OtherWaiters(dependencies);
        this.waits = new Waits(clock, (jobId) => `the job ${jobId}`, (jobId) => ({ jobId }), (jobId) => this.leave(jobId), dependencies.log);
        this.looks = new Loop(clock, (signal) => this.look(signal));
        this.reads = new Loop(clock, (signal) => this.read(signal));
        if (queue === undefined)
            return;
        this.queue = new EventQueue({ ...queue, clock, waiter, log: dependencies.log }, {
            follows: (jobId) => this.followed.has(jobId),
            ended: (job) => this.tell(job),
            unhealthy: () => this.looks.within(this.interval),
            failed: (error) => this.rejectAll(error),
        });
    }
    wait(jobId, { own, ...patience }) {
        const promise = this.waits.add(jobId, patience);
        if (this.waits.has(jobId))
            this.follow(jobId, own);
        return promise;
    }
    close() {
        this.waits.close();
    }
    follow(jobId, own) {
        const now = this.dependencies.clock.now();
        const known = this.followed.get(jobId);
        const urgent = this.ended.has(jobId);
        const followed = known ?? {
            jobId,
            own: false,
            other: undefined,
            dueAt: own && !urgent ? now + netIntervalMilliseconds : now,
            pause: this.interval,
            urgent,
        };
        this.followed.set(jobId, followed);
        if (own)
            this.adopt(followed);
        this.queue?.listen();
        this.lookSoon();
        this.reads.within(followed.dueAt > now ? followed.dueAt - now : Math.max(gatherMilliseconds, this.readAt + this.interval / 4 - now));
    }
    adopt(followed) {
        if (followed.own)
            return;
        followed.own = true;
        this.ownCount++;
    }
    lookSoon() {
        if (this.ownCount > 0 || this.others.any) {
            this.looks.within(Math.max(0, this.lookedAt + this.interval - this.dependencies.clock.now()));
        }
    }
    leave(jobId) {
        const { own, other } = this.followed.get(jobId) ?? {};
        if (own)
            this.ownCount--;
        if (other !== undefined)
            this.others.leave(other);
        this.followed.delete(jobId);
        if (this.ownCount === 0 && !this.others.any)
            this.looks.stop();
        if (this.followed.size > 0)
            return;
        this.reads.stop();
        this.queue?.stop();
        this.waits.trouble = undefined;
    }
    /** An own job's end, whichever source reported it. */
    tell(job) {
        this.ended.add(job.jobId);
        this.waits.resolve(job.jobId, job);
    }
    /** One look at the index, and at those of some other waiters. */
    async look(signal) {
        const { clock } = this.dependencies;
        this.lookedAt = clock.now();
        try {
            if (this.ownCount > 0)
                await this.index.look((job) => this.tell(job), signal);
            for (const { waiter, index } of this.others.next())
                await this.lookAtOther(waiter, index, signal);
            this.failedLooks = 0;
            this.waits.trouble = undefined;
        }
        catch (error) {
            if (signal.aborted)
                return Infinity;
            this.failedLooks++;
            const own = [...this.followed.values()].filter((one) => one.own);
            this.failed(error, own);
            return pauseAfter(this.failedLooks, this.interval);
        }
        const pace = this.queue?.delivers ? slowdownBehindQueue * this.interval : this.interval;
        return this.lookedAt + pace - clock.now();
    }
    /** A handle from elsewhere needs no more than its record: an index that may not be read is done without. */
    async lookAtOther(waiter, index, signal) {
        try {
            await index.look((job) => this.waits.resolve(job.jobId, job), signal);
        }
        catch (thrown) {
            if (signal.aborted || passes(asyncInferenceError(thrown)))
                throw thrown;
            this.others.refuse(waiter);
            const now = this.dependencies.clock.now();
            for (const one of this.followed.values())
                if (one.other === waiter)
                    one.dueAt = now;
            this.reads.within(0);
        }
    }
    /** One round over the records that are due. */
    async read(signal) {
        const { clock } = this.dependencies;
        this.readAt = clock.now();
        // A batch that fails leaves its handles due. One after the other: each is a hundred records in memory.
        let failed = false;
        const due = this.due(this.readAt);
        for (const batch of chunks(due)) {
            if (signal.aborted)
                return Infinity;
            failed = (await this.readBatch(batch, signal)) || failed;
        }
        if (signal.aborted)
            return Infinity;
        this.failedReads = failed ? this.failedReads + 1 : 0;
        if (this.failedReads > 0)
            return pauseAfter(this.failedReads, this.interval);
        if (due.length > 0 && this.failedLooks === 0)
            this.waits.trouble = undefined;
        return Math.max(this.readAt + this.interval, this.nextRead()) - clock.now();
    }
    /** Handles to read now: those that no index tells of in turn, and, once a minute, of the others those that were not read for longest. */
    due(now) {
        const limit = batchesPerRound * batchSize;
        // What is nearly due comes along, so that handles fall into step.
        const isDue = ({ dueAt }) => dueAt <= now + this.interval / 2;
        const all = [...this.followed.values()].filter(isDue).sort((a, b) => a.dueAt - b.dueAt);
        const asked = all.filter((one) => !this.awaitsNews(one)).slice(0, limit);
        let crowd = 0;
        for (const one of this.followed.values())
            if (!this.awaitsNews(one))
                crowd++;
        const turn = (Math.ceil(crowd / batchSize) * 60_000) / foreignCallsPerMinute;
        this.crowdPause = turn > foreignLongestMilliseconds ? turn : 0;
        if (now < this.netDueAt)
            return asked;
        const net = all.filter((one) => this.awaitsNews(one)).slice(0, limit);
        if (net.length > 0)
            this.netDueAt = now + netIntervalMilliseconds;
        return [...asked, ...net];
    }
    nextRead() {
        let next = Infinity;
        for (const one of this.followed.values()) {
            next = Math.min(next, this.awaitsNews(one) ? Math.max(one.dueAt, this.netDueAt) : one.dueAt);
        }
        return next;
    }
    /** Whether an index tells of its end, so that reading its record is but the safety net. */
    awaitsNews({ own, other, urgent }) {
        return !urgent && (own || this.others.follows(other));
    }
    /** Whose job it is: from elsewhere, only its record says. */
    learn({ jobId, waiter }) {
        const one = this.followed.get(jobId);
        if (one === undefined || one.own || one.other !== undefined || waiter === undefined)
            return;
        if (waiter === this.dependencies.waiter)
            this.adopt(one);
        else {
            one.other = waiter;
            this.others.join(waiter);
        }
        this.lookSoon();
    }
    /** @returns whether something of it is to be read again */
    async readBatch(batch, signal) {
        try {
            const { open, ended, missing, unread } = await readRecords(this.dependencies, batch.map(({ jobId }) => jobId), signal);
            for (const job of ended)
                this.waits.resolve(job.jobId, job);
            for (const job of open)
                this.learn(job);
            const again = new Set(unread);
            batch.filter(({ jobId }) => !again.has(jobId)).forEach((one) => this.postpone(one));
            for (const jobId of missing)
                this.waits.reject(jobId, new AsyncInferenceError(noJob(jobId)));
            return unread.length > 0;
        }
        catch (error) {
            if (!signal.aborted)
                this.failed(error, batch);
            return true;
        }
    }
    postpone(one) {
        const now = this.dependencies.clock.now();
        one.urgent = false;
        one.dueAt = now + (this.awaitsNews(one) ? netIntervalMilliseconds : Math.max(one.pause, this.crowdPause));
        one.pause = Math.min(one.pause * foreignGrowth, Math.max(foreignLongestMilliseconds, this.interval));
    }
    /** What passes is outlasted; anything else ends the waits that it is about. */
    failed(thrown, about) {
        const error = asyncInferenceError(thrown);
        if (passes(error))
            this.waits.trouble = error;
        else
            for (const { jobId } of about)
                this.waits.reject(jobId, error);
    }
    rejectAll(error) {
        for (const jobId of [...this.followed.keys()])
            this.waits.reject(jobId, error);
    }
}
function chunks(items) {
    return Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) => items.slice(index * batchSize, (index + 1) * batchSize));
}
