import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { cbor, dateToTag } from "@smithy/core/cbor";
import { escapeXml } from "../protocol";
import { ServiceError, type WireRequest, type WireResponse } from "../wire";

/** A call of CloudWatch, whatever protocol it came in. */
export interface Call {
  operation: string;
  input: unknown;
  /** Writes an answer, whose times are Dates, in the protocol of the call. */
  answer: (output: Record<string, unknown>) => WireResponse;
}

/**
 * CloudWatch's three protocols: RPC v2 CBOR (current SDKs), AWS JSON, and Query XML (SDKs of before 2025).
 *
 * @throws ServiceError for a body that can't be read
 */
export function readCall(request: WireRequest): Call {
  const { path, headers } = request;
  const target = headers["x-amz-target"];
  const body = readBody(request);
  if (headers["smithy-protocol"] === "rpc-v2-cbor") {
    return { operation: path.split("/").at(-1) ?? "", input: decoded(body, (bytes) => cbor.deserialize(bytes)), answer: cborAnswer };
  }
  if (target !== undefined) {
    return {
      operation: String(target).replace("GraniteServiceVersion20100801.", ""),
      input: decoded(body, (bytes) => JSON.parse(bytes.toString())),
      answer: jsonAnswer,
    };
  }
  const parameters = new URLSearchParams(body.toString());
  const operation = parameters.get("Action") ?? "";
  return { operation, input: readForm(parameters), answer: (output) => xmlAnswer(operation, output) };
}

/** SDKs compress what is larger than 10 KiB. */
function readBody({ headers, body }: WireRequest): Buffer {
  const encoding = headers["content-encoding"];
  if (encoding === undefined) return body;
  if (encoding !== "gzip") throw new ServiceError("SerializationException", `The content encoding ${encoding} is not known.`);
  return decoded(body, gunzipSync) as Buffer;
}

function decoded(body: Buffer, decode: (body: Buffer) => unknown): unknown {
  if (body.length === 0) return {};
  try {
    return decode(body);
  } catch (error) {
    throw new ServiceError("SerializationException", `The request's body can't be read: ${(error as Error).message}`);
  }
}

function cborAnswer(output: Record<string, unknown>): WireResponse {
  return {
    status: 200,
    headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
    body: Buffer.from(cbor.serialize(dated(output, dateToTag))),
  };
}

function jsonAnswer(output: Record<string, unknown>): WireResponse {
  return {
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify(dated(output, (date) => date.getTime() / 1000)),
  };
}

/** Replaces each date in an answer by what the protocol writes. */
function dated(value: unknown, write: (date: Date) => unknown): unknown {
  if (value instanceof Date) return write(value);
  if (Array.isArray(value)) return value.map((item) => dated(item, write));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, dated(item, write)]));
}

/** Members that are text in a form and something else in the API. */
const numbers =
  /^(Value|Values|Counts|Period|StorageResolution|MaxRecords|SampleCount|Sum|Minimum|Maximum|EvaluationPeriods|DatapointsToAlarm|Threshold)$/;
const times = /^(Timestamp|StartTime|EndTime|StartDate|EndDate)$/;
const booleans = /^(ReturnData|ActionsEnabled)$/;
/** Whose values are text, whatever they look like. */
const texts = /^(Dimensions|Tags)$/;

type Form = Map<string, Form | string>;

/** `MetricData.member.1.MetricName=Open` and its like, as the object that they spell. */
function readForm(parameters: URLSearchParams): unknown {
  const root: Form = new Map<string, Form | string>();
  for (const [name, value] of parameters) {
    if (name === "Action" || name === "Version") continue;
    const path = name.split(".");
    const last = path.pop() as string;
    let at = root;
    for (const step of path) {
      const next = at.get(step);
      const map: Form = next instanceof Map ? next : new Map<string, Form | string>();
      at.set(step, map);
      at = map;
    }
    at.set(last, value);
  }
  return readMember("", root, "");
}

function readMember(name: string, value: Form | string, parent: string): unknown {
  if (typeof value === "string") {
    if (numbers.test(name) && !texts.test(parent)) return Number(value);
    if (times.test(name)) return new Date(value);
    return booleans.test(name) ? value === "true" : value;
  }
  const list = value.get("member");
  if (list instanceof Map) {
    const ordered = [...list].sort(([a], [b]) => Number(a) - Number(b));
    return ordered.map(([, item]) => readMember(name, item, parent));
  }
  return Object.fromEntries([...value].map(([member, item]) => [member, readMember(member, item, name)]));
}

/** Operations whose model has no output. The result of all others stands in their answer, also an empty one: Go's SDK insists. */
const withoutOutput = /^(PutMetricData|PutMetricAlarm|DeleteAlarms|SetAlarmState|EnableAlarmActions|DisableAlarmActions)$/;

function xmlAnswer(operation: string, output: Record<string, unknown>): WireResponse {
  const result = withoutOutput.test(operation) ? "" : `<${operation}Result>${xml(output)}</${operation}Result>`;
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body:
      `<${operation}Response xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">${result}` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${operation}Response>`,
  };
}

function xml(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<member>${xml(item)}</member>`).join("");
  if (value === null || typeof value !== "object") return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, member]) => (name === "ExtendedStatistics" ? mapXml(name, member as object) : `<${name}>${xml(member)}</${name}>`))
    .join("");
}

/** The one map in an answer: its keys are no names of elements. */
function mapXml(name: string, map: object): string {
  const entries = Object.entries(map).map(([key, value]) => `<entry><key>${escapeXml(key)}</key><value>${xml(value)}</value></entry>`);
  return `<${name}>${entries.join("")}</${name}>`;
}
