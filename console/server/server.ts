import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { actionHeader, type SessionAnswer, type ShownService } from "../contract";
import { answerApi, type ApiService } from "./api";
import { commonHeaders, pagePolicy } from "./headers";
import { json, readJson } from "./json";
import type { Laptop } from "./laptop";
import { createLocks, isSame, strangerIn, type Locks } from "./locks";
import { problemIn, refusal } from "./problems";
import { EventStreams } from "./streams";

/** How to serve the console. */
export interface ConsoleOptions {
  /** The services to show, in this order; read anew by each page that opens. */
  services: () => readonly ApiService[];
  /** Port on 127.0.0.1. @default 0, a free one */
  port?: number;
  /** Signs sessions: the same again, and pages go on after a restart. 32 bytes. */
  key: Uint8Array;
  /** Folder with the page's files, as bundle.mjs writes them. */
  pageDirectory: string;
  version: string;
  /** What an embedded cloud adds. @default nothing */
  laptop?: Laptop;
  /** Is told the next address when one was used: each is good once. */
  onAddressUsed?: (next: string) => void;
}

/** A console that serves. */
export interface Console {
  /** With the token that lets one browser in. */
  readonly address: string;
  readonly port: number;
  /** Something has happened that jobs may show. */
  nudge(): void;
  /** Other services are there: pages show them. */
  servicesChanged(): void;
  /** Ends connections and what reads for them. */
  close(): Promise<void>;
}

const pageFiles: Readonly<Record<string, { file: string; type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/page.js": { file: "page.js", type: "text/javascript; charset=utf-8" },
  "/page.css": { file: "page.css", type: "text/css; charset=utf-8" },
  "/icon.svg": { file: "icon.svg", type: "image/svg+xml" },
};

/**
 * Serves the console's page, and what it asks for, on 127.0.0.1.
 *
 * @throws Error with code `EADDRINUSE` when the port is taken
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const server = createServer();
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const locks = createLocks(options.key, port);
  const streams = new EventStreams(options.services, options.laptop);
  const addressOf = () => `http://127.0.0.1:${port}/#token=${locks.token}`;
  server.on("request", (request, response) => {
    void serve({ request, response, port, locks, streams, options, addressOf }).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      const { status, answer } = problemIn(error);
      request.resume();
      json(response, status, answer);
    });
  });
  return {
    get address() {
      return addressOf();
    },
    port,
    nudge: () => {
      for (const { live } of options.services()) live.nudge();
    },
    servicesChanged: () => streams.tell("services", { services: shownServices(options) }),
    close: async () => {
      streams.close();
      await Promise.all(options.services().map(({ live }) => live.close()));
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  port: number;
  locks: Locks;
  streams: EventStreams;
  options: ConsoleOptions;
  addressOf: () => string;
}

async function serve(exchange: Exchange): Promise<void> {
  const { request, response, port, locks, streams, options } = exchange;
  const { method = "GET", headers } = request;
  const stranger = strangerIn(headers, method, port);
  if (stranger !== undefined) throw refusal(403, "FORBIDDEN", stranger);
  const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
  const page = pageFiles[url.pathname];
  if (page !== undefined && (method === "GET" || method === "HEAD")) return sendPage(response, page, options.pageDirectory);
  if (url.pathname === "/api/session" && method === "POST") return exchangeToken(exchange);

  const session = locks.sessionIn(headers);
  if (session === undefined) throw refusal(401, "LOCKED", "This browser has not been let in.", "Open the address that the terminal shows.");
  if (url.pathname === "/api/session") return json(response, 200, sessionAnswer(exchange, session));
  if (url.pathname === "/api/events" && method === "GET") return streams.open(request, response, url);
  if (method === "POST") {
    const given = headers[actionHeader];
    if (typeof given !== "string" || !isSame(given, locks.actionTokenOf(session))) {
      throw refusal(403, "FORBIDDEN", "An action needs the page's own token.", "Load the page anew.");
    }
  } else if (method !== "GET") throw refusal(405, "BAD_INPUT", `${method} is not served`);
  await answerApi({ request, response, url, services: options.services(), ...(options.laptop && { laptop: options.laptop }) });
}

/** What the address carries is exchanged for a cookie that no script can read. */
async function exchangeToken(exchange: Exchange): Promise<void> {
  const { request, response, locks, options, addressOf } = exchange;
  const { token } = (await readJson(request)) as { token?: unknown };
  const session = locks.exchange(token);
  if (session === undefined) {
    throw refusal(401, "LOCKED", "This address was used before, or is of another run.", "Open the newest address that the terminal shows.");
  }
  response.setHeader("set-cookie", locks.cookieOf(session));
  json(response, 200, sessionAnswer(exchange, session));
  options.onAddressUsed?.(addressOf());
}

function sessionAnswer({ locks, options }: Exchange, session: string): SessionAnswer {
  return {
    actionToken: locks.actionTokenOf(session),
    services: shownServices(options),
    isLaptop: options.laptop !== undefined,
    version: options.version,
  };
}

function shownServices({ services }: ConsoleOptions): ShownService[] {
  return services().map(({ name, outputs: { endpointName, region } }) => ({ name, endpointName, region }));
}

function sendPage(response: ServerResponse, { file, type }: { file: string; type: string }, folder: string): void {
  const content = readFileSync(path.join(folder, file));
  const policy = { "content-security-policy": pagePolicy };
  response.writeHead(200, { ...commonHeaders, ...policy, "content-type": type, "content-length": content.length }).end(content);
}
