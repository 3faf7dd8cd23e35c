import { setTimeout as sleep } from "node:timers/promises";
import { bodyOf, bodyOfSize, canGrow } from "./bodies";
import { sizes } from "./contract";
import {
  aboutTheInput,
  judgeAnswer,
  judgeConcurrency,
  judgeHeaders,
  judgeLength,
  judgeLong,
  judgeMemory,
  judgePings,
  judgeSize,
  judgeTermination,
  judgeTruth,
  outcomeText,
  refusedForNow,
  secondsText,
  shortestMeasuredMilliseconds,
  succeeded,
} from "./judge";
import { groupMemoryBytes, grows } from "./memory";
import { Server } from "./server";
/** Longer than `/ping` may take: a server that reads with its only thread misses it. */
const holdMilliseconds = 3000;
const busyPingIntervalMilliseconds = 250;
const retryMilliseconds = 1000;
/** How long a server may take to refuse a size that it has read in the head; its answer ends the pause. */
const refusalMilliseconds = 10_000;
/** Failures of the model's after which it counts as broken, where no answer says that it will be ready later. */
const brokenAfterFailures = 5;
const memoryRequests = 100;
const memoryRounds = 3;
const memoryEvery = 10;
/** Large enough that a hundred which are kept can be seen. */
const generatedBytes = 1024 * 1024;
/** A request that takes so long is in flight when SIGTERM comes; a shorter one is held open. */
const inFlightMilliseconds = 500;
/** The server can't be asked any further. */
class CheckEnd extends Error {}
/**
 * Runs a model server against the contract of asynchronous inference, and reports each check as it ends. What was started is ended,
 * whatever happens. Rejects only when `signal` aborts.
 */
