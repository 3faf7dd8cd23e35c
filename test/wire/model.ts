import { cbor } from "@smithy/core/cbor";
import { NormalizedSchema } from "@smithy/core/schema";

/** The little of an SDK client that is watched. */
interface Watched {
  middlewareStack: { add(middleware: unknown, options: { step: "deserialize"; priority: "low" }): void };
}

interface Result {
  response: { statusCode: number; headers: Record<string, string>; body: AsyncIterable<Uint8Array> | Uint8Array };
}

interface Context {
  __smithy_context?: { operationSchema?: readonly unknown[] };
}

/**
 * Reports each member of an answer that the service's own API model does not have: an SDK drops it without a word, and a provider
 * takes what it looks for as unset. JSON and CBOR are read; XML is not.
 */
export function watchAnswers(client: Watched, report: (problem: string) => void): void {
  const watch = (next: (args: unknown) => Promise<Result>, context: Context) => async (args: unknown) => {
    const result = await next(args);
    const { response } = result;
    const bytes = await collected(response.body);
    response.body = bytes;
    // A static schema of an operation: kind, namespace, name, traits, input, output.
    const [, , operation, , , output] = context.__smithy_context?.operationSchema ?? [];
    const document = response.statusCode < 300 ? decoded(response.headers["content-type"] ?? "", bytes) : undefined;
    if (document !== undefined && output !== undefined) {
      for (const member of unknownMembers(NormalizedSchema.of(output as never), document, String(operation))) report(member);
    }
    return result;
  };
  client.middlewareStack.add(watch, { step: "deserialize", priority: "low" });
}

/** Paths of the members that a schema does not have. */
export function unknownMembers(schema: NormalizedSchema, value: unknown, path: string): string[] {
  if (value === null || typeof value !== "object") return [];
  if (Array.isArray(value)) {
    return schema.isListSchema() ? value.flatMap((item, at) => unknownMembers(schema.getValueSchema(), item, `${path}.${at}`)) : [path];
  }
  if (schema.isMapSchema()) {
    return Object.entries(value).flatMap(([key, item]) => unknownMembers(schema.getValueSchema(), item, `${path}.${key}`));
  }
  // A time or a blob in CBOR.
  if (!schema.isStructSchema()) return [];
  const members = new Map([...schema.structIterator()].map(([name, member]) => [jsonName(member) ?? name, member]));
  return Object.entries(value).flatMap(([name, item]) => {
    const member = members.get(name);
    return member === undefined ? [`${path}.${name}`] : unknownMembers(member, item, `${path}.${name}`);
  });
}

function jsonName(member: NormalizedSchema): string | undefined {
  return (member.getMergedTraits() as { jsonName?: string }).jsonName;
}

async function collected(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function decoded(contentType: string, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  if (contentType.includes("cbor")) return cbor.deserialize(bytes);
  return contentType.includes("json") ? JSON.parse(Buffer.from(bytes).toString()) : undefined;
}
