import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

let launched: Promise<Browser> | undefined;

// One for all tests of a process: it takes seconds to start.
after(async () => (await launched)?.close());

/** A Chromium that comes from npm, so that tests need none on the machine; started when it is first asked for. */
export function browser(): Promise<Browser> {
  return (launched ??= launch());
}

async function launch(): Promise<Browser> {
  const { default: packaged } = await import("@sparticuz/chromium");
  return chromium.launch({ executablePath: await packaged.executablePath(), args: ["--no-sandbox"], headless: true });
}

/** A page of its own, which is closed after `work`; and what went wrong on it: errors of scripts, and of the console. */
export async function onPage<Result>(
  options: BrowserContextOptions,
  work: (page: Page, problems: string[]) => Promise<Result>,
): Promise<Result> {
  const context = await (await browser()).newContext(options);
  try {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    return await work(page, problems);
  } finally {
    await context.close();
  }
}
