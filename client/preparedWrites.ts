import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { heard } from "../aws/followClock";
import type { ServiceClock } from "../core/serviceClock";

/** For how long writes follow one that the SDK has made: an endpoint or a setting that changes is followed by then. */
const preparedMilliseconds = 60_000;

/** For how long all writes are the SDK's after one that was not answered with success, so that its throttling and retries see them all. */
const pausedMilliseconds = 60_000;

type Headers = Record<string, string>;

/** A request of the SDK's, up to what this needs of it. */
interface Request {
  headers: Headers;
  body?: unknown;
}

interface Answer {
  response: { statusCode: number; headers: Headers; body: Readable };
}

/** What the SDK has chosen to sign a call with. */
interface Scheme {
  identity: unknown;
  signer: { sign(request: Request, identity: unknown, properties: object): Promise<Request> };
  httpAuthOption: { signingProperties?: object };
}

/** A write of the SDK's, as it was before it was signed. */
interface Prepared {
  request: Request;
  scheme: Scheme;
  since: number;
}

/**
 * Makes a write. @returns `happened`, `untried`, or what came of it otherwise: the SDK is to take that for its own first try, by {@link afterFirstTry}
 *
 * @param action what the SDK calls it
 */
export type PreparedWrite = (action: "PutItem" | "UpdateItem", write: Write) => Promise<"happened" | "untried" | FirstTry>;

/** Answers, or fails, as the first try did. */
type FirstTry = () => Promise<Answer>;

type Middleware = (
  next: (args: { request: Request }) => Promise<unknown>,
  context: { __smithy_context?: { selectedHttpAuthScheme?: Scheme } },
) => (args: { request: Request }) => Promise<unknown>;

/** A write whose answer says no more than that it happened. */
interface Write {
  TableName: string | undefined;
  Item?: Record<string, AttributeValue>;
  Key?: Record<string, AttributeValue>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/**
 * Writes of single items that are made like one that the SDK has just made: to the same endpoint and with the same headers, signed by the
 * same signer and sent by the same handler over the same connections. What the SDK finds out anew for every call takes three quarters
 * of the call's processor time, and jobs are submitted by the thousand.
 *
 * What is not answered with success is left to the SDK to judge: it says what is wrong, or sends the write again as often as it may.
 *
 * @param client made here: one that was given may have more to do for each call
 * @param clock learns the time from the answers
 */
export function preparedWrites(client: DynamoDBClient, clock: ServiceClock): PreparedWrite {
  let prepared: Prepared | undefined;
  let pausedUntil = -Infinity;
  const now = () => clock.process.now();
  const middleware: Middleware = (next, context) => (args) => {
    const scheme = context.__smithy_context?.selectedHttpAuthScheme;
    const { request } = args;
    if (scheme !== undefined && isFirstTryOfWrite(request)) {
      prepared = { request: { ...request, headers: unsigned(request.headers) }, scheme, since: now() };
    }
    return next(args);
  };
  // By its step, which is public, and not by the name of what signs: that has changed before.
  const stack = client.middlewareStack as unknown as { add(middleware: Middleware, options: object): void };
  stack.add(middleware, { step: "deserialize", priority: "low", name: "prepareWrites" });
  const handler = client.config.requestHandler as unknown as { handle(request: Request): Promise<Answer> };

  async function send({ request, scheme }: Prepared, action: string, write: Write): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(onTheWire(write)));
    const own = {
      "x-amz-target": `DynamoDB_20120810.${action}`,
      "content-length": String(body.byteLength),
      "amz-sdk-invocation-id": randomUUID(),
    };
    const made = { ...request, headers: { ...request.headers, ...own }, body };
    return handler.handle(await scheme.signer.sign(made, scheme.identity, scheme.httpAuthOption.signingProperties ?? {}));
  }

  return async (action, write) => {
    const sentAt = now();
    const isKnown = prepared !== undefined && sentAt >= prepared.since && sentAt - prepared.since <= preparedMilliseconds;
    if (!isKnown || sentAt < pausedUntil) return "untried";
    try {
      const answer = await send(prepared as Prepared, action, write);
      const { statusCode, body } = answer.response;
      if (statusCode === 200) {
        heard(clock, sentAt, answer.response);
        await passed(body);
        return "happened";
      }
      pausedUntil = now() + pausedMilliseconds;
      return async () => answer;
    } catch (error) {
      pausedUntil = now() + pausedMilliseconds;
      return async () => {
        throw error;
      };
    }
  };
}

/** Not a read, nor a further try: their headers say other things. */
function isFirstTryOfWrite({ headers }: Request): boolean {
  return /\.(PutItem|UpdateItem) attempt=1;/.test([headers["x-amz-target"], headers["amz-sdk-request"]].join(" "));
}

/** What a signature adds. The hash of the body would be taken for the next one's. */
const signed = new Set(["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"]);

function unsigned(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !signed.has(name.toLowerCase())));
}

/** Has a command of the SDK take what came of a first try for what came of its own. */
export function afterFirstTry(command: { middlewareStack: unknown }, tried: FirstTry): void {
  const middleware = (next: (args: unknown) => Promise<unknown>) => {
    let first: FirstTry | undefined = tried;
    return (args: unknown) => {
      const answer = first;
      first = undefined;
      return answer === undefined ? next(args) : answer();
    };
  };
  const stack = command.middlewareStack as { add(added: typeof middleware, options: object): void };
  // The last before the request is sent: each try of the SDK's comes here.
  stack.add(middleware, { step: "deserialize", priority: "low", name: "firstTry" });
}

/** Reads what is of no use, since its connection is; however that ends, the write has happened. */
function passed(body: Readable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => resolve();
    body.once("end", done).once("error", done).once("close", done).resume();
  });
}

/** JSON as DynamoDB takes it. */
function onTheWire({ Item, Key, ExpressionAttributeValues, ...write }: Write): object {
  return { ...write, Item: allOnTheWire(Item), Key: allOnTheWire(Key), ExpressionAttributeValues: allOnTheWire(ExpressionAttributeValues) };
}

function allOnTheWire(values: Record<string, AttributeValue> | undefined): object | undefined {
  return values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, valueOnTheWire(value)]));
}

/** Bytes in Base64, wherever they are; sets of them are in no item. */
function valueOnTheWire(value: AttributeValue): object {
  const { B, M, L } = value;
  if (B !== undefined) return { B: Buffer.from(B.buffer, B.byteOffset, B.byteLength).toString("base64") };
  if (M !== undefined) return { M: allOnTheWire(M) };
  return L === undefined ? value : { L: L.map(valueOnTheWire) };
}
