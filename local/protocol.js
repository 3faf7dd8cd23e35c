import { randomUUID } from "node:crypto";
/** Tells the protocol of a request from the service it is for and from its headers. */
export function protocolOf(service, headers) {
    if (service === "s3")
        return "s3";
    const contentType = headers["content-type"] ?? "";
    if (headers["smithy-protocol"] === "rpc-v2-cbor" || contentType.startsWith("application/cbor"))
        return "cbor";
    if (headers["x-amz-target"] !== undefined || contentType.startsWith("application/x-amz-json"))
        return "json";
    if (contentType.startsWith("application/x-www-form-urlencoded"))
        return "query";
    return "restJson";
}
/** Writes an error as a service that speaks `protocol` would. */
export function errorResponse(error, protocol, contentType) {
    const { code, message, status, shape } = error;
    const requestId = randomUUID();
    const senderFault = status < 500;
    const queryError = shape !== undefined && { "x-amzn-query-error": `${code};${senderFault ? "Sender" : "Receiver"}` };
    switch (protocol) {
        case "json":
            return {
                status,
                headers: {
                    "content-type": contentType ?? "application/x-amz-json-1.0",
                    "x-amzn-requestid": requestId,
                    "x-amzn-errortype": shape ?? code,
                    ...queryError,
                },
                body: JSON.stringify({ __type: shape ?? code, message }),
            };
        case "cbor":
            return {
                status,
                headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-requestid": requestId, ...queryError },
                body: cborMap({ __type: shape ?? code, message }),
            };
        case "restJson":
            return {
                status,
                headers: { "content-type": "application/json", "x-amzn-requestid": requestId, "x-amzn-errortype": code },
                body: JSON.stringify({ Type: senderFault ? "User" : "Service", Message: message }),
            };
        case "query":
            return {
                status,
                headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
                body: `<ErrorResponse><Error><Type>${senderFault ? "Sender" : "Receiver"}</Type><Code>${escapeXml(code)}</Code>` +
                    `<Message>${escapeXml(message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
            };
        case "s3":
            return {
                status,
                headers: { "content-type": "application/xml", "x-amz-request-id": requestId, "x-amz-id-2": "embedded" },
                body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>` +
                    `<RequestId>${requestId}</RequestId><HostId>embedded</HostId></Error>`,
            };
    }
}
/** Text as the content of an XML element or attribute. */
export function escapeXml(text) {
    return text.replace(/[<>&"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
/** RFC 8949: a map of text to text is all that an error needs. */
function cborMap(entries) {
    const pairs = Object.entries(entries);
    return Buffer.concat([cborHead(5, pairs.length), ...pairs.flat().map(cborText)]);
}
function cborText(text) {
    const bytes = Buffer.from(text);
    return Buffer.concat([cborHead(3, bytes.length), bytes]);
}
function cborHead(majorType, length) {
    if (length < 24)
        return Buffer.of((majorType << 5) | length);
    const head = Buffer.alloc(5);
    head.writeUInt8((majorType << 5) | 26);
    head.writeUInt32BE(length, 1);
    return head;
}
