/** Reads `s3://bucket/key`; undefined for anything else, a bucket without a key included. */
export function readS3Uri(uri) {
    const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(uri);
    return match ? { bucket: match[1], key: match[2] } : undefined;
}
/** Writes `s3://bucket/key`. */
export function s3Uri({ bucket, key }) {
    return `s3://${bucket}/${key}`;
}
