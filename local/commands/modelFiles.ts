import { existsSync, statSync } from "node:fs";
import path from "node:path";

/** What a model's program is written in. Results, logs and weights, which a model may write beside it, are not. */
const programs = /\.(py|[cm]?[jt]s|sh|toml|cfg|ini|ya?ml|jinja2?)$/;

/** Which files a model is made of. */
export interface ModelFiles {
  /** Whether a change of it starts the model again. @param file absolute */
  has(file: string): boolean;
  /** Whether it is the model's alone, as far as the command tells, and no part of the Pulumi program. */
  hasAlone(file: string): boolean;
}

/**
 * The files behind a `local:modelCommand` that runs in `directory`: those that it names (`node model.mjs`), programs in the folders of those and in
 * folders that it names (`serve --model-store models`), and all Python, which no Pulumi program here is written in.
 */
export function modelFiles(command: string, directory: string): ModelFiles {
  const words = command.split(/[\s"'=;&|()]+/).filter((word) => word !== "");
  const named = words.map((word) => path.resolve(directory, word)).filter((file) => isInside(directory, file) && existsSync(file));
  const folders = named
    .map((file) => (statSync(file).isDirectory() ? file : path.dirname(file)))
    .filter((folder) => isInside(directory, folder));
  const hasAlone = (file: string) => named.includes(file) || file.endsWith(".py");
  return {
    hasAlone,
    has: (file) => hasAlone(file) || (programs.test(file) && folders.some((folder) => isInside(folder, file))),
  };
}

/** Whether it is below the folder, at any depth. */
function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
