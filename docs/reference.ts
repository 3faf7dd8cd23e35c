import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { codedError, errorCodes } from "../core/records/errors";
import { formatted } from "./formatted";
import { settingsTable } from "./settings";

const root = join(__dirname, "..", "..");

/** Path of the reference. */
export const referencePath = join(root, "docs", "reference.md");

/** The reference with the tables that are made from the source, between `<!-- name -->` and `<!-- /name -->`. */
export async function withTables(reference: string): Promise<string> {
  const tables = { settings: settingsTable(), outputs: outputsTable(), errors: errorsTable() };
  const filled = Object.entries(tables).reduce((text, [name, rows]) => {
    const region = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`);
    if (!region.test(text)) throw new Error(`docs/reference.md has no region <!-- ${name} --> … <!-- /${name} -->`);
    return text.replace(region, () => [`<!-- ${name} -->`, "", ...rows, "", `<!-- /${name} -->`].join("\n"));
  }, reference);
  return formatted(referencePath, filled);
}

function table(head: string[], rows: string[][]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2022, true);
}

/** What the comment before a node says. */
function comment(node: ts.Node, source: ts.SourceFile): string {
  const ranges = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
  return ranges
    .map(({ pos, end }) => source.text.slice(pos, end).replaceAll(/^\/\*\*|\*\/$|^\s*\*/gm, ""))
    .join(" ")
    .replaceAll(/\{@link (\w+)\}/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Every field of the contract, with what its comment says. */
function outputsTable(): string[] {
  const source = parse("outputs.ts");
  const contract = source.statements.find((statement) => ts.isInterfaceDeclaration(statement));
  if (!contract) throw new Error("outputs.ts declares no interface");
  const rows = contract.members
    .filter(ts.isPropertySignature)
    .map((field) => [`\`${field.name.getText(source)}\``, field.type?.getText(source) ?? "", comment(field, source)]);
  return table(["output", "type", "what it is"], rows);
}

/** Every error code, with what its comment says and what the code advises. */
function errorsTable(): string[] {
  const source = parse("core/records/errors.ts");
  const meanings = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && ts.isArrayLiteralExpression(node.parent))
      meanings.set(node.text, meanings.get(node.text) ?? comment(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  const rows = errorCodes.map((code) => {
    const { retryable, advice } = codedError(code, "");
    return [`\`${code}\``, meanings.get(code) ?? "", retryable ? "yes" : "no", advice];
  });
  return table(["code", "what happened", "retry as it is", "what to do"], rows);
}

async function main(): Promise<void> {
  writeFileSync(referencePath, await withTables(readFileSync(referencePath, "utf8")));
}

if (require.main === module) void main();
