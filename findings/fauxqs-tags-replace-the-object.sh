#!/usr/bin/env bash
# fauxqs 2.4.1, an emulator of S3, SQS and SNS, through @aws-sdk/client-s3 3.1175.0. Needs Node.js 22.5 or later.
#
# Guess:     an operation that the emulator does not have is refused (501), and conditions are either kept or refused for reads and
#            writes alike.
# Behaviour: PutObjectTagging and PutObjectAcl are taken as a PutObject of the same key: the object's content is afterwards the
#            request's XML, or nothing. `IfNoneMatch` and `IfMatch` hold for reads and are ignored for writes, so that the loser
#            of a race overwrites. Each is answered with 200.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . fauxqs@2.4.1 @aws-sdk/client-s3@3.1175.0
cat >tag.mjs <<'JAVASCRIPT'
import * as s3 from "@aws-sdk/client-s3";
import { startFauxqs } from "fauxqs";

const server = await startFauxqs({ port: 0, logger: false });
const credentials = { accessKeyId: "a", secretAccessKey: "b" };
const client = new s3.S3Client({ endpoint: `http://127.0.0.1:${server.port}`, region: "eu-west-1", credentials, forcePathStyle: true });
const object = { Bucket: "pages", Key: "page" };
const content = async () => (await client.send(new s3.GetObjectCommand(object))).Body.transformToString();
await client.send(new s3.CreateBucketCommand({ Bucket: "pages" }));
const steps = {
  "tags set": new s3.PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [{ Key: "job", Value: "1" }] } }),
  "ACL set": new s3.PutObjectAclCommand({ ...object, ACL: "private" }),
  "put if absent": new s3.PutObjectCommand({ ...object, Body: "second", IfNoneMatch: "*" }),
  "put if unchanged": new s3.PutObjectCommand({ ...object, Body: "third", IfMatch: '"0"' }),
  "get if unchanged": new s3.GetObjectCommand({ ...object, IfMatch: '"0"' }),
};
for (const [name, step] of Object.entries(steps)) {
  await client.send(new s3.PutObjectCommand({ ...object, Body: "first" }));
  const status = await client.send(step).then(({ $metadata }) => $metadata.httpStatusCode, (error) => error.name);
  console.log(`${name}: ${status}, content: ${(await content()).replace(/^<\?xml.*/s, "<?xml ...")}`);
}
await server.stop();
JAVASCRIPT
seen=$(node --no-warnings tag.mjs)
expected='tags set: 200, content: <?xml ...
ACL set: 200, content: 
put if absent: 200, content: second
put if unchanged: 200, content: third
get if unchanged: PreconditionFailed, content: first'

printf 'fauxqs 2.4.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
