import {
  actionHeader,
  type ActionAnswer,
  type ProblemAnswer,
  type SessionAnswer,
  type ShownService,
  type StreamMessages,
} from "../contract";
import { createStore } from "./store";

/** How the page stands with its server. */
type Connection = "connecting" | "live" | "lost" | "locked";

/** What every part of the page shares. */
export interface PageState {
  connection: Connection;
  /** Why the page is locked. */
  lockedBecause: string;
  /** Since when nothing was heard, by the browser's clock. */
  lostAt?: number;
  session?: SessionAnswer;
  /** Place of the service that is shown. */
  service: number;
  overview?: StreamMessages["overview"];
  series?: StreamMessages["series"];
  cost?: StreamMessages["cost"];
  laptop?: StreamMessages["laptop"];
  /** What could not be read lately. */
  problem?: string;
  /** The service's clock: what it said, and when that was heard. */
  clock: { said: number; heardAt: number; speed: number };
  /** What an action came to. */
  notice?: { text: string; isProblem: boolean; jobId?: string };
}

export const page = createStore<PageState>({
  connection: "connecting",
  lockedBecause: "",
  service: 0,
  clock: { said: Date.now(), heardAt: performance.now(), speed: 1 },
});

/** Rows that have just changed. */
type JobsListener = (message: StreamMessages["jobs"]) => void;
const jobsListeners = new Set<JobsListener>();

/** Hears of every job that changes. Returns how to stop. */
export function followJobs(listener: JobsListener): () => void {
  jobsListeners.add(listener);
  return () => jobsListeners.delete(listener);
}

/** The service's time, in milliseconds since the epoch. */
export function serviceNow(): number {
  const { said, heardAt, speed } = page.get().clock;
  return said + (performance.now() - heardAt) * speed;
}

function setClock(said: number, speed = page.get().clock.speed): void {
  page.set({ clock: { said, heardAt: performance.now(), speed } });
}

/** What the server refused, in its words. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly advice: string,
  ) {
    super(message);
  }
}

/** Asks the server. @throws Problem, TypeError when it is not there */
async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(path, { ...init, credentials: "same-origin" });
  const answer = (await response.json()) as Answer | ProblemAnswer;
  if (response.ok) return answer as Answer;
  const { code, message, advice } = (answer as ProblemAnswer).error;
  if (response.status === 401) lock(`${message} ${advice}`);
  throw new Problem(response.status, code, message, advice);
}

/** Reads something of the service that is shown. @throws as {@link ask} */
export function read<Answer>(path: string, query: Record<string, string | undefined> = {}): Promise<Answer> {
  return ask<Answer>(pathOf(path, query));
}

/** Path of something of the service that is shown. */
export function pathOf(path: string, query: Record<string, string | undefined> = {}): string {
  const parameters = new URLSearchParams({ service: String(page.get().service) });
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") parameters.set(name, value);
  return `/api${path}?${parameters}`;
}

/** Does something, and shows what it came to. @returns undefined when it could not be done */
export async function act(path: string, body: object | File): Promise<ActionAnswer | undefined> {
  const token = page.get().session?.actionToken ?? "";
  const isFile = body instanceof File;
  const headers: Record<string, string> = { [actionHeader]: token };
  headers["content-type"] = isFile ? body.type || "application/octet-stream" : "application/json";
  if (isFile) headers["x-file-name"] = encodeURIComponent(body.name);
  // What the action before came to would be taken for this one's.
  page.set({ notice: undefined });
  try {
    const answer = await ask<ActionAnswer>(pathOf(path), { method: "POST", headers, body: isFile ? body : JSON.stringify(body) });
    page.set({ notice: { text: answer.message, isProblem: false, ...(answer.jobId && { jobId: answer.jobId }) } });
    return answer;
  } catch (error) {
    page.set({ notice: { text: wordsOf(error), isProblem: true } });
    return undefined;
  }
}

