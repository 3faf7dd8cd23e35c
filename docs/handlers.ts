import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { refusals, type Refusal } from "../components/closure/refusals";
import { formatted } from "./formatted";

/** Path of the page. */
export const handlersPath = join(__dirname, "..", "..", "docs", "handlers.md");

/** The page with the table of what a handler may not capture, between `<!-- refusals -->` and `<!-- /refusals -->`. */
export async function withRefusals(page: string): Promise<string> {
  const region = /<!-- refusals -->[^]*<!-- \/refusals -->/;
  if (!region.test(page)) throw new Error("docs/handlers.md has no region <!-- refusals --> … <!-- /refusals -->");
  const rows = Object.values<Refusal>(refusals).map(({ captured, happens, instead }) => [captured, happens, instead]);
  const lines = [["captured", "in Lambda it …", "instead"], ["---", "---", "---"], ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const filled = page.replace(region, () => ["<!-- refusals -->", "", ...lines, "", "<!-- /refusals -->"].join("\n"));
  return formatted(handlersPath, filled);
}

async function write(): Promise<void> {
  writeFileSync(handlersPath, await withRefusals(readFileSync(handlersPath, "utf8")));
}

if (require.main === module) void write();
