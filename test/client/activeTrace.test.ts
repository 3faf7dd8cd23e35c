import { context, propagation, type TextMapPropagator } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { expect } from "chai";
import { activeTrace } from "../../client/activeTrace";

describe("the trace that is active in an application", () => {
  const logged: unknown[] = [];
  const active = () => activeTrace((line) => logged.push(line));
  afterEach(() => {
    propagation.disable();
    context.disable();
    logged.length = 0;
  });

  it("is none without OpenTelemetry, and none outside of a span", async () => {
    expect(await active()).to.equal(undefined);
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    expect([await active(), logged]).to.deep.equal([undefined, []]);
  });

  it("is what the application's own propagator writes, and nothing else of it", async () => {
    const own: TextMapPropagator = {
      inject: (_context, carrier, setter) => {
        for (const [key, value] of Object.entries({ traceparent: "00-…", tracestate: "a=b", baggage: "user=jane" }))
          setter.set(carrier, key, value);
      },
      extract: (given) => given,
      fields: () => [],
    };
    propagation.setGlobalPropagator(own);
    expect(await active()).to.deep.equal({ traceparent: "00-…", tracestate: "a=b" });
    propagation.disable();
    propagation.setGlobalPropagator({ ...own, inject: (_context, carrier, setter) => setter.set(carrier, "traceparent", "00-1") });
    expect(await active()).to.deep.equal({ traceparent: "00-1" });
  });

  it("is none, and no error, when that propagator throws: the job must go", async () => {
    const broken: TextMapPropagator = {
      inject: () => {
        throw new RangeError("no");
      },
      extract: (given) => given,
      fields: () => [],
    };
    propagation.setGlobalPropagator(broken);
    expect([await active(), logged]).to.deep.equal([
      undefined,
      [{ level: "warn", message: "active trace not read", reason: "RangeError" }],
    ]);
  });
});
