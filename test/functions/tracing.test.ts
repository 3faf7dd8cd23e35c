import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { codedOf } from "../../core/records/errors";
import type { JobRecord } from "../../core/records/job";
import { openJob } from "../../doubles/jobs";
import { tracingFunction, type TracingFunctionSettings } from "../../functions/tracing";
import { deployed } from "../support/serialized";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "b7ad6b7169203331";
const ended = (job: Partial<JobRecord> = {}) =>
  openJob({
    jobId: "order-17",
    state: "COMPLETED",
    submittedAt: "2026-01-25T22:46:59.000Z",
    endedAt: "2026-01-25T22:47:00.123Z",
    traceContext: { traceparent: `00-${traceId}-${spanId}-01` },
    spanId,
    ...job,
  });

interface Exported {
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: { resourceSpans: { resource: { attributes: unknown[] }; scopeSpans: { spans: { name: string; spanId: string }[] }[] }[] };
}

describe("the tracing function, as Lambda runs it", () => {
  const exported: Exported[] = [];
  const log: string[] = [];
  let answer: (response: ServerResponse) => void;
  let collector: Server;
  let origin: string;
  let handler: ReturnType<typeof tracingFunction>;

  const running = (settings: Partial<TracingFunctionSettings> = {}) =>
    deployed(tracingFunction, {
      settings: {
        endpointName: "ocr",
        traceEndpoint: origin,
        traceHeaders: { authorization: "Bearer s3cret" },
        resource: { "service.name": "pages" },
        ...settings,
      },
      environment: { AWS_REGION: "eu-west-1" },
      log,
    });

  before(async () => {
    collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        exported.push({
          url: request.url,
          headers: request.headers,
          body: JSON.parse(Buffer.concat(chunks).toString()) as Exported["body"],
        });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    handler = await running();
  });
  after(() => {
    collector.closeAllConnections();
    return new Promise((resolve) => collector.close(resolve));
  });
  beforeEach(() => {
    exported.length = 0;
    log.length = 0;
    answer = (response) => response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });

  const deliver = (job: JobRecord) =>
    handler({ Records: [{ Sns: { MessageId: "m-1", Message: JSON.stringify({ schemaVersion: 1, job }) } }] });
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail("nothing was thrown"),
      (error: unknown) => error as Error,
    );
  const spans = () =>
    exported.flatMap(({ body }) => body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
  const logged = () => log.map((line) => JSON.parse(line) as unknown);

  it("sends a job's spans in one request, with the headers that the collector wants", async () => {
    await deliver(ended());

    expect(exported.map(({ url, headers }) => [url, headers["content-type"], headers.authorization])).to.deep.equal([
      ["/v1/traces", "application/json", "Bearer s3cret"],
    ]);
    expect(exported[0]?.body.resourceSpans[0]?.resource.attributes).to.deep.equal([
      { key: "service.name", value: { stringValue: "pages" } },
      { key: "cloud.provider", value: { stringValue: "aws" } },
      { key: "cloud.region", value: { stringValue: "eu-west-1" } },
    ]);
    expect(spans().map(({ name }) => name)).to.deep.equal(["inference job", "submit", "queue and run"]);
    expect(log).to.deep.equal([]);
  });

  it("sends the same spans when the end is delivered twice", async () => {
    await deliver(ended());
    await deliver(ended());
    expect(new Set(spans().map((span) => span.spanId)).size).to.equal(3);
  });

  it("sends a handler's run", async () => {
    await handler({ handlerRun: { job: ended(), handlerName: "store", spanId: "c".repeat(16), startedAt: 1, endedAt: 2 } });
    expect(spans().map((span) => [span.name, span.spanId])).to.deep.equal([["handler", "c".repeat(16)]]);
  });

  it("sends nothing of a job that is not traced, of another endpoint's, or of what is no job event", async () => {
    const { spanId: _, ...untraced } = ended();
    await deliver(untraced);
    await deliver(ended({ endpointName: "another" }));
    await handler({ Records: [{ Sns: { MessageId: "m-2", Message: "hello" } }] });
    expect(exported).to.deep.equal([]);
  });

  it("takes an endpoint's own path as it is", async () => {
    const own = await running({ traceEndpoint: `${origin}/otlp/v1/traces?tenant=1` });
    await own({ Records: [{ Sns: { MessageId: "m-1", Message: JSON.stringify({ schemaVersion: 1, job: ended() }) } }] });
    expect(exported.map(({ url }) => url)).to.deep.equal(["/otlp/v1/traces?tenant=1"]);
  });

  for (const [status, code] of [
    [429, "THROTTLED"],
    [503, "UNAVAILABLE"],
  ] as const) {
    it(`fails, so that Lambda delivers again, when the collector answers ${status}`, async () => {
      answer = (response) => response.writeHead(status).end();
      const error = await failure(deliver(ended()));
      expect([codedOf(error)?.code, codedOf(error)?.message]).to.deep.equal([
        code,
        `The collector at ${origin}/v1/traces answered ${status}.`,
      ]);
    });
  }

  it("fails, so that Lambda delivers again, when the collector is down or hangs up", async () => {
    answer = (response) => response.destroy();
    expect((await failure(deliver(ended()))).message).to.match(
      /^UNAVAILABLE: The collector at \S+\/v1\/traces gave no answer: (UND_ERR_SOCKET|ECONNRESET)/,
    );
    const nowhere = await running({ traceEndpoint: "http://127.0.0.1:1" });
    const error = await failure(
      nowhere({ Records: [{ Sns: { MessageId: "m-1", Message: JSON.stringify({ schemaVersion: 1, job: ended() }) } }] }),
    );
    expect(error.message).to.match(/^UNAVAILABLE: The collector at http:\/\/127\.0\.0\.1:1\/v1\/traces gave no answer: /);
  });

  it("drops what the collector refuses for good, and says so without a header", async () => {
    answer = (response) => response.writeHead(401).end("who are you");
    await deliver(ended());
    expect(logged()).to.deep.equal([
      { level: "error", message: "spans refused by the collector", at: `${origin}/v1/traces`, status: 401, reason: "who are you" },
    ]);
  });

  it("follows no redirect: headers are for the collector alone", async () => {
    answer = (response) => response.writeHead(307, { location: `${origin}/elsewhere` }).end();
    await deliver(ended());
    expect([exported.map(({ url }) => url), logged()]).to.deep.equal([
      ["/v1/traces"],
      [{ level: "error", message: "spans refused by the collector", at: `${origin}/v1/traces`, status: 307, reason: "" }],
    ]);
  });

  it("says what the collector did not take, and does not send it again, as OTLP has it", async () => {
    answer = (response) => response.writeHead(200).end('{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}');
    await deliver(ended());
    expect(logged()).to.deep.equal([
      { level: "warn", message: "spans taken in part", at: `${origin}/v1/traces`, spans: 1, reason: "too old" },
    ]);
  });

  it("reads no more of an answer than a collector has to say", async () => {
    let closed: Promise<unknown> | undefined;
    answer = (response) => {
      closed = once(response.writeHead(500), "close");
      const fill = () => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", fill);
      };
      fill();
    };
    await deliver(ended());
    // Cut off: it would write for good.
    await closed;
    expect((logged()[0] as { status: number }).status).to.equal(500);
  });
});
