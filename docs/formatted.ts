import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FormatConfig } from "oxfmt" with { "resolution-mode": "import" };

const root = join(__dirname, "..", "..");

/** A file's text as `npm run format` writes it. @throws Error when it can't be read as what the file's name says */
export async function formatted(file: string, text: string): Promise<string> {
  const { format } = await import("oxfmt");
  const { code, errors } = await format(file, text, JSON.parse(readFileSync(join(root, ".oxfmtrc.json"), "utf8")) as FormatConfig);
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join("; ")}`);
  return code;
}
