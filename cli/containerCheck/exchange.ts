import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Body } from "./bodies";

/** How far a request came. */
export type Phase = "connecting" | "sending" | "waiting" | "answering";

/** What became of one request. */
export interface Exchange {
  /** `refused`: nobody listens. `closed`: the connection broke off. `silent`: the time was over. `left`: we went away on purpose. */
  outcome: "answered" | "refused" | "closed" | "silent" | "left";
  phase: Phase;
  /** Undefined without an answer's head. */
  status?: number;
  contentLength?: number;
  contentType?: string;
  chunked: boolean;
  /** Names and values of the answer's headers. */
  headersBytes: number;
  sentBytes: number;
  receivedBytes: number;
  milliseconds: number;
  /** The first bytes of the answer. */
  start: string;
  /** Words of the network or the parser, when it broke off. */
  problem?: string;
}

/** One request. */
export interface ExchangeRequest {
  url: URL;
  method: "GET" | "POST";
  body?: Body;
  /** How long it may take in all. */
  timeoutMilliseconds: number;
  /** Ends it with an error. */
  signal: AbortSignal;
  /** Sends a part of the body, and the rest when `until` resolves. */
  hold?: {
    /** @default half of the body */
    afterBytes?: number;
    until: Promise<void>;
  };
  /** Goes away with half of the body sent, or with all of it. */
  leave?: "halfway" | "sent";
  /** Hears how many bytes went each way so far. */
  onBytes?: (sent: number, received: number) => void;
}

const startBytes = 300;
/** Far above SageMaker's bound: an answer that breaks it is to be read and measured. */
const maxHeaderSize = 1024 * 1024;

/**
 * One request on a connection of its own, its body in pieces. An answer that comes while the body is still being sent is read: a server
 * that refuses a size answers and closes before it has read the body. Rejects only when `signal` aborts.
 */
export async function exchange(wanted: ExchangeRequest): Promise<Exchange> {
  const { url, method, body, signal } = wanted;
  signal.throwIfAborted();
  const began = performance.now();
  const seen: Exchange = {
    outcome: "closed",
    phase: "connecting",
    chunked: false,
    headersBytes: 0,
    sentBytes: 0,
    receivedBytes: 0,
    milliseconds: 0,
    start: "",
  };
  const over = new AbortController();
  const request = httpRequest(url, {
    method,
    agent: false,
    maxHeaderSize,
    headers: body === undefined ? {} : { "Content-Type": body.contentType, "Content-Length": String(body.bytes) },
  });
  let settle: (outcome: Exchange["outcome"], problem?: string) => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = (outcome, problem) => {
      if (over.signal.aborted) return;
      seen.outcome = outcome;
      seen.milliseconds = performance.now() - began;
      if (problem !== undefined) seen.problem = problem;
      over.abort();
      request.destroy();
      resolve();
    };
  });
  const timer = setTimeout(() => settle("silent"), wanted.timeoutMilliseconds);
  const abort = () => settle("left");
  signal.addEventListener("abort", abort);
  request.on("socket", (socket) => socket.once("connect", () => (seen.phase = "sending")));
  request.on("error", (error: NodeJS.ErrnoException) => {
    // Once the head of an answer is here, its own stream tells how it ends.
    if (seen.phase !== "answering") settle(error.code === "ECONNREFUSED" ? "refused" : "closed", error.message);
  });
  request.on("response", (answer) => read(answer, seen, settle, wanted));
  void send(request, wanted, seen, over.signal, settle);
  try {
    await settled;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
  signal.throwIfAborted();
  return seen;
}

type Settle = (outcome: Exchange["outcome"], problem?: string) => void;

function read(answer: IncomingMessage, seen: Exchange, settle: Settle, { onBytes }: ExchangeRequest): void {
  seen.phase = "answering";
  seen.status = answer.statusCode;
  seen.chunked = answer.headers["transfer-encoding"] !== undefined;
  seen.headersBytes = answer.rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text, "latin1"), 0);
  const { "content-length": length, "content-type": type } = answer.headers;
  if (length !== undefined) seen.contentLength = Number(length);
  if (type !== undefined) seen.contentType = type;
  answer.on("data", (chunk: Buffer) => {
    seen.receivedBytes += chunk.length;
    if (seen.start.length < startBytes) seen.start += chunk.subarray(0, startBytes - seen.start.length).toString();
    onBytes?.(seen.sentBytes, seen.receivedBytes);
  });
  answer.on("error", () => undefined);
  answer.on("close", () => settle(answer.complete ? "answered" : "closed"));
}

async function send(
  request: ClientRequest,
  { body, hold, leave, onBytes }: ExchangeRequest,
  seen: Exchange,
  over: AbortSignal,
  settle: Settle,
): Promise<void> {
  const half = Math.ceil((body?.bytes ?? 0) / 2);
  const pauseAt = hold !== undefined || leave === "halfway" ? (hold?.afterBytes ?? half) : Infinity;
  // An answer, or the end, makes the rest of the body pointless.
  const pointless = () => over.aborted || seen.phase === "answering";
  const write = async (piece: Buffer) => {
    const taken = request.write(piece);
    seen.sentBytes += piece.length;
    onBytes?.(seen.sentBytes, seen.receivedBytes);
    if (!taken) await drained(request, over);
    // A turn of the event loop, in which an answer can be read before the next write meets a closed connection.
    await nextTurn();
  };
  let held = false;
  for (const piece of body?.pieces() ?? []) {
    if (pointless()) return;
    const rest = pauseAt - seen.sentBytes;
    if (!held && piece.length >= rest) {
      if (rest > 0) await write(piece.subarray(0, rest));
      held = true;
      // Only what is on its way can be left, or held.
      await flushed(request, over);
      if (leave === "halfway") return settle("left");
      await Promise.race([hold?.until, aborted(over)]);
      if (pointless()) return;
      if (piece.length > rest) await write(piece.subarray(rest));
    } else await write(piece);
  }
  if (pointless()) return;
  request.end(() => {
    if (leave === "sent") settle("left");
  });
  if (seen.phase === "sending") seen.phase = "waiting";
}

/** Resolves when more may be written, or nothing need be: an answer makes the rest of the body pointless. */
function drained(request: ClientRequest, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const events = ["drain", "response", "error"];
    // Of each piece of a gigabyte: `once` with a signal would make two errors, and their stacks, to stop listening.
    const done = () => {
      for (const event of events) request.off(event, done);
      over.removeEventListener("abort", done);
      resolve();
    };
    for (const event of events) request.on(event, done);
    over.addEventListener("abort", done);
    if (over.aborted) done();
  });
}

/** Resolves when the network has taken what was written. */
async function flushed(request: ClientRequest, over: AbortSignal): Promise<void> {
  request.flushHeaders();
  await Promise.race([new Promise((resolve) => request.write("", resolve)), aborted(over)]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
