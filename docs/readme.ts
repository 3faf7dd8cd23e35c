import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as prettier from "prettier";
import * as ts from "typescript";
import { settingsTable } from "../components/describe";
import { codedError, errorCodes } from "../functions/core/errors";

const root = join(__dirname, "..", "..");

/** Path of the README. */
export const readmePath = join(root, "README.md");

/** The README with the tables that are made from the source, between `<!-- name -->` and `<!-- /name -->`. */
export async function withTables(readme: string): Promise<string> {
  const tables = { settings: settingsTable(), outputs: outputsTable(), errors: errorsTable() };
  const filled = Object.entries(tables).reduce((text, [name, rows]) => {
    const region = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`);
    if (!region.test(text)) throw new Error(`README.md has no region <!-- ${name} --> … <!-- /${name} -->`);
    return text.replace(region, () => [`<!-- ${name} -->`, "", ...rows, "", `<!-- /${name} -->`].join("\n"));
  }, readme);
  return prettier.format(filled, { ...(await prettier.resolveConfig(readmePath)), parser: "markdown" });
}

function table(head: string[], rows: string[][]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
}

/** Every field of the contract, with what its comment says. */
function outputsTable(): string[] {
  const file = join(root, "outputs.ts");
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const contract = source.statements.find((statement) => ts.isInterfaceDeclaration(statement));
  if (!contract) throw new Error("outputs.ts declares no interface");
  const rows = contract.members.filter(ts.isPropertySignature).map((field) => {
    const comments = ts.getJSDocCommentsAndTags(field).filter(ts.isJSDoc);
    const text = comments.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "").join(" ");
    return [`\`${field.name.getText(source)}\``, field.type?.getText(source) ?? "", text.replaceAll(/\s+/g, " ")];
  });
  return table(["output", "type", "what it is"], rows);
}

function errorsTable(): string[] {
  const rows = errorCodes.map((code) => {
    const { retryable, advice } = codedError(code, "");
    return [`\`${code}\``, retryable ? "yes" : "no", advice];
  });
  return table(["code", "retry as it is", "what to do"], rows);
}

async function main(): Promise<void> {
  writeFileSync(readmePath, await withTables(readFileSync(readmePath, "utf8")));
}

if (require.main === module) void main();
