import type { Browser, Page } from "playwright-core";
import { closed, opened } from "./leftOpen";

/** Of the browser, on a machine that does much else; less than a test has, so that it says what did not come. */
const patienceMilliseconds = 120_000;

let browser: Promise<Browser> | undefined;

/** The one browser of a test file: it takes seconds to start. It is closed with what else the file left open. */
export function testBrowser(): Promise<Browser> {
  return (browser ??= start());
}

/** What the package turns off for short-lived functions, and what tests of a page's security are about. */
const unguarded = /disable-web-security|insecure-content|site-isolation|single-process|no-zygote/;

async function start(): Promise<Browser> {
  // Both are ES modules, or load much: only tests that draw pages wait for them.
  const [{ default: chromium }, { chromium: playwright }] = await Promise.all([import("@sparticuz/chromium"), import("playwright-core")]);
  // Draws without a GPU that is emulated on the processor: no page here has WebGL.
  chromium.setGraphicsMode = false;
  const executablePath = await chromium.executablePath();
  const args = chromium.args.filter((argument) => !unguarded.test(argument));
  const started = await playwright.launch({ executablePath, args, headless: true, timeout: patienceMilliseconds });
  const close = () => {
    browser = undefined;
    return started.close();
  };
  // Whichever test starts it: it is the file's, not the test's.
  opened({ close }, "file");
  return started;
}

/** A page of a browser profile of its own, with what its console and its requests had to say. */
export async function newPage(options: Parameters<Browser["newContext"]>[0] = {}): Promise<{
  page: Page;
  /** Errors of its script, and what its content security policy refused. */
  errors: string[];
  /** Addresses that were asked for on other hosts. */
  elsewhere: string[];
  close: () => Promise<void>;
}> {
  const context = await (await testBrowser()).newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMilliseconds);
  const [errors, elsewhere]: [string[], string[]] = [[], []];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== "data:" && hostname !== "127.0.0.1") elsewhere.push(request.url());
  });
  const owner = { close: () => context.close() };
  opened(owner);
  return {
    page,
    errors,
    elsewhere,
    close: async () => {
      closed(owner);
      await context.close();
    },
  };
}
