import { pipeline } from "node:stream/promises";
import { commonHeaders, objectPolicy } from "./headers";
import { messageIn } from "./problems";
/** So much of a text is shown. */
const shownBytes = 256 * 1024;
/** Pictures that a browser draws without running anything: no SVG, which is a document with scripts. */
const images = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];
const sounds = ["audio/mpeg", "audio/wav", "audio/x-wav", "audio/ogg", "audio/flac", "audio/mp4", "audio/aac", "audio/webm"];
/** What an object is shown as, by its content type alone: what its bytes look like is the sender's choice. */
export function kindOf(contentType) {
    const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    if (images.includes(type))
        return "image";
    if (sounds.includes(type))
        return "audio";
    if (type === "application/json" || /^application\/[\w.-]+\+json$/.test(type) || type === "application/jsonlines")
        return "json";
    if (type.startsWith("text/"))
        return "text";
    return "other";
}
/** Headers of an object: only pictures and sounds keep their type; all else is a download that no browser opens by itself. */
export function objectHeaders(contentType, fileName) {
    const isHarmless = ["image", "audio"].includes(kindOf(contentType));
    const name = fileName.replace(/[^\w.-]/g, "_") || "object";
    return {
        ...commonHeaders,
        "content-security-policy": objectPolicy,
        "content-type": isHarmless ? contentType : "application/octet-stream",
        "content-disposition": `${isHarmless ? "inline" : "attachment"}; filename="${name}"`,
    };
}
/** One of a job's objects, as the page shows it. Never throws: what can't be read says why. */
export async function showObject(job, what) {
    try {
        const object = await job.open(what);
        if (object === undefined)
            return { what, problem: "There is none." };
        const { location, contentType, bytes, body } = object;
        const kind = kindOf(contentType);
        const shown = { what, location, bytes, kind, ...(contentType === undefined ? {} : { contentType }) };
        if (kind !== "text" && kind !== "json") {
            body.destroy();
            return shown;
        }
        const { text, isCut } = await beginning(body);
        return { ...shown, text, isCut };
    }
    catch (error) {
        return { what, problem: messageIn(error) };
    }
}
async function beginning(body) {
    const chunks = [];
    let bytes = 0;
    for await (const chunk of body) {
        chunks.push(Buffer.from(chunk));
        bytes += chunk.length;
        if (bytes > shownBytes)
            break;
    }
    const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, shownBytes));
    return { text, isCut: bytes > shownBytes };
}
/** Sends an object whole. @returns false when there is none */
export async function sendObject(job, what, response) {
    const object = await job.open(what);
    if (object === undefined)
        return false;
    const { location, contentType, bytes, body } = object;
    const fileName = `${job.jobId}-${what}-${location.slice(location.lastIndexOf("/") + 1)}`;
    response.writeHead(200, { ...objectHeaders(contentType, fileName), "content-length": bytes });
    // A reader who goes away is no error of ours.
    await pipeline(body, response).catch(() => undefined);
    return true;
}
