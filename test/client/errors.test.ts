import { inspect } from "node:util";
import { expect } from "chai";
import { AsyncInferenceError, asyncInferenceError, clientError } from "../../client/errors";
import { guardedError } from "../../client/guard";
import { codedError, thrown } from "../../core/records/errors";
import { objectArn } from "../../core/records/s3Uri";

const answered = (name: string, status?: number, message = "m") =>
  Object.assign(new Error(message), { name, ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }) });
const broken = (code: string) => Object.assign(new Error("m"), { code });

describe("what the SDK throws", () => {
  const credentials = "Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
  const otherTime = "Set this machine's clock: AWS refuses what is signed more than five minutes off its own.";
  const otherRegion = "The bucket is in another region: give the region of the service.";
  const addresses =
    "Look at the region, at AWS_ENDPOINT_URL and its like, and at AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, in the environment and the profile.";
  const otherPlace = "Look whether bucket, table and region are those of the deployed service.";
  for (const [what, error, code, advice] of [
    ["an abort", answered("AbortError"), "ABORTED", undefined],
    ["no credentials", answered("CredentialsProviderError"), "ACCESS_DENIED", credentials],
    ["credentials that have expired", answered("ExpiredToken", 403), "ACCESS_DENIED", credentials],
    ["DynamoDB's word for that", answered("ExpiredTokenException", 400), "ACCESS_DENIED", credentials],
    ["an unknown key", answered("UnrecognizedClientException", 400), "ACCESS_DENIED", credentials],
    ["STS's word for that", answered("InvalidClientTokenId", 403), "ACCESS_DENIED", credentials],
    ["a wrong secret", answered("SignatureDoesNotMatch", 403), "ACCESS_DENIED", credentials],
    ["DynamoDB's word for that", answered("InvalidSignatureException", 400), "ACCESS_DENIED", credentials],
    ["a wrong session token", answered("InvalidToken", 400), "ACCESS_DENIED", credentials],
    ["a clock that is off", answered("RequestTimeTooSkewed", 403), "ACCESS_DENIED", otherTime],
    ["a refusal", answered("AccessDenied", 403), "ACCESS_DENIED", undefined],
    ["DynamoDB's refusal", answered("AccessDeniedException", 400), "ACCESS_DENIED", undefined],
    ["KMS's refusal", answered("KmsAccessDenied", 400), "ACCESS_DENIED", undefined],
    ["a key's refusal through SQS", answered("KMS.AccessDeniedException", 400), "ACCESS_DENIED", undefined],
    ["SQS's refusal", answered("AWS.SimpleQueueService.AccessDenied", 403), "ACCESS_DENIED", undefined],
    ["throttling", answered("SlowDown", 503), "THROTTLED", undefined],
    ["a service that is down", answered("InternalError", 500), "UNAVAILABLE", undefined],
    ["an address that the SDK does not take", answered("EndpointError"), "BAD_INPUT", addresses],
    ["no answer in time", answered("TimeoutError"), "UNAVAILABLE", undefined],
    ["a reset connection", broken("ECONNRESET"), "UNAVAILABLE", undefined],
    ["a connection that fetch lost", broken("UND_ERR_SOCKET"), "UNAVAILABLE", undefined],
    ["a bucket of another region", answered("PermanentRedirect", 301), "NOT_FOUND", otherRegion],
    ["a signature for another region", answered("AuthorizationHeaderMalformed", 400), "NOT_FOUND", otherRegion],
    ["a wordless redirection", answered("301", 301), "NOT_FOUND", otherRegion],
    ["a bucket that is not there", answered("NoSuchBucket", 404), "NOT_FOUND", otherPlace],
    ["a table that is not there", answered("ResourceNotFoundException", 400), "NOT_FOUND", otherPlace],
    ["what is not there", answered("NotFound", 404), "NOT_FOUND", otherPlace],
    ["a wrong request", answered("ValidationException", 400), "BAD_INPUT", undefined],
    ["a redirection of another kind", answered("Whatever", 399), "INTERNAL", undefined],
    ["a fault of ours", new TypeError("m"), "INTERNAL", undefined],
    ["a code of nobody's", broken("EWHATEVER1"), "INTERNAL", undefined],
  ] as const) {
    it(`is ${code} for programs, with what to do: ${what}`, () => {
      const { code: got, message, advice: advised, cause } = asyncInferenceError(error);

      expect([got, message, cause]).to.deep.equal([code, code === "ABORTED" ? "m" : `${error.name}: m`, error]);
      expect(advised).to.equal(advice ?? codedError(code, "").advice);
    });
  }

  it("has words of ours for a redirection without a body: those of the SDK name nothing", () => {
    const { message, advice } = asyncInferenceError(answered("Unknown", 301, "UnknownError"));

    expect([message, advice]).to.deep.equal(["S3 answered with a redirection to another region.", otherRegion]);
  });

  it("may be no error at all", () => {
    expect([asyncInferenceError("text").message, asyncInferenceError(undefined).message, asyncInferenceError(null).message]).to.deep.equal([
      "Error: text",
      "Error: undefined",
      "Error: null",
    ]);
    expect(asyncInferenceError(new Error("x".repeat(2000))).message).to.have.lengthOf(1000);
  });

  const needed = { action: "s3:GetObject", resource: objectArn("scans", "a.png") };
  const grant = (action: string, resource: string) =>
    `Add to the caller's role: {"Effect":"Allow","Action":"${action}","Resource":"${resource}"}`;

  it("names the machine's clock where a signature is of another time, and no statement of a policy", () => {
    const expired = answered("InvalidSignatureException", 400, "Signature expired: 20261129T160000Z is now earlier than 20261129T161500Z");

    expect(asyncInferenceError(expired, { needed }).advice).to.equal(
      "Set this machine's clock: AWS refuses what is signed more than five minutes off its own.",
    );
  });

  it("has the statement to add where a permission lacks: the one that the refusal names, else the call's own", () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    const told = (resource: string) => `User: a is not authorized to perform: kms:Decrypt on resource: ${resource} because`;

    expect(asyncInferenceError(answered("AccessDenied", 403), { needed }).advice).to.equal(
      grant("s3:GetObject", "arn:aws:s3:::scans/a.png"),
    );
    for (const resource of [key, `"${key}"`]) {
      expect(asyncInferenceError(answered("AccessDenied", 403, told(resource)), { needed }).advice).to.equal(grant("kms:Decrypt", key));
    }
    expect(asyncInferenceError(answered("ExpiredToken", 403), { needed }).advice).to.equal(credentials);
    expect(asyncInferenceError(answered("NoSuchBucket", 404), { needed }).advice).to.equal(otherPlace);
    expect(objectArn("scans", "in/*", "aws-cn")).to.equal("arn:aws-cn:s3:::scans/in/*");
  });

  it("stays what it was where the core or the client threw it", () => {
    const own = clientError("LIMIT", "full", { jobId: "order-1" });
    const core = codedError("CONFLICT", "taken", { field: "jobId" });

    expect(asyncInferenceError(own, { jobId: "other" })).to.equal(own);
    expect(asyncInferenceError(thrown(core), { jobId: "order-1" }).toJSON()).to.deep.equal({ ...core, jobId: "order-1" });
  });
});

