import { ServiceError } from "../wire";
import { tooLarge } from "./requests";

/** What a browser's form uploads: fields by their names in lower case, and the file. */
export interface Form {
  fields: ReadonlyMap<string, string>;
  file: Buffer;
}

/** What precedes the file. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, MaxPostPreDataLengthExceeded */
const mostFieldBytes = 20 * 1024;

/**
 * Reads a form. What follows the file is left out, as S3 does, and `${filename}` in a field is the file's name.
 *
 * Node's own `Response.formData` takes a part without a file name for text and so spoils its bytes: Go's `CreateFormField` and
 * requests' `files={"file": (None, data)}` send the file that way, which S3 takes.
 *
 * @throws ServiceError
 */
export function readForm(contentType: string, body: Buffer): Form {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw malformed();
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first one has no line before it.
  const bytes = Buffer.concat([Buffer.from("\r\n"), body]);
  const fields = new Map<string, string>();
  for (let at = bytes.indexOf(delimiter); at >= 0;) {
    const start = at + delimiter.length;
    if (bytes.subarray(start, start + 2).toString() === "--") break;
    const headersEnd = bytes.indexOf("\r\n\r\n", start);
    if (headersEnd < 0) throw malformed();
    const { name, filename } = readDisposition(bytes.subarray(start, headersEnd).toString());
    if (headersEnd > mostFieldBytes + 2) {
      throw invalid("MaxPostPreDataLengthExceeded", "Your POST request fields preceding the upload file were too large.");
    }
    const end = bytes.indexOf(delimiter, headersEnd + 2);
    if (end < 0) throw malformed();
    const content = bytes.subarray(Math.min(headersEnd + 4, end), end);
    if (name === "file") return { fields: withFilename(fields, filename ?? ""), file: content };
    fields.set(name, content.toString());
    at = end;
  }
  throw invalid("IncorrectNumberOfFilesInPostRequest", "POST requires exactly one file upload per request.");
}

function readDisposition(headers: string): { name: string; filename: string | undefined } {
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(headers)?.[1] ?? "";
  const [, name] = /(?:^|[;\s])name=(?:"([^"]*)")/i.exec(disposition) ?? /(?:^|[;\s])name=([^\s;]+)/i.exec(disposition) ?? [];
  if (name === undefined) throw malformed();
  const [, filename] = /filename="([^"]*)"/i.exec(disposition) ?? /filename=([^\s;]+)/i.exec(disposition) ?? [];
  // Some browsers send the whole path.
  return { name: name.toLowerCase(), filename: filename?.split(/[/\\]/).at(-1) };
}

function withFilename(fields: ReadonlyMap<string, string>, filename: string): ReadonlyMap<string, string> {
  return new Map([...fields].map(([name, value]) => [name, name === "policy" ? value : value.replaceAll("${filename}", filename)]));
}

/** Who signed a form. @throws ServiceError for one that is not signed, or not for this region */
export function signerOf({ fields }: Form, region: string): string {
  const policy = fields.get("policy");
  if (policy === undefined) throw new ServiceError("AccessDenied", "Access Denied", 403);
  const oldKey = fields.get("awsaccesskeyid");
  const names = oldKey === undefined ? ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"] : ["signature"];
  for (const name of names) required(fields, name);
  if (oldKey !== undefined) return oldKey;
  const credential = fields.get("x-amz-credential") ?? "";
  const [, key, signedRegion] = /^([^/]+)\/\d{8}\/([^/]+)\/s3\/aws4_request$/.exec(credential) ?? [];
  const place = "Error parsing the X-Amz-Credential parameter;";
  if (key === undefined) throw invalid("InvalidRequest", `${place} got "${credential}", expecting KEY/YYYYMMDD/REGION/s3/aws4_request`);
  if (signedRegion === region) return key;
  throw invalid("AuthorizationQueryParametersError", `${place} the region '${signedRegion}' is wrong; expecting '${region}'`);
}

/** A field that a form must have before its file. @throws ServiceError InvalidArgument */
export function required(fields: Form["fields"], name: string): string {
  const value = fields.get(name);
  if (value !== undefined && value !== "") return value;
  const shown = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()).replace(/^Key$/, "key");
  throw invalid(
    "InvalidArgument",
    `Bucket POST must contain a field named '${shown}'.  If it is specified, please check the order of the fields.`,
  );
}

