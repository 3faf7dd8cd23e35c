import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gpuInstances } from "../components/instanceTypes";
import { defaultConcurrency, serverFacts, serverFamilies, type ServerFamily } from "../components/serverFamilies";
import { frameworkFacts, frameworks, type Framework } from "../components/servingImages";
import { formatted } from "./formatted";

/** Path of the page. */
export const modelsPath = join(__dirname, "..", "..", "docs", "models.md");

/** The page with the tables that are made from the source, between `<!-- name -->` and `<!-- /name -->`. */
export async function withModelTables(page: string): Promise<string> {
  const tables = { frameworks: frameworkTable(), servers: serverTable(), promises: promises(), gpus: gpuTable() };
  const filled = Object.entries(tables).reduce((text, [name, rows]) => {
    const region = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`);
    if (!region.test(text)) throw new Error(`docs/models.md has no region <!-- ${name} --> … <!-- /${name} -->`);
    return text.replace(region, () => [`<!-- ${name} -->`, "", ...rows, "", `<!-- /${name} -->`].join("\n"));
  }, page);
  return formatted(modelsPath, filled);
}

function table(head: string[], rows: string[][]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
}

function frameworkTable(): string[] {
  const rows = (Object.keys(frameworks) as Framework[]).map((name) => {
    const { serves, family, gpu, cpu, arm64, inferenceAmiVersion, modelIdVariable, publishedOn, endedOn } = frameworkFacts(name);
    const images = [gpu, cpu, arm64].flatMap((image) => (image === undefined ? [] : [`\`${image.repositoryName}:${image.tag}\``]));
    return [
      serves,
      `\`${name}\``,
      serverFacts(family).title,
      [...new Set(images)].join(", "),
      endedOn === undefined ? publishedOn : `${publishedOn}, ended ${endedOn}`,
      inferenceAmiVersion === undefined ? "" : `\`${inferenceAmiVersion}\``,
      modelIdVariable === undefined ? "no: `modelDataUrl`" : `yes (\`${modelIdVariable}\`)`,
      String(defaultConcurrency(family, 1)),
    ];
  });
  return table(
    [
      "for",
      "`framework`",
      "server",
      "images",
      "published",
      "`inferenceAmiVersion` on a GPU",
      "`huggingFaceModelId`",
      "requests at a time, one GPU",
    ],
    rows,
  );
}

function serverTable(): string[] {
  const allowance = { maxConcurrentInvocationsPerInstance: 1, containerStartupTimeoutSeconds: 1800 };
  const rows = (Object.keys(serverFamilies) as ServerFamily[]).flatMap((family) =>
    serverFacts(family).variables.map(({ name, value, unset, limit }) => {
      const set =
        limit === "workers"
          ? "`maxConcurrentInvocationsPerInstance`"
          : limit === "loadingSeconds"
            ? "`containerStartupTimeoutSeconds`"
            : `\`${value(allowance)}\``;
      return [serverFacts(family).title, `\`${name}\``, set, unset];
    }),
  );
  return table(["server", "variable", "is set to", "without it"], rows);
}

function promises(): string[] {
  return (Object.keys(serverFamilies) as ServerFamily[]).flatMap((family) => {
    const { title, notPromised } = serverFacts(family);
    return notPromised.length === 0 ? [] : [`- **${title}**`, ...notPromised.map((sentence) => `  - ${sentence}`)];
  });
}

/** A model's weights at 16 bits take 2 GiB for each billion of parameters; a fifth is left for what it computes with. */
function gpuTable(): string[] {
  const families = new Map<string, { accelerator: string; memory: number; counts: Set<number> }>();
  for (const [type, { accelerator, acceleratorMemoryGib, acceleratorCount }] of Object.entries(gpuInstances)) {
    const name = type.split(".").slice(0, 2).join(".");
    const known = families.get(name) ?? { accelerator, memory: acceleratorMemoryGib, counts: new Set<number>() };
    known.counts.add(acceleratorCount);
    families.set(name, known);
  }
  const rows = [...families].map(([name, { accelerator, memory, counts }]) => [
    `\`${name}.*\``,
    `${accelerator}, ${[...counts].join(" or ")}`,
    `${memory} GiB`,
    `${Math.floor((memory * 0.8) / 2)} billion`,
  ]);
  return table(["instance types", "GPUs", "memory of one", "parameters at 16 bits on one"], rows);
}

async function main(): Promise<void> {
  writeFileSync(modelsPath, await withModelTables(readFileSync(modelsPath, "utf8")));
}

if (require.main === module) void main();