describe("an error of the client's", () => {
  it("says all but the user's data when it is logged", () => {
    const attempts = [clientError("THROTTLED", "busy")];
    const error = clientError("BAD_OUTPUT", "no JSON", {
      field: "output",
      advice: "Look.",
      retryable: true,
      jobId: "order-1",
      attempts,
      raw: Buffer.from("secret"),
      cause: new Error("inner"),
    });

    expect(error.toJSON()).to.deep.equal({
      code: "BAD_OUTPUT",
      message: "no JSON",
      retryable: true,
      advice: "Look.",
      field: "output",
      jobId: "order-1",
      attempts,
    });
    expect([JSON.stringify(error), inspect(error)].filter((text) => /secret|raw/.test(text))).to.deep.equal([]);
    expect([Buffer.from(error.raw ?? []).toString(), (error.cause as Error).message]).to.deep.equal(["secret", "inner"]);
  });

  it("has nothing that it does not know", () => {
    const error = clientError("LIMIT", "full");

    expect(error.toJSON()).to.deep.equal(codedError("LIMIT", "full"));
    expect([Object.keys(error), "cause" in error, error.raw]).to.deep.equal([["name", "code", "retryable", "advice"], false, undefined]);
    expect(String(error)).to.equal("AsyncInferenceError: full");
  });
});

