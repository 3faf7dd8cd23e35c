import { actionHeader } from "../contract";
import { createStore } from "./store";
export const page = createStore({
    connection: "connecting",
    lockedBecause: "",
    service: 0,
    clock: { said: Date.now(), heardAt: performance.now(), speed: 1 },
});
const jobsListeners = new Set();
/** Hears of every job that changes. Returns how to stop. */
export function followJobs(listener) {
    jobsListeners.add(listener);
    return () => jobsListeners.delete(listener);
}
/** The service's time, in milliseconds since the epoch. */
export function serviceNow() {
    const { said, heardAt, speed } = page.get().clock;
    return said + (performance.now() - heardAt) * speed;
}
function setClock(said, speed = page.get().clock.speed) {
    page.set({ clock: { said, heardAt: performance.now(), speed } });
}
/** What the server refused, in its words. */
export class Problem extends Error {
    status;
    code;
    advice;
    constructor(status, code, message, advice) {
        super(message);
        this.status = status;
        this.code = code;
        this.advice = advice;
    }
}
/** Asks the server. @throws Problem, TypeError when it is not there */
async function ask(path, init = {}) {
    const response = await fetch(path, { ...init, credentials: "same-origin" });
    const answer = (await response.json());
    if (response.ok)
        return answer;
    const { code, message, advice } = answer.error;
    if (response.status === 401)
        lock(`${message} ${advice}`);
    throw new Problem(response.status, code, message, advice);
}
/** Reads something of the service that is shown. @throws as {@link ask} */
export function read(path, query = {}) {
    return ask(pathOf(path, query));
}
/** Path of something of the service that is shown. */
export function pathOf(path, query = {}) {
    const parameters = new URLSearchParams({ service: String(page.get().service) });
    for (const [name, value] of Object.entries(query))
        if (value !== undefined && value !== "")
            parameters.set(name, value);
    return `/api${path}?${parameters}`;
}
/** Does something, and shows what it came to. @returns undefined when it could not be done */
export async function act(path, body) {
    const token = page.get().session?.actionToken ?? "";
    const isFile = body instanceof File;
    const headers = { [actionHeader]: token };
    headers["content-type"] = isFile ? body.type || "application/octet-stream" : "application/json";
    if (isFile)
        headers["x-file-name"] = encodeURIComponent(body.name);
    try {
        const answer = await ask(pathOf(path), { method: "POST", headers, body: isFile ? body : JSON.stringify(body) });
        page.set({ notice: { text: answer.message, isProblem: false, ...(answer.jobId && { jobId: answer.jobId }) } });
        return answer;
    }
    catch (error) {
        page.set({ notice: { text: wordsOf(error), isProblem: true } });
        return undefined;
    }
}
/** An error in one sentence. */
export function wordsOf(error) {
    if (error instanceof Problem)
        return error.advice === "" ? error.message : `${error.message} ${error.advice}`;
    return error instanceof TypeError ? "The server does not answer." : String(error.message ?? error);
}
function lock(because) {
    stream?.close();
    page.set({ connection: "locked", lockedBecause: because });
}
let stream;
let retry;
let heardAt = 0;
/** So long without a word, and the server is taken for lost: it says something each five seconds. */
const silentMilliseconds = 12_000;
const retryMilliseconds = 1000;
/** Lets this browser in by the address's token, if it has one, and follows the server's events from then on. */
export async function connect() {
    const token = /[#&]token=([\w-]+)/.exec(location.hash)?.[1];
    try {
        if (token !== undefined) {
            history.replaceState(null, "", "#/");
            const body = JSON.stringify({ token });
            // A browser that is in already opens a used address without harm.
            const let_ = () => ask("/api/session", { method: "POST", headers: { "content-type": "application/json" }, body });
            const session = await let_().catch(() => ask("/api/session"));
            return entered(session);
        }
        entered(await ask("/api/session"));
    }
    catch (error) {
        if (!(error instanceof Problem && error.status === 401))
            lost();
    }
}
function entered(session) {
    const { service } = page.get();
    page.set({ session, service: service < session.services.length ? service : 0 });
    follow();
}
/** Shows another service. */
export function choose(service) {
    page.set({ service, overview: undefined, series: undefined, cost: undefined });
    follow();
}
function follow() {
    stream?.close();
    const opened = new EventSource(pathOf("/events"));
    stream = opened;
    const on = (name, hear) => opened.addEventListener(name, (event) => {
        heardAt = performance.now();
        hear(JSON.parse(event.data));
    });
    on("hello", () => {
        const { lostAt: _, problem: __, ...rest } = page.get();
        page.set({ ...rest, connection: "live", lostAt: undefined, problem: undefined });
    });
    on("beat", () => undefined);
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
        for (const listener of jobsListeners)
            listener(message);
    });
    on("problem", ({ message }) => page.set({ problem: message }));
    opened.onerror = () => {
        if (stream === opened)
            lost();
    };
}
/** Shows that the server is gone, and looks for it until it is back. */
function lost() {
    stream?.close();
    stream = undefined;
    const { connection, lostAt = Date.now() } = page.get();
    if (connection === "locked")
        return;
    page.set({ connection: "lost", lostAt });
    clearTimeout(retry);
    retry = window.setTimeout(() => void connect(), retryMilliseconds);
}
setInterval(() => {
    if (page.get().connection === "live" && performance.now() - heardAt > silentMilliseconds)
        lost();
}, 1000);
