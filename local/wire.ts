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

/** What every call gets that the embedded cloud does not have: nothing is accepted silently. */
export function notSupported(what: string): ServiceError {
  return new ServiceError("NotImplemented", `The embedded cloud does not support ${what}.`, 501);
}
