import type { IncomingHttpHeaders } from "node:http";

/** One request to a service of the embedded cloud, its body read. */
export interface WireRequest {
  method: string;
  /** Path as sent: percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Access key id that signed the request: who calls. Undefined for an unsigned one. */
  accessKeyId?: string;
}

/** A service's answer. `undefined` headers are left out. */
export interface WireResponse {
  status: number;
  headers?: Record<string, string | undefined>;
  body?: string | Buffer;
}

/** A service of the embedded cloud, as the front calls it. Throws {@link ServiceError}. */
export type Service = (request: WireRequest) => Promise<WireResponse>;

/**
 * An answer that says no. The front writes it in the shape of the service that was called:
 * JSON, Query XML or S3 XML.
 */
export class ServiceError extends Error {
  constructor(
    /** As the service spells it: `ValidationException`, `NoSuchBucket`. */
    readonly code: string,
    message: string,
    /** HTTP status. */
    readonly status: number = 400,
    /** The error's name in JSON and CBOR, where a service that once spoke Query alone has another there. @default the code */
    readonly shape?: string,
  ) {
    super(message);
    this.name = code;
  }
}

/** Code of a failure that is the cloud's own, until a service has its name for it: see {@link asFailureOf}. */
export const internalFailure = "InternalFailure";

/** What services call a failure of their own, by what requests are signed for; the others have the name that all of AWS knows. */
const failureNames: Readonly<Record<string, readonly [code: string, shape?: string]>> = {
  "application-autoscaling": ["InternalServiceException"],
  dynamodb: ["InternalServerError"],
  events: ["InternalException"],
  iam: ["ServiceFailure"],
  kms: ["KMSInternalException"],
  lambda: ["ServiceException"],
  logs: ["ServiceUnavailableException"],
  monitoring: ["InternalServiceError", "InternalServiceFault"],
  s3: ["InternalError"],
  sns: ["InternalError"],
  ssm: ["InternalServerError"],
};

/** A failure of the cloud's own in the words of a service; any other error as it is. @param service what the request is signed for */
export function asFailureOf(service: string, error: ServiceError): ServiceError {
  const { [service]: name } = failureNames;
  return error.code === internalFailure && name ? new ServiceError(name[0], error.message, error.status, name[1]) : error;
}

/** Reads what streams. @throws what `tooLarge` makes, at the first byte over the limit */
export async function readStream(stream: AsyncIterable<unknown>, limitBytes: number, tooLarge: () => ServiceError): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** What every call gets that the embedded cloud does not have: nothing is accepted silently. */
export function notSupported(what: string): ServiceError {
  return new ServiceError("NotImplemented", `The embedded cloud does not support ${what}.`, 501);
}
