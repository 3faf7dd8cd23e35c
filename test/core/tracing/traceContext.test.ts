import { expect } from "chai";
import { answerRequest } from "../../../core/lifecycle/submit";
import { submitUpload } from "../../../core/lifecycle/inbox";
import { attributesWith, isTraced, readTraceparent, traceOf, type TraceContext } from "../../../core/tracing/traceContext";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const callerId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${callerId}-01`;
const bytes = (count: number) => new Uint8Array(count).fill(0xab);
const none = { randomBytes: bytes, log: () => undefined };
const ours = "ab".repeat(8);

describe("the trace of a job", () => {
  const jobs = suiteJobs();
  let ports: TestPorts;
  let count = 0;
  beforeEach(() => {
    ports = testPorts(jobs);
  });
  const submit = (traceContext?: unknown, settings = testSettings) => {
    const request = { jobId: `job-${++count}`, input: 1, ...(traceContext !== undefined && { traceContext }) };
    return answerRequest(ports, settings, request, ports.clock.now() + 60_000);
  };

  it("goes from the caller through the record to the container, as it came", async () => {
    const { jobId = "" } = await submit({ traceparent, tracestate: "rojo=00f067aa0ba902b7, congo=t61rcWkgMzE", baggage: "user=1" });

    const record = await jobs.get(jobId);
    expect([record?.traceContext, record?.spanId, record?.parentSpanId]).to.deep.equal([
      { traceparent, tracestate: "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE" },
      undefined,
      undefined,
    ]);
    expect(ports.invocations.map(({ customAttributes }) => customAttributes)).to.deep.equal([
      `traceparent=${traceparent};tracestate=rojo%3D00f067aa0ba902b7%2Ccongo%3Dt61rcWkgMzE`,
    ]);
    expect(ports.logged).to.deep.equal([]);
  });

  it("is none without one, whatever a propagator's empty carrier is", async () => {
    for (const given of [undefined, {}]) {
      const { jobId = "" } = await submit(given);
      expect((await jobs.get(jobId))?.traceContext).to.equal(undefined);
    }
    expect(ports.invocations.map(({ customAttributes }) => customAttributes)).to.deep.equal([undefined, undefined]);
    expect(ports.logged).to.deep.equal([]);
  });

  it("is dropped, and no error, when it is not valid: a caller's tracing must not cost its job", async () => {
    const { statusCode, jobId } = await submit({ traceparent: traceparent.toUpperCase(), tracestate: "a=b" });

    expect([statusCode, (await jobs.get(jobId ?? ""))?.traceContext]).to.deep.equal([202, undefined]);
    expect(ports.logged).to.deep.equal([
      { level: "warn", message: "trace context not valid", jobId, code: "BAD_INPUT", field: "traceContext.traceparent" },
    ]);
  });

  it("is refused when it is no carrier at all, which no propagator makes", async () => {
    const { error } = await submit(traceparent);
    expect(error?.message).to.equal(
      `traceContext: got "${traceparent}", expected an object of strings such as {"traceparent": "00-<trace id>-<span id>-01"}`,
    );
  });

  it("gets a span of its own, below the caller's, in a service that exports spans", async () => {
    const { jobId = "" } = await submit({ traceparent, tracestate: "a=b" }, { ...testSettings, traceSamplePercent: 0 });

    const record = await jobs.get(jobId);
    expect(record?.spanId).to.match(/^[0-9a-f]{16}$/);
    expect([record?.traceContext, record?.parentSpanId]).to.deep.equal([
      { traceparent: `00-${traceId}-${record?.spanId}-01`, tracestate: "a=b" },
      callerId,
    ]);
    expect(ports.invocations[0]?.customAttributes).to.equal(`traceparent=${record?.traceContext?.traceparent};tracestate=a%3Db`);
  });

  it("begins with the job in a service that exports spans, sampled by its own share", () => {
    const begun = (percent: number, given?: TraceContext) => traceOf(none, "job", given, percent);

    // 0xabab of 0x10000 is 67.06 percent.
    expect(begun(68)).to.deep.equal({ traceContext: { traceparent: `00-${"ab".repeat(16)}-${ours}-01` }, spanId: ours });
    expect(begun(67).traceContext?.traceparent).to.equal(`00-${"ab".repeat(16)}-${ours}-00`);
    const lowest = { ...none, randomBytes: (length: number) => new Uint8Array(length) };
    expect(isTraced(traceOf(lowest, "job", undefined, 0))).to.equal(false);
    expect(begun(100, { traceparent: "hello", tracestate: "a=b" })).to.deep.equal(begun(68));
  });

  it("keeps the caller's decision not to be sampled, through to the container", () => {
    const trace = traceOf(none, "job", { traceparent: `00-${traceId}-${callerId}-00` }, 100);

    expect([trace.traceContext?.traceparent, isTraced(trace)]).to.deep.equal([`00-${traceId}-${ours}-00`, false]);
  });

  it("is an upload's, from the object's metadata", async () => {
    const key = "inbox/scan.json";
    ports.stored.set(`s3://service/${key}`, { body: Buffer.from("1"), metadata: { traceparent, tracestate: "a=b" } });
    const eTag = ports.hash(Buffer.from("1"));
    const upload = { bucket: "service", key, eTag, sequencer: "1" };
    await submitUpload(ports, { ...testSettings, inboxPrefix: "inbox/" }, upload, ports.clock.now() + 60_000);

    expect(ports.invocations.map(({ customAttributes }) => customAttributes)).to.deep.equal([
      `traceparent=${traceparent};tracestate=a%3Db`,
    ]);
  });
});