describe("what is thrown about a job", () => {
  it("names it, whoever threw it, and keeps all else, without a copy of itself behind it", () => {
    const attempts = [clientError("THROTTLED", "busy")];
    const raw = Buffer.from("raw");
    const own = clientError("BAD_OUTPUT", "no", { field: "output", advice: "Look.", attempts, raw });
    const guarded = guardedError(own, undefined, "order-1");

    expect(guarded).to.include({ code: "BAD_OUTPUT", field: "output", advice: "Look.", jobId: "order-1", attempts, raw });
    expect(guarded.cause).to.equal(undefined);
    expect(guardedError(new TypeError("m"), undefined, "order-1")).to.include({ code: "INTERNAL", jobId: "order-1" });
    expect(guardedError(own, undefined, undefined)).to.equal(own);
    const named = clientError("LIMIT", "full", { jobId: "other" });
    expect(guardedError(named, undefined, "order-1")).to.equal(named);
  });

  it("is the caller's own abort when that has come, unless the job's end is known", () => {
    const { signal } = ((controller) => (controller.abort("enough"), controller))(new AbortController());
    const known = clientError("MODEL_ERROR", "no", { jobId: "order-1" });
    const aborted = clientError("ABORTED", "closed");

    expect(guardedError(new TypeError("m"), signal, "order-1")).to.include({
      code: "ABORTED",
      message: "The call about job order-1 was aborted.",
      jobId: "order-1",
      cause: "enough",
    });
    expect(guardedError(new TypeError("m"), signal, undefined).message).to.equal("The call was aborted.");
    expect(guardedError(known, signal, "order-1")).to.equal(known);
    expect(guardedError(new TypeError("m"), signal, "order-1", "Look.").advice).to.equal("Look.");
    expect(guardedError(aborted, signal, undefined)).to.equal(aborted);
    expect(guardedError(aborted, new AbortController().signal, undefined)).to.equal(aborted);
    for (const given of [signal, undefined]) {
      expect(guardedError(aborted, given, "order-1")).to.be.instanceOf(AsyncInferenceError);
      expect(guardedError(aborted, given, "order-1")).to.include({ code: "ABORTED", message: "closed", jobId: "order-1" });
    }
  });
});

describe("what the SDK or Node throws, by its name alone", () => {
  const moved = "The bucket is in another region: give the region of the service.";
  const missing = "Look whether bucket, table and region are those of the deployed service.";
  for (const [name, more, code, advice] of [
    ["TimeoutError", {}, "UNAVAILABLE", undefined],
    ["PermanentRedirect", {}, "NOT_FOUND", moved],
    ["AuthorizationHeaderMalformed", {}, "NOT_FOUND", moved],
    ["Error", { $metadata: { httpStatusCode: 301 } }, "NOT_FOUND", moved],
    ["NoSuchBucket", {}, "NOT_FOUND", missing],
    ["ResourceNotFoundException", {}, "NOT_FOUND", missing],
    ["Error", { $metadata: { httpStatusCode: 404 } }, "NOT_FOUND", missing],
    ["Error", { $metadata: { httpStatusCode: 400 } }, "BAD_INPUT", undefined],
    ["Error", { $metadata: { httpStatusCode: 200 } }, "INTERNAL", undefined],
    ["Error", {}, "INTERNAL", undefined],
  ] as const) {
    it(`is ${code} of ${name} ${JSON.stringify(more)}`, () => {
      const error = asyncInferenceError(Object.assign(new Error("words"), { name }, more));
      expect([error.code, error.message]).to.deep.equal([code, `${name}: words`]);
      if (advice !== undefined) expect(error.advice).to.equal(advice);
    });
  }

  it("is told by its code where it has no words: Node's try of several addresses", () => {
    const network = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
    expect(asyncInferenceError(network)).to.include({ code: "UNAVAILABLE", message: "AggregateError: ECONNREFUSED" });
    expect(asyncInferenceError(new Error("")).message).to.equal("Error: no message");
  });
});