type Condition =
  | { operator: "eq" | "starts-with"; field: string; value: string }
  | { operator: "content-length-range"; range: [number, number] };

/** Fields that a policy need not speak of. */
const unconditional = /^(x-amz-signature|signature|awsaccesskeyid|policy|file|x-ignore-.*)$/;

/**
 * Holds a form to the policy that its signer gave it: until when, which fields and how many bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 *
 * @param now milliseconds since the epoch
 * @throws ServiceError InvalidPolicyDocument, AccessDenied, EntityTooLarge or EntityTooSmall
 */
export function requirePolicy({ fields, file }: Form, bucket: string, now: number): void {
  const { expiresAt, conditions } = readPolicy(fields.get("policy") ?? "");
  if (now > expiresAt) throw refused("Policy expired.");
  const values = new Map([...fields, ["bucket", bucket]]);
  const named = new Set<string>();
  for (const condition of conditions) {
    if (condition.operator === "content-length-range") continue;
    const { operator, field, value } = condition;
    named.add(field);
    if (holds(operator, field, values.get(field), value)) continue;
    throw refused(`Policy Condition failed: ["${operator}", "$${field}", "${value}"]`);
  }
  const extra = [...fields.keys()].filter((name) => !named.has(name) && !unconditional.test(name));
  if (extra.length > 0) throw refused(`Extra input fields: ${extra.join(", ")}`);
  for (const condition of conditions) {
    if (condition.operator !== "content-length-range") continue;
    const [least, most] = condition.range;
    if (file.length > most) throw tooLarge();
    if (file.length < least) throw invalid("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  }
}

function holds(operator: "eq" | "starts-with", field: string, given: string | undefined, wanted: string): boolean {
  if (operator === "eq") return given === wanted;
  // Several types in one field must each be one of those.
  const each = field === "content-type" ? (given ?? "").split(",") : [given ?? ""];
  return each.every((value) => value.startsWith(wanted));
}

function readPolicy(encoded: string): { expiresAt: number; conditions: Condition[] } {
  const document = parsed(encoded);
  const { expiration, conditions } = document;
  if (expiration === undefined) throw invalidPolicy("Policy missing expiration.");
  const text = typeof expiration === "string" ? expiration : JSON.stringify(expiration);
  const expiresAt = /^\d{4}-\d\d-\d\dT.*Z$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(expiresAt)) throw invalidPolicy(`Invalid 'expiration' value: '${text}'`);
  if (!Array.isArray(conditions)) throw invalidPolicy("Policy missing conditions.");
  return { expiresAt, conditions: conditions.map(readCondition) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return document as Record<string, unknown>;
  } catch {
    // The same refusal as for JSON that is no object.
  }
  throw invalidPolicy("Invalid JSON.");
}

function readCondition(condition: unknown): Condition {
  if (Array.isArray(condition)) {
    const [operator, first, second] = condition as unknown[];
    const name = String(operator).toLowerCase();
    if (name === "content-length-range") {
      const range: [number, number] = [Number(first), Number(second)];
      if (condition.length === 3 && range.every((bound) => Number.isInteger(bound) && bound >= 0)) return { operator: name, range };
    } else if ((name === "eq" || name === "starts-with") && condition.length === 3 && typeof first === "string" && first.startsWith("$")) {
      return { operator: name, field: first.slice(1).toLowerCase(), value: String(second) };
    }
    throw invalidPolicy(`Invalid condition: ${JSON.stringify(condition)}`);
  }
  const pairs = typeof condition === "object" && condition !== null ? Object.entries(condition) : [];
  const [pair] = pairs;
  if (pair === undefined || pairs.length > 1) {
    throw invalidPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
  }
  return { operator: "eq", field: pair[0].toLowerCase(), value: String(pair[1]) };
}

function malformed(): ServiceError {
  return invalid("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.");
}

function refused(why: string): ServiceError {
  return new ServiceError("AccessDenied", `Invalid according to Policy: ${why}`, 403);
}

function invalidPolicy(why: string): ServiceError {
  return invalid("InvalidPolicyDocument", `Invalid Policy: ${why}`);
}

function invalid(code: string, message: string): ServiceError {
  return new ServiceError(code, message, 400);
}