/** An error in one sentence. */
export function wordsOf(error: unknown): string {
  if (error instanceof Problem) return error.advice === "" ? error.message : `${error.message} ${error.advice}`;
  return error instanceof TypeError ? "The server does not answer." : String((error as Error).message ?? error);
}

function lock(because: string): void {
  stream?.close();
  page.set({ connection: "locked", lockedBecause: because });
}

let stream: EventSource | undefined;
let retry: number | undefined;
let heardAt = 0;

/** So long without a word, and the server is taken for lost: it says something each five seconds. */
const silentMilliseconds = 12_000;
const retryMilliseconds = 1000;

/** Lets this browser in by the address's token, if it has one, and follows the server's events from then on. */
export async function connect(): Promise<void> {
  const token = /[#&]token=([\w-]+)/.exec(location.hash)?.[1];
  try {
    if (token !== undefined) {
      history.replaceState(null, "", "#/");
      const body = JSON.stringify({ token });
      // A browser that is in already opens a used address without harm.
      const let_ = () => ask<SessionAnswer>("/api/session", { method: "POST", headers: { "content-type": "application/json" }, body });
      const session = await let_().catch(() => ask<SessionAnswer>("/api/session"));
      return entered(session);
    }
    entered(await ask<SessionAnswer>("/api/session"));
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) lost();
  }
}

function entered(session: SessionAnswer): void {
  const { service } = page.get();
  page.set({ session, service: service < session.services.length ? service : 0 });
  follow();
}

/** Goes on with the service that was shown, by its name, or with the first that there is. */
function servicesAre(services: readonly ShownService[]): void {
  const { session, service } = page.get();
  if (session === undefined) return;
  const before = session.services[service]?.name;
  const place = services.findIndex(({ name }) => name === before);
  page.set({ session: { ...session, services: [...services] } });
  if (place === -1) choose(0);
  // Its stream is the same; only what it is asked for by changes.
  else page.set({ service: place });
}

/** Shows another service. */
export function choose(service: number): void {
  page.set({ service, overview: undefined, series: undefined, cost: undefined });
  follow();
}

function follow(): void {
  stream?.close();
  const opened = new EventSource(pathOf("/events"));
  stream = opened;
  const on = <Name extends keyof StreamMessages>(name: Name, hear: (message: StreamMessages[Name]) => void) =>
    opened.addEventListener(name, (event) => {
      heardAt = performance.now();
      hear(JSON.parse((event as MessageEvent<string>).data) as StreamMessages[Name]);
    });
  on("hello", () => {
    const { lostAt: _, problem: __, ...rest } = page.get();
    page.set({ ...rest, connection: "live", lostAt: undefined, problem: undefined });
  });
  on("beat", () => undefined);
  on("services", ({ services }) => servicesAre(services));
  on("overview", (overview) => {
    page.set({ overview, problem: undefined });
    setClock(overview.now, overview.speed);
  });
  on("series", (series) => page.set({ series }));
  on("cost", (cost) => page.set({ cost }));
  on("laptop", (laptop) => {
    page.set({ laptop });
    setClock(laptop.now, laptop.speed);
  });
  on("jobs", (message) => {
    setClock(message.now);
    for (const listener of jobsListeners) listener(message);
  });
  on("problem", ({ message }) => page.set({ problem: message }));
  opened.onerror = () => {
    if (stream === opened) lost();
  };
}

/** Shows that the server is gone, and looks for it until it is back. */
function lost(): void {
  stream?.close();
  stream = undefined;
  const { connection, lostAt = Date.now() } = page.get();
  if (connection === "locked") return;
  page.set({ connection: "lost", lostAt });
  clearTimeout(retry);
  retry = window.setTimeout(() => void connect(), retryMilliseconds);
}

setInterval(() => {
  if (page.get().connection === "live" && performance.now() - heardAt > silentMilliseconds) lost();
}, 1000);