export async function checkContainer(plan, reporter, signal) {
  const server = new Server(plan.origin, plan.timeoutMilliseconds, signal);
  try {
    await new ContainerCheck(plan, reporter, server, signal).run();
  } finally {
    await server.close();
  }
}
class ContainerCheck {
  plan;
  reporter;
  server;
  signal;
  reported = new Set();
  small;
  /** The answer to the sample, and how long it takes when the server does nothing else. */
  baseline;
  singleMilliseconds = 0;
  slow;
  constructor(plan, reporter, server, signal) {
    this.plan = plan;
    this.reporter = reporter;
    this.server = server;
    this.signal = signal;
    const { content, contentType } = plan.sample;
    this.small = content === undefined ? bodyOfSize(plan.sample, 64) : bodyOf(content, contentType);
  }
  async run() {
    const steps = [
      ["start", () => this.start()],
      ["answer", () => this.answer()],
      ["/ping while busy", () => this.busy()],
      ["large bodies", () => this.large()],
      [`${this.plan.concurrency} at once`, () => this.concurrent()],
      ["a client that goes away", () => this.leaving()],
      ["memory", () => this.memory()],
      ["SIGTERM", () => this.termination()],
    ];
    for (const [index, [name, step]] of steps.entries()) {
      try {
        await step();
      } catch (error) {
        if (!(error instanceof CheckEnd)) throw error;
        for (const [later] of [[name], ...steps.slice(index + 1)]) {
          if (!this.reported.has(later)) this.add({ check: later, verdict: "could not be checked", needed: false, seen: error.message });
        }
        return;
      }
    }
  }
  add(finding) {
    this.reported.add(finding.check);
    this.reporter.finding(finding);
  }
  progress = (text) => this.reporter.progress(text);
  async start() {
    const { problem, mend, milliseconds, before } = await this.server.start(this.progress);
    if (problem !== undefined) {
      this.add({ check: "start", verdict: "does not hold", needed: true, seen: problem, ...(mend !== undefined && { mend }) });
      throw new CheckEnd("the server did not start");
    }
    const loading = before === "" ? "at once" : `after ${secondsText(milliseconds)} (before: ${before})`;
    this.add({ check: "start", verdict: "holds", needed: true, seen: `/ping answers 200 ${loading}` });
  }
  /** The first request: whether a server that says that it is healthy is, and what its answers look like. */
  async answer() {
    const began = performance.now();
    const failures = [];
    const answers = [];
    let got;
    for (;;) {
      this.progress(`POST /invocations, ${secondsText(performance.now() - began)}`);
      got = await this.server.post(this.small);
      if (got.status !== undefined) answers.push(got);
      if (succeeded(got) || aboutTheInput(got) || got.outcome === "silent") break;
      failures.push(got);
      const over = performance.now() - began > this.plan.timeoutMilliseconds;
      if (over || this.server.ended() !== undefined || (!refusedForNow(got) && failures.length >= brokenAfterFailures)) break;
      if (got.outcome !== "answered" && failures.length >= brokenAfterFailures) break;
      await sleep(retryMilliseconds, undefined, { signal: this.signal });
    }
    this.baseline = got;
    const ping = await this.server.ping();
    const { sample, subject } = this.plan;
    this.add(judgeTruth(got, failures, ping, performance.now() - began, sample, subject));
    this.add(judgeAnswer(got, failures.length, this.small.bytes, sample, this.server.said()));
    if (got.status === undefined) throw new CheckEnd("POST /invocations has no answer");
    if (got.outcome === "answered") {
      // The first request may have warmed something up.
      for (let count = got.milliseconds > 5000 ? 2 : 0; count < 3; count += 1) {
        const again = await this.server.post(this.small);
        answers.push(again);
        if (succeeded(again) || aboutTheInput(again)) this.baseline = again;
        this.singleMilliseconds = Math.min(this.singleMilliseconds || Infinity, again.milliseconds);
      }
    }
    this.add(judgeLength(answers));
    this.add(judgeHeaders(answers));
    if (got.outcome !== "answered") throw new CheckEnd("POST /invocations has no whole answer");
    if (!succeeded(got) && !aboutTheInput(got)) throw new CheckEnd("the model fails at every request");
  }
  /** `/ping` beside a request that is held open, and beside one that is computed. */
  async busy() {
    this.progress("/ping beside a request");
    const until = sleep(holdMilliseconds, undefined, { signal: this.signal }).catch(() => undefined);
    const held = await this.pingsBeside(this.server.post(this.small, { hold: { until } }));
    const long = await this.longRequest();
    const missed = held.pings.some(({ status }) => status !== 200);
    const computed = long.pings.length > 0 && !missed;
    const how = computed
      ? `beside a request of ${secondsText(long.got.milliseconds)}`
      : `beside a request whose body is sent over ${holdMilliseconds / 1000} s`;
    this.add(judgePings(how, computed ? [...held.pings, ...long.pings] : held.pings));
    this.add(judgeLong(this.plan.seconds, long.got, this.plan.slowSample ?? this.plan.sample, this.plan.subject));
    await this.recover();
  }
  async longRequest() {
    const { slowSample, seconds, timeoutMilliseconds } = this.plan;
    const quick = slowSample === undefined && this.singleMilliseconds < busyPingIntervalMilliseconds;
    if (quick) return { got: this.baseline, pings: [] };
    const body = slowSample?.content === undefined ? this.small : bodyOf(slowSample.content, slowSample.contentType);
    const limit = timeoutMilliseconds + (seconds ?? 0) * 1000;
    const long = await this.pingsBeside(this.server.post(body, { timeoutMilliseconds: limit }));
    if (succeeded(long.got)) this.slow = { body, milliseconds: long.got.milliseconds };
    return long;
  }
  /** Asks `/ping` again and again until a request has ended. */
  async pingsBeside(request) {
    const pings = [];
    const began = performance.now();
    for (;;) {
      const pause = sleep(busyPingIntervalMilliseconds, undefined, { signal: this.signal });
      const got = await Promise.race([request, pause]);
      if (got !== undefined) return { got, pings };
      pings.push(await this.server.ping());
      this.progress(`/ping beside a request, ${pings.length} times, ${secondsText(performance.now() - began)}`);
    }
  }
  async large() {
    const { sample, largest, subject } = this.plan;
    let failed;
    for (const size of sizes) {
      if (size.bytes > largest.bytes) {
        this.add({
          check: `${size.title} in and out`,
          verdict: "could not be checked",
          needed: true,
          seen: "above --largest",
          mend: `--largest ${size.name}`,
        });
        continue;
      }
      const why = !canGrow(sample) ? "a form can't be enlarged without knowing its parts" : failed;
      if (why !== undefined) {
        this.add({ check: `${size.title} in and out`, verdict: "could not be checked", needed: true, seen: why });
        continue;
      }
      const body = bodyOfSize(sample, size.bytes);
      const got = await this.send(size.title, body);
      const findings = judgeSize(size, body.bytes, got, this.baseline, sample, subject);
      const happened = await this.recover(false);
      for (const finding of findings) {
        const noted = happened !== undefined && finding.verdict === "does not hold";
        this.add(noted ? { ...finding, seen: `${finding.seen}; ${happened}` } : finding);
      }
      if (findings.some(({ check, verdict }) => check.endsWith(" in") && verdict !== "holds")) failed = `${size.title} did not go in`;
    }
    await this.recover();
  }
  /** Sends a large body. */
  async send(title, body) {
    const mega = (bytes) => Math.floor(bytes / 1024 / 1024);
    const began = performance.now();
    const onBytes = (sent, received) =>
      this.progress(`${title}: ${mega(sent)} MiB sent, ${mega(received)} MiB received, ${secondsText(performance.now() - began)}`);
    const got = await this.server.post(body, { onBytes });
    if (got.outcome !== "closed" || got.phase !== "sending") return got;
    // A server that closes with bytes unread resets the connection, which hides the answer that it sent before. So once more, with the
    // head alone at first: a server that refuses by it is heard.
    await this.recover();
    const until = sleep(refusalMilliseconds, undefined, { signal: this.signal }).catch(() => undefined);
    return this.server.post(body, { onBytes, hold: { afterBytes: 0, until } });
  }
  async concurrent() {
    const { concurrency, subject, sample } = this.plan;
    const slow = this.singleMilliseconds < shortestMeasuredMilliseconds ? this.slow : undefined;
    const body = slow?.body ?? this.small;
    const single = slow?.milliseconds ?? this.singleMilliseconds;
    for (const count of [concurrency, 2 * concurrency]) {
      this.progress(`${count} requests at once`);
      if (count === 1) {
        this.add({ check: "1 at once", verdict: "holds", needed: true, seen: "each request before was one" });
        continue;
      }
      const exchanges = await Promise.all(Array.from({ length: count }, () => this.server.post(body)));
      this.add(judgeConcurrency(count, concurrency, single, exchanges, subject, sample));
      await this.recover();
    }
  }
  async leaving() {
    const check = { check: "a client that goes away", needed: true };
    this.progress("a client goes away in the middle of a request");
    await this.server.post(this.small, { leave: "halfway" });
    await this.server.post(this.slow?.body ?? this.small, { leave: "sent" });
    const next = await this.server.post(this.small);
    const ended = next.outcome === "answered" ? this.server.ended() : await this.server.endedNow();
    const same = next.outcome === "answered" && next.status === this.baseline.status;
    if (same && ended === undefined) {
      this.add({ ...check, verdict: "holds", seen: `the next request: ${outcomeText(next)}` });
    } else {
      this.add({
        ...check,
        verdict: "does not hold",
        seen: `after two clients that went away, ${ended === undefined ? `the next request: ${outcomeText(next)}` : `the server ${ended}`}`,
        mend: "Catch the error of a write to a closed connection (BrokenPipeError, ECONNRESET); SageMaker goes away at its time-out.",
      });
    }
    await this.recover();
  }
  async memory() {
    const { group } = this.server;
    const unknown = { check: "memory", verdict: "could not be checked", needed: false };
    if (group === undefined)
      return this.add({ ...unknown, seen: "only that of a server which is started here is known", mend: "Use --command." });
    const body = this.plan.sample.content === undefined ? bodyOfSize(this.plan.sample, generatedBytes) : this.small;
    const samples = [];
    const began = performance.now();
    let requests = 0;
    const sample = async () => {
      const bytes = await groupMemoryBytes(group);
      if (bytes !== undefined) samples.push(bytes);
    };
    await sample();
    if (samples.length === 0) return this.add({ ...unknown, seen: "this machine says nothing of its processes' memory" });
    let growing = false;
    // A heap may still be filling after the first hundred; what grows in each hundred is no heap.
    for (let hundred = 0; hundred < memoryRounds && (hundred === 0 || growing); hundred += 1) {
      const first = samples.length - 1;
      for (let count = 1; count <= memoryRequests; count += 1) {
        if (performance.now() - began > this.plan.timeoutMilliseconds) break;
        this.progress(`memory: request ${requests + 1}`);
        await this.server.post(body);
        requests += 1;
        if (count % memoryEvery === 0) await sample();
      }
      growing = grows(samples.slice(first));
    }
    this.add(judgeMemory(samples, requests, memoryRequests, growing));
    await this.recover();
  }
  async termination() {
    if (this.server.group === undefined) {
      const mend = "Use --command.";
      return this.add({
        check: "SIGTERM",
        verdict: "could not be checked",
        needed: false,
        seen: "only a server which is started here is ended",
        mend,
      });
    }
    this.progress("SIGTERM with a request in flight");
    const body = this.slow?.body ?? this.small;
    const computing = (this.slow?.milliseconds ?? this.singleMilliseconds) >= inFlightMilliseconds;
    let release = () => undefined;
    const until = new Promise((resolve) => (release = resolve));
    let begun = () => undefined;
    const sent = new Promise((resolve) => (begun = resolve));
    const inFlight = this.server.post(body, { onBytes: () => begun(), ...(!computing && { hold: { until } }) });
    await Promise.race([sent, inFlight]);
    // An answer shows that the server has looked at what came before.
    await this.server.ping();
    const gone = this.server.terminate();
    // What it does at SIGTERM, it has done when it refuses or answers this.
    await this.server.ping();
    release();
    const got = await inFlight;
    this.add(judgeTermination(got, await gone));
  }
  /** @returns what happened to the server in the check before, if anything did */
  async recover(needed = true) {
    const { serves, happened } = await this.server.recover(this.progress);
    if (!serves && needed) throw new CheckEnd(happened ?? "the server serves no more");
    return happened;
  }
}
