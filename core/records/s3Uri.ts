/** Where an object is. */
export interface S3Location {
  bucket: string;
  /** No leading slash, not percent-encoded. */
  key: string;
}

/** Reads `s3://bucket/key`; undefined for anything else, a bucket without a key included. */
export function readS3Uri(uri: string): S3Location | undefined {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(uri);
  return match ? { bucket: match[1] as string, key: match[2] as string } : undefined;
}

/** Writes `s3://bucket/key`. */
export function s3Uri({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** ARN of an S3 object, or of what is below a prefix that ends in `*`. */
export function objectArn(bucket: string, key: string, partition = "aws"): string {
  return `arn:${partition}:s3:::${bucket}/${key}`;
}
