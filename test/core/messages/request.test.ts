import { expect } from "chai";
import * as fc from "fast-check";
import { codedError } from "../../../core/records/errors";
import { joinProblems, jsonOf, readRequest } from "../../../core/messages/request";
import { validatorOf } from "../../support/conforms";

const fieldsOf = (event: unknown) => {
  const read = readRequest(event);
  return "problems" in read ? read.problems.map(({ code, field }) => `${code} ${field}`) : [];
};

/** Near the edge of each rule, on both sides of it. */
const text = (...lengths: number[]) => fc.oneof(fc.string(), ...lengths.map((length) => fc.constant("a".repeat(length))));
const candidates: Record<string, fc.Arbitrary<unknown>> = {
  input: fc.jsonValue(),
  inputBase64: fc.oneof(fc.base64String(), fc.string(), fc.constantFrom("", "AA==", "AAA", "A===", "AAA=\n")),
  inputLocation: fc.oneof(
    fc.webUrl(),
    fc.constantFrom("s3://bucket/key", "s3://bucket/a b", "s3://bucket/a ", "s3://bucket/ a", "s3://bucket/", "s3://b/k", "s3://bucket/ü"),
    fc.constantFrom(1024, 1025).map((length) => `s3://bucket/${"k".repeat(length - 12)}`),
  ),
  jobId: fc.oneof(text(1, 60, 61), fc.constantFrom("a.b-c_d", "-a", "a\n")),
  contentType: fc.oneof(text(1, 1024, 1025), fc.constantFrom("image/png", " image/png", "größe", "a\n")),
  accept: text(1, 1024, 1025),
  customAttributes: text(1, 1024, 1025),
  invocationTimeoutSeconds: fc.constantFrom(0, 1, 1.0, 1.5, 3600, 3601, -1, NaN, "1"),
  requestTtlSeconds: fc.constantFrom(59, 60, 21_600, 21_601, 60.5),
  waitSeconds: fc.constantFrom(-1, 0, 840, 841, 0.5),
  onDoubt: fc.constantFrom("rerun", "wait", "Rerun", ""),
  priority: fc.constantFrom("normal", "low", "Low", "high"),
  waiter: text(1, 64, 65),
  taskToken: fc.oneof(text(1, 2048, 2049), fc.constantFrom("a b", "ü", "")),
  metadata: fc.oneof(
    fc.dictionary(text(1, 64, 65), fc.oneof(text(1024, 1025), fc.integer())),
    fc.constantFrom(20, 21).map((count) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]))),
    fc.constant({ emoji: "😀".repeat(1024) }),
    fc.constant({ emoji: "😀".repeat(1025) }),
    fc.constantFrom("\u0000\n\u007f", "\ud83d", "a\ude00b", "\uffff").map((of) => ({ text: of })),
  ),
  jobID: fc.constant("typo"),
};
const wrongType = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string(), fc.constant([]), fc.constant({}));
const requests = fc
  .record(
    Object.fromEntries(Object.entries(candidates).map(([name, values]) => [name, fc.oneof({ weight: 9, arbitrary: values }, wrongType)])),
    { requiredKeys: [] },
  )
  .map((request) => {
    // Most random subsets have several sources: keep one, so that the other rules decide.
    const { input, inputBase64, ...rest } = request;
    void input;
    void inputBase64;
    return Object.keys(request).length % 2 === 0 ? request : rest;
  });