describe("W3C Trace Context", () => {
  for (const [what, text, expected] of [
    ["what is sampled", traceparent, true],
    ["what is not", `00-${traceId}-${callerId}-02`, false],
    ["a later version, whatever it adds", `cc-${traceId}-${callerId}-01-what-comes`, true],
    ["blanks around, as headers may have", ` ${traceparent}\t`, true],
  ] as const) {
    it(`reads ${what}`, () => expect(readTraceparent(text)).to.deep.equal({ traceId, spanId: callerId, isSampled: expected }));
  }

  it("reads ids that begin or end with zeros, as one of eight does", () => {
    const [trace, span] = [`00${traceId.slice(4)}00`, `00${callerId.slice(4)}00`];
    expect(readTraceparent(`00-${trace}-${span}-01`)).to.deep.equal({ traceId: trace, spanId: span, isSampled: true });
  });

  for (const [what, text] of [
    ["upper-case digits", traceparent.toUpperCase()],
    ["a trace of zeros", `00-${"0".repeat(32)}-${callerId}-01`],
    ["a span of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["version ff", `ff-${traceId}-${callerId}-01`],
    ["more than version 00 has", `${traceparent}-more`],
    ["a short trace id", `00-${traceId.slice(1)}-${callerId}-01`],
    ["nothing", ""],
  ] as const) {
    it(`reads no trace in ${what}`, () => expect(readTraceparent(text)).to.equal(undefined));
  }

  const stateOf = (tracestate: string) => traceOf(none, "job", { traceparent, tracestate }, undefined).traceContext?.tracestate;

  it("hands on a tracestate of whole members, as many as 512 characters hold", () => {
    const long = Array.from({ length: 10 }, (_, index) => `v${index}=${"x".repeat(60)}`);
    expect(stateOf(long.join(","))).to.equal(long.slice(0, 8).join(","));
    expect([stateOf("a=1 , ,tenant@vendor=b c/d=")]).to.deep.equal([undefined]);
    expect(stateOf("a=1 , ,tenant@vendor=b c/d")).to.equal("a=1,tenant@vendor=b c/d");
  });

  it("hands on 32 members, and 512 characters, to the last", () => {
    const most = Array.from({ length: 32 }, (_, index) => `v${index}=x`).join();
    const longest = `a=${"x".repeat(200)},b=${"x".repeat(200)},c=${"x".repeat(104)}`;
    expect(longest).to.have.lengthOf(512);
    expect([stateOf(most), stateOf(longest)]).to.deep.equal([most, longest]);
  });

  it("drops a tracestate with more members than may be, or one that is none, and keeps the trace", () => {
    expect([
      stateOf(Array.from({ length: 33 }, (_, index) => `v${index}=x`).join()),
      stateOf("UPPER=x"),
      stateOf("a"),
      stateOf(""),
    ]).to.deep.equal([undefined, undefined, undefined, undefined]);
  });
});

describe("what a container is told of a trace", () => {
  const trace = { traceparent, tracestate: "a=b" };

  it("leaves a job's own attributes as they are: only their container knows their form", () => {
    for (const own of ["tfs-model-name=mnist", '{"a":1}', "a;b"]) expect(attributesWith(own, trace)).to.equal(own);
    expect(attributesWith(undefined, undefined)).to.equal(undefined);
  });

  it("is the traceparent alone where there is no tracestate", () => {
    expect(attributesWith(undefined, { traceparent })).to.equal(`traceparent=${traceparent}`);
  });

  it("comes after them where they end with the separator that their container splits them at", () => {
    expect(attributesWith("adapter=legal;", trace)).to.equal(`adapter=legal;traceparent=${traceparent};tracestate=a%3Db`);
    expect(attributesWith("tfs-model-name=mnist, ", trace)).to.equal(`tfs-model-name=mnist, traceparent=${traceparent}, tracestate=a%3Db`);
  });

  it("never makes them longer than SageMaker takes: first the tracestate is left out, then all", () => {
    const own = (characters: number) => `${"x".repeat(characters - 1)};`;
    const bare = `traceparent=${traceparent}`;
    expect(attributesWith(own(1024 - bare.length), trace)).to.equal(`${own(1024 - bare.length)}${bare}`);
    expect(attributesWith(own(1025 - bare.length), trace)).to.equal(own(1025 - bare.length));
  });
});
