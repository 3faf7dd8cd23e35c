const pieceBytes = 64 * 1024;
/** A body of just these bytes. */
export function bodyOf(content, contentType) {
  return padded(content, content.length, 0, Buffer.alloc(0), contentType);
}
/**
 * A body of a given size that a model which takes the sample takes as well: JSON and text go on with line breaks, which mean nothing
 * there; images, sound and archives with zero bytes behind their own end, which readers of such formats leave alone.
 *
 * @param bytes at least; a larger sample stays as it is
 */
export function bodyOfSize({ content, contentType }, bytes) {
  if (content !== undefined) return padded(content, bytes, isText(contentType) ? 0x0a : 0, Buffer.alloc(0), contentType);
  if (isJson(contentType)) return padded(Buffer.from('{"inputs":"'), bytes, 0x61, Buffer.from('"}'), contentType);
  return padded(Buffer.alloc(0), bytes, 0x61, Buffer.alloc(0), contentType);
}
/** Whether a body can be enlarged without a change of what it says. Parts of a form have borders, after which nothing may come. */
export function canGrow({ content, contentType }) {
  return content === undefined || !/^multipart\//i.test(contentType);
}
function isJson(contentType) {
  return /^application\/(json|[\w.+-]+\+json)\b/i.test(contentType);
}
function isText(contentType) {
  return isJson(contentType) || /^text\/|^application\/(x-ndjson|jsonlines|xml)\b/i.test(contentType);
}
function padded(head, atLeast, filler, tail, contentType) {
  const bytes = Math.max(atLeast, head.length + tail.length);
  const parts = [
    { length: head.length, take: (from, to) => head.subarray(from, to) },
    { length: bytes - head.length - tail.length, take: fill(filler) },
    { length: tail.length, take: (from, to) => tail.subarray(from, to) },
  ];
  return {
    bytes,
    contentType,
    *pieces(from = 0) {
      let skip = from;
      for (const { length, take } of parts) {
        for (let at = skip; at < length; at += pieceBytes) yield take(at, Math.min(length, at + pieceBytes));
        skip = Math.max(0, skip - length);
      }
    },
  };
}
/** One block, handed out again and again. */
function fill(byte) {
  let block;
  return (from, to) => (block ??= Buffer.alloc(pieceBytes, byte)).subarray(0, to - from);
}