describe("readRequest", () => {
  const validate = validatorOf("submit-request");

  it("takes what the published schema takes, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(requests, wrongType), (request) => {
        const asSent = JSON.parse(JSON.stringify(request)) as { inputBase64?: unknown } | null;
        // No pattern can tell the length of Base64 without overflowing the stack on large inputs.
        const base64 = asSent?.inputBase64;
        const valid = validate(asSent) && (typeof base64 !== "string" || base64.length % 4 === 0);
        expect(fieldsOf(asSent).length === 0, JSON.stringify(asSent).slice(0, 300)).to.equal(valid);
      }),
      { numRuns: 2000 },
    );
  });

  for (const [what, request] of Object.entries({
    json: { input: null },
    bytes: { inputBase64: "AA==", contentType: "image/png" },
    location: { inputLocation: "s3://bucket/a b" },
    everything: {
      input: { a: [1] },
      jobId: "a.b-c_d",
      contentType: "application/json",
      accept: "text/plain",
      customAttributes: "c=1",
      invocationTimeoutSeconds: 3600,
      requestTtlSeconds: 60,
      metadata: { tenant: "acme" },
      waitSeconds: 840,
      onDoubt: "wait",
      waiter: "client-1",
    },
  })) {
    it(`takes a request of ${what} as it is`, () => {
      expect(readRequest(request)).to.deep.equal({ request });
      expect(validate(request)).to.equal(true);
    });
  }

  for (const [field, request] of [
    ["request", null],
    ["request", [1]],
    ["request", "text"],
    ["input", {}],
    ["inputBase64", { input: 1, inputBase64: "AA==", contentType: "a/b" }],
    ["contentType", { inputBase64: "AA==" }],
    ["inputBase64", { inputBase64: "AA", contentType: "a/b" }],
    ["inputLocation", { inputLocation: "https://host/key" }],
    ["inputLocation", { inputLocation: "s3://bucket/größe" }],
    ["jobId", { input: 1, jobId: 5 }],
    ["contentType", { input: 1, contentType: "grün" }],
    ["accept", { input: 1, accept: "" }],
    ["customAttributes", { input: 1, customAttributes: "x".repeat(1025) }],
    ["invocationTimeoutSeconds", { input: 1, invocationTimeoutSeconds: 3601 }],
    ["requestTtlSeconds", { input: 1, requestTtlSeconds: 59 }],
    ["waitSeconds", { input: 1, waitSeconds: "5" }],
    ["onDoubt", { input: 1, onDoubt: "maybe" }],
    ["metadata", { input: 1, metadata: [] }],
    ["metadata.tenant", { input: 1, metadata: { tenant: 5 } }],
    ["metadata.a b", { input: 1, metadata: { "a b": "" } }],
    ["metadata.half", { input: 1, metadata: { half: "\ud83d" } }],
    ["metadata.never", { input: 1, metadata: { never: "\uffff" } }],
    ["__proto__", JSON.parse('{"input":1,"__proto__":1}') as object],
    ["toString", { input: 1, toString: 1 }],
  ] as const) {
    it(`names ${field} in ${(JSON.stringify(request) ?? "").slice(0, 60)}`, () => {
      expect(fieldsOf(request)).to.deep.equal([`BAD_INPUT ${field}`]);
    });
  }

  it("tells every problem in one error, none of them at length", () => {
    const read = readRequest({ jobId: "?".repeat(5000), waitSeconds: -1 });

    const { message, field } = joinProblems("problems" in read ? read.problems : []);
    expect({ message, field }).to.deep.equal({
      message:
        `jobId: got "${"?".repeat(76)}..., expected 1 to 60 letters, digits, ".", "_" and "-", a letter or digit first; ` +
        "waitSeconds: got -1, expected an integer from 0 to 840; " +
        "input: got none, expected exactly one of input, inputBase64 and inputLocation",
      field: "jobId",
    });
  });

  const fields =
    "jobId, inputBase64, inputLocation, contentType, accept, customAttributes, invocationTimeoutSeconds, requestTtlSeconds, " +
    "waitSeconds, onDoubt, priority, taskToken, traceContext, waiter, input or metadata";
  const many = (entries: number) => Object.fromEntries(Array.from({ length: entries }, (_, index) => [`k${index}`, "v"]));
  for (const [request, ...messages] of [
    [undefined, 'request: got nothing, expected a JSON object such as {"input": {"text": "hello"}}'],
    [{ input: 1, jobID: "a" }, `jobID: not a field; expected ${fields}`],
    [
      { inputLocation: "/k", contentType: "a/b" },
      'inputLocation: got "/k", expected s3://bucket/key of at most 1024 printable ASCII characters',
    ],
    [
      { input: 1, inputLocation: "s3://bucket/k" },
      "input: got input and inputLocation, expected exactly one of input, inputBase64 and inputLocation",
    ],
    [{ inputBase64: "AA==" }, 'contentType: got nothing, expected what inputBase64 is, such as "image/png"'],
    [{ inputBase64: "", contentType: "a/b" }, 'inputBase64: got "", expected at least one byte in padded Base64'],
    [{ input: 1, accept: " a" }, 'accept: got " a", expected 1 to 1024 printable ASCII characters, no leading blank'],
    [{ input: 1, priority: "high" }, 'priority: got "high", expected "normal" or "low"'],
    [{ input: 1, onDoubt: "no" }, 'onDoubt: got "no", expected "rerun" or "wait"'],
    [{ input: 1, waiter: "a b" }, 'waiter: got "a b", expected 1 to 64 letters, digits, ".", "_" and "-"'],
    [{ input: 1, metadata: "acme" }, 'metadata: got "acme", expected an object of strings such as {"tenant": "acme"}'],
    [{ input: 1, metadata: many(21) }, 'metadata: got "21 entries", expected at most 20'],
    [{ input: 1, metadata: many(20) }],
    [{ input: 1, onDoubt: "rerun" }],
    [
      { input: 1, metadata: { ["a ".repeat(40)]: "v", tenant: 5 } },
      `metadata.${"a ".repeat(32)}: got "${"a ".repeat(38)}..., expected a name of 1 to 64 letters, digits, ".", "_" and "-", a letter or digit first`,
      "metadata.tenant: got 5, expected a string of at most 1024 characters, all of them valid Unicode",
    ],
  ] as const) {
    it(`says what it got, what it takes and where: ${messages.join("; ").slice(0, 100) || "nothing where all is right"}`, () => {
      const read = readRequest(request);

      expect("problems" in read ? read.problems.map(({ message }) => message) : []).to.deep.equal(messages);
    });
  }

  it("reports what is nested deeper than it can be shown, as a wrong request and not as a fault of the service's", () => {
    const depth = 200_000;
    const nested = JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`) as unknown;

    const read = readRequest({ input: 1, jobId: nested });

    expect(jsonOf(nested)).to.equal(undefined);
    expect(joinProblems("problems" in read ? read.problems : [])).to.deep.equal(
      codedError(
        "BAD_INPUT",
        'jobId: got a value nested too deep, expected 1 to 60 letters, digits, ".", "_" and "-", a letter or digit first',
        { field: "jobId" },
      ),
    );
  });

  it("takes six megabytes of Base64", () => {
    expect(fieldsOf({ inputBase64: "AAAA".repeat(1_500_000), contentType: "a/b" })).to.deep.equal([]);
  });
});
