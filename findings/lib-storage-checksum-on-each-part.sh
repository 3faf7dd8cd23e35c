#!/usr/bin/env bash
# @aws-sdk/lib-storage 3.1175.0 with @aws-sdk/client-s3 3.1175.0: `Upload` with the SHA-256 of the body that the caller has computed.
#
# Guess:     the checksum goes with the whole object: with PutObject for a small body, with CompleteMultipartUpload (or nowhere) for a large one.
# Behaviour: from the second part on, the whole body's checksum is sent with every part, too, of which it is not the checksum: S3
#            compares them and refuses the parts. The same call works as long as the body fits one part (5 MiB) and fails beyond.
#            The parts are also announced as CRC32 when the upload begins. `ChecksumAlgorithm: "SHA256"` works for both.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . \
  @aws-sdk/lib-storage@3.1175.0 @aws-sdk/client-s3@3.1175.0 @aws-sdk/core@3.981.2 @smithy/core@3.41.1
cat >upload.mjs <<'JAVASCRIPT'
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const hash = (body) => createHash("sha256").update(body).digest("base64");
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  const { "x-amz-checksum-sha256": sent, "x-amz-checksum-algorithm": algorithm } = request.headers;
  const step = request.method === "PUT" ? `PUT of ${body.length} bytes` : request.url.includes("uploads") ? "create" : "complete";
  const verdict = request.method !== "PUT" ? sent ?? algorithm : sent === hash(body) ? "its own checksum" : "not its own checksum";
  console.log(`${step}: ${verdict === whole ? "the whole body's checksum" : verdict}`);
  response.setHeader("etag", '"1"');
  response.end(request.method === "PUT" ? "" : "<Result><UploadId>u</UploadId></Result>");
}).listen(0, "127.0.0.1", upload);
let whole;

async function upload() {
  const endpoint = `http://127.0.0.1:${server.address().port}`;
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const client = new S3Client({ endpoint, region: "eu-west-1", credentials, forcePathStyle: true });
  for (const size of [1000, 6 * 2 ** 20]) {
    const Body = Buffer.alloc(size, 7);
    whole = hash(Body);
    await new Upload({ client, queueSize: 1, params: { Bucket: "pages", Key: "page", Body, ChecksumSHA256: whole } }).done();
  }
  server.close();
  server.closeAllConnections();
}
JAVASCRIPT
seen=$(node --no-warnings upload.mjs)
expected="PUT of 1000 bytes: its own checksum
create: CRC32
PUT of 5242880 bytes: not its own checksum
PUT of 1048576 bytes: not its own checksum
complete: the whole body's checksum"

printf '@aws-sdk/lib-storage 3.1175.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
