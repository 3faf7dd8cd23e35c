import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { untyped } from "../../core/messages/contentTypes";
import type { CloudContext } from "../ports";
import { ServiceError, type WireResponse } from "../wire";
import { readForm, required, requirePolicy, signerOf, type Form } from "./form";
import { asHeader, methodNotAllowed, requireSupported, type S3Address } from "./requests";
import { element, xml } from "./settingsXml";
import { readTagDocument } from "./tagging";

/** Puts an object as a PUT of it would. @param url path, percent-encoded */
export type Put = (url: string, headers: Record<string, string>, body: Buffer) => Promise<WireResponse>;

/** Whether a request is a form: its signature is in a field. */
export function isForm({ method, headers }: IncomingMessage): boolean {
  return method === "POST" && /^multipart\/form-data/i.test(headers["content-type"] ?? "");
}

/**
 * POST Object: what a browser uploads with a form that a service has signed (`generate_presigned_post`).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 *
 * @throws ServiceError
 */
export async function postObject(
  request: IncomingMessage,
  { bucket, key, query }: S3Address,
  { context, body, put }: { context: CloudContext; body: Buffer; put: Put },
): Promise<WireResponse> {
  if (key !== "" || bucket === "") throw methodNotAllowed();
  const form = readForm(request.headers["content-type"] ?? "", body);
  const { fields } = form;
  const accessKeyId = signerOf(form, context.region);
  const name = required(fields, "key");
  if (name === "." || name === "..") throw new ServiceError("InvalidURI", "Couldn't parse the specified URI.", 400);
  // As for presigned URLs, the signer's clock may be the cloud's or the wall's.
  requirePolicy(form, bucket, Math.min(context.clock.now(), Date.now()));
  const headers = headersOf(form);
  const asPut = { method: "PUT", headers: headers as IncomingHttpHeaders };
  requireSupported(asPut, { bucket, key: name, query });
  const path = `/${encodeURIComponent(bucket)}/${name.split("/").map(encodeURIComponent).join("/")}`;
  const token = fields.get("x-amz-security-token");
  const judged = { ...headers, ...forwarded(request.headers), ...(token !== undefined && { "x-amz-security-token": token }) };
  context.access.requireCall("s3", { ...asPut, headers: judged, path, query: new URLSearchParams(), body: undefined, accessKeyId });
  // As one step: "..", which is a part of its name, would lead out of what was judged.
  const answer = await put(`/${encodeURIComponent(bucket)}/${encodeURIComponent(name)}`, headers, form.file);
  return answer.status >= 300 ? answer : success(form, answer, { bucket, key: name, location: `http://${request.headers.host}${path}` });
}

/** What a proxy says of the way that a request came. */
function forwarded(headers: IncomingHttpHeaders): Record<string, string> {
  const { "x-forwarded-proto": protocol } = headers;
  return protocol === undefined ? {} : { "x-forwarded-proto": String(protocol) };
}

/** Fields that say of the object what headers say of it elsewhere. */
const described =
  /^(content-(type|disposition|encoding|language)|cache-control|expires|x-amz-(?!algorithm$|credential$|date$|signature$|security-token$).+)$/;

function headersOf({ fields }: Form): Record<string, string> {
  const acl = fields.get("acl");
  const tagging = fields.get("tagging");
  const tags = tagging === undefined ? undefined : new URLSearchParams(readTagDocument(Buffer.from(tagging)));
  return {
    "content-type": untyped,
    ...Object.fromEntries([...fields].flatMap(([name, value]) => (described.test(name) ? [[name, asHeader(name, value)]] : []))),
    ...(acl !== undefined && { "x-amz-acl": acl }),
    ...(tags && { "x-amz-tagging": tags.toString() }),
  };
}

function success({ fields }: Form, answer: WireResponse, made: { bucket: string; key: string; location: string }): WireResponse {
  const { bucket, key, location } = made;
  const etag = answer.headers?.["etag"] ?? "";
  const redirect = redirectOf(fields.get("success_action_redirect") ?? fields.get("redirect"));
  if (redirect) {
    for (const [name, value] of Object.entries({ bucket, key, etag })) redirect.searchParams.set(name, value);
    return { status: 303, headers: { ...answer.headers, location: redirect.toString() } };
  }
  const asked = fields.get("success_action_status");
  const status = asked === "200" || asked === "201" ? Number(asked) : 204;
  const headers = { ...answer.headers, location };
  if (status !== 201) return { status, headers };
  const named = { Location: location, Bucket: bucket, Key: key, ETag: etag };
  const content = Object.entries(named).map(([each, value]) => element(each, value));
  const document = xml("PostResponse", content.join(""), "");
  return { status, headers: { ...headers, "content-type": document.contentType }, body: document.body };
}

/** Undefined for a text that is no URL: S3 then answers as without it. */
function redirectOf(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
