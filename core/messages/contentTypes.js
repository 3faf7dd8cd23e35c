/** What a file's name says of its content, for the kinds that models take. */
const byExtension = {
    json: "application/json",
    jsonl: "application/jsonlines",
    ndjson: "application/x-ndjson",
    csv: "text/csv",
    tsv: "text/tab-separated-values",
    txt: "text/plain",
    md: "text/markdown",
    html: "text/html",
    xml: "application/xml",
    pdf: "application/pdf",
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    tif: "image/tiff",
    tiff: "image/tiff",
    bmp: "image/bmp",
    wav: "audio/wav",
    mp3: "audio/mpeg",
    flac: "audio/flac",
    ogg: "audio/ogg",
    m4a: "audio/mp4",
    mp4: "video/mp4",
    webm: "video/webm",
    mov: "video/quicktime",
    npy: "application/x-npy",
    npz: "application/x-npz",
    parquet: "application/vnd.apache.parquet",
    zip: "application/zip",
    gz: "application/gzip",
    tar: "application/x-tar",
};
/** How some kinds of files begin, in Latin-1; a dot stands for any byte. */
const byFirstBytes = [
    [/^\x89PNG\r\n\x1a\n/, "image/png"],
    [/^\xff\xd8\xff/, "image/jpeg"],
    [/^GIF8[79]a/, "image/gif"],
    [/^RIFF....WEBP/s, "image/webp"],
    [/^RIFF....WAVE/s, "audio/wav"],
    [/^(?:II\*\0|MM\0\*)/, "image/tiff"],
    [/^%PDF-/, "application/pdf"],
    [/^fLaC/, "audio/flac"],
    [/^OggS/, "audio/ogg"],
    [/^ID3/, "audio/mpeg"],
    [/^....ftyp/s, "video/mp4"],
    [/^\x93NUMPY/, "application/x-npy"],
    [/^PK\x03\x04/, "application/zip"],
    [/^\x1f\x8b/, "application/gzip"],
];
/** Content type of a file of this name; undefined when the name doesn't tell. */
export function contentTypeOfName(fileName) {
    const extension = /\.([A-Za-z0-9]+)$/.exec(fileName)?.[1]?.toLowerCase();
    return extension !== undefined && Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
}
/** Content type of bytes that begin like this; undefined when they don't tell. */
export function contentTypeOfBytes(bytes) {
    const start = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
    return byFirstBytes.find(([pattern]) => pattern.test(start))?.[1];
}
/**
 * S3's type of an object that was stored without one, as boto3's `upload_file` does.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export const untyped = "binary/octet-stream";
/** Content type of an object in S3: as it was stored, or by its key where it was stored without one. */
export function contentTypeOfObject(stored, key) {
    return stored === undefined || stored === untyped ? (contentTypeOfName(key) ?? stored) : stored;
}
/** Extension, without its dot, of a file of this content type, whose parameters don't count; undefined for an unknown type. */
export function extensionOf(contentType) {
    const type = (contentType ?? "").split(";", 1).join().trim().toLowerCase();
    return Object.keys(byExtension).find((extension) => byExtension[extension] === type);
}
