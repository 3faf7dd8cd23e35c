import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { speedHeader } from "../aws/followClock";
import { WallClock, type Clock } from "./clock";
import type { JudgedRequest } from "./identity/actions/table";
import type { CloudService } from "./ports";
import { LostAnswer } from "./faults/cloudFaults";
import { wrongRegion } from "./identity/denials";
import { errorResponse, protocolOf, type Protocol } from "./protocol";
import { asFailureOf, internalFailure, notSupported, readStream, ServiceError, type WireResponse } from "./wire";

/** Largest body of a service that doesn't stream: more than any of their APIs take. */
const bodyLimitBytes = 16 * 1024 * 1024;

/** Lambda takes the archive of a function in the call itself: 50 MB, in base64 and with the settings around it. */
const lambdaBodyLimitBytes = 70_167_211;

/** Services that AWS has once for all regions: their clients sign for a region of AWS's choice. */
const globalServices: ReadonlySet<string> = new Set(["iam", "sts"]);

/** Who signed a request, and for which service of which region. */
interface Scope {
  service: string;
  /** Undefined where the signature has none. */
  region?: string;
  accessKeyId: string;
}

/**
 * The one port of the embedded cloud. Any AWS SDK reaches any service here: what a request is for
 * stands in the scope of its signature (`Credential=<key>/<date>/<region>/<service>/aws4_request`).
 * Signatures are not verified; the access key tells who calls.
 */
export class Front {
  private readonly wire: NonNullable<CloudService["wire"]> = {};
  private readonly streams: NonNullable<CloudService["streams"]> = {};
  private readonly server = createServer((request, response) => void this.serve(request, response));

  /**
   * @param judge decides whether a request may be made at all, before its service sees it; throws ServiceError. @default lets all through
   * @param clock what every answer tells the time of. @default the wall's
   * @param region which signatures must be for. @default any
   */
  constructor(
    private readonly judge: (service: string, request: JudgedRequest) => void = () => undefined,
    private readonly clock: Pick<Clock, "now" | "speed"> = new WallClock(),
    private readonly region?: string,
  ) {
    // An upload of any length on a slow machine is no attack on a loopback port.
    this.server.requestTimeout = 0;
    this.server.keepAliveTimeout = 60_000;
  }

  /** Routes what is signed for the service's names to it. Throws when a name is taken. */
  add(service: Pick<CloudService, "wire" | "streams">): void {
    for (const name of [...Object.keys(service.wire ?? {}), ...Object.keys(service.streams ?? {})]) {
      if (name in this.wire || name in this.streams) throw new Error(`two services of the embedded cloud answer for "${name}"`);
    }
    Object.assign(this.wire, service.wire);
    Object.assign(this.streams, service.streams);
  }

  /** Listens on 127.0.0.1. @param port 0 picks a free one. @returns the port */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", () => {
        this.server.off("error", reject);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** Stops listening and ends every connection, kept-alive and busy ones too. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock } = this;
    takeFromProxy(request);
    response.setHeader("date", new Date(clock.now()).toUTCString());
    if (clock.speed > 1) response.setHeader(speedHeader, String(clock.speed));
    const scope = scopeOf(request);
    // What isn't signed at all can only be S3's: a public object.
    const service = scope?.service ?? (isCall(request) ? "unsigned" : "s3");
    const protocol = protocolOf(service, request.headers);
    try {
      const { region } = this;
      if (region !== undefined && scope?.region !== undefined && scope.region !== region && !globalServices.has(service)) {
        throw wrongRegion(service, scope.region, region);
      }
      if (service === "unsigned") throw new ServiceError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
      const handler = this.wire[service];
      const stream = this.streams[service];
      if (!handler && !stream) throw notSupported(`the service "${service}"`);
      // Objects are as long as a gigabyte; all else is read first, since what a call is about stands in its body.
      const limitBytes = service === "lambda" ? lambdaBodyLimitBytes : bodyLimitBytes;
      const body = service === "s3" ? undefined : await readStream(request, limitBytes, () => entityTooLarge(limitBytes));
      const [path = "/", query] = (request.url ?? "/").split("?", 2);
      const call: JudgedRequest = {
        method: request.method ?? "GET",
        path,
        query: new URLSearchParams(query),
        headers: request.headers,
        body,
        ...(scope && { accessKeyId: scope.accessKeyId }),
      };
      this.judge(service, call);
      if (stream && service !== "s3") response.setHeader("x-amzn-requestid", crypto.randomUUID());
      if (stream) await stream(request, response, { accessKeyId: scope?.accessKeyId, body });
      else if (handler) send(response, protocol, await handler({ ...call, body: body ?? Buffer.alloc(0) }));
    } catch (error) {
      // The client went away, or the answer had begun: nobody is left to tell. Or nobody is meant to hear.
      if (error instanceof LostAnswer || response.headersSent || response.destroyed) return void response.destroy();
      request.resume();
      send(response, protocol, errorResponse(asFailureOf(service, asServiceError(error)), protocol, request.headers["content-type"]));
    }
  }
}

function scopeOf(request: IncomingMessage): Scope | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1] ?? /[?&]X-Amz-Credential=([^&]+)/i.exec(request.url ?? "")?.[1];
  const match = credential === undefined ? undefined : /^([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request$/.exec(decoded(credential));
  if (match) return { accessKeyId: match[1] as string, region: match[2] as string, service: match[3] as string };
  // URLs of S3 that were presigned the old way, as boto3's are by default.
  const oldKey = /[?&]AWSAccessKeyId=([^&]+)/.exec(request.url ?? "")?.[1];
  return oldKey === undefined ? undefined : { accessKeyId: decoded(oldKey), service: "s3" };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Makes a request that came to this port as to a proxy one to the port itself. A client whose endpoint's host gets a prefix, such
 * as S3 Control's `000000000000.127.0.0.1`, can reach this port in no other way: that name leads nowhere, and is no URL's either.
 */
function takeFromProxy(request: IncomingMessage): void {
  const [, path] = /^https?:\/\/[^/?]*(.*)$/i.exec(request.url ?? "") ?? [];
  if (path === undefined) return;
  request.url = path.startsWith("/") ? path : `/${path}`;
  request.headers.host = `127.0.0.1:${request.socket.localPort}`;
}

/** True for a call of an API other than S3's, whatever its signature. */
function isCall(request: IncomingMessage): boolean {
  const contentType = request.headers["content-type"] ?? "";
  return (
    request.headers["x-amz-target"] !== undefined ||
    request.headers["smithy-protocol"] !== undefined ||
    (request.method === "POST" && request.url === "/" && contentType.startsWith("application/x-www-form-urlencoded"))
  );
}

function entityTooLarge(limitBytes: number): ServiceError {
  return new ServiceError("RequestEntityTooLargeException", `Request must be smaller than ${limitBytes} bytes.`, 413);
}

function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  // Our own mistake: the stack is what whoever reports it must send.
  return new ServiceError(internalFailure, `The embedded cloud failed: ${error instanceof Error ? error.stack : String(error)}`, 500);
}

function send(response: ServerResponse, protocol: Protocol, { status, headers = {}, body = "" }: WireResponse): void {
  const idHeader = protocol === "s3" ? "x-amz-request-id" : "x-amzn-requestid";
  const named = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (!named.some(([name]) => name.toLowerCase() === idHeader)) named.push([idHeader, crypto.randomUUID()]);
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...Object.fromEntries(named) });
  response.end(body);
}
