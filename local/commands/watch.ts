import path from "node:path";
import type { FSWatcher } from "chokidar" with { "resolution-mode": "import" };

/** Editors and compilers write several files for one change. */
const settleMilliseconds = 100;

/** What a program is made of; a model's logs and results, which may lie beside it, are not. */
export const sources = /\.([cm]?[jt]s|json|ya?ml)$/;

/** What a program only reads: a new one is an input or a result until a source file names it. */
const data = /\.(json|ya?ml)$/;

/** Where programs have what others wrote, or what is made from them. */
const ignoredFolders = /^(node_modules|__pycache__|\..+)$/;

/** A folder whose changes are followed. */
export interface Watched {
  directory: string;
  /** Whether a file is followed, by its absolute path. @default source files of a Pulumi program */
  follows?: (file: string) => boolean;
  /** Called after changes with the files' absolute paths, never twice at once; must not throw. */
  changed: (files: readonly string[]) => Promise<void>;
}

/**
 * Calls back when files below a folder change. Changes during a call lead to one more after it.
 *
 * Uses chokidar: Node's own recursive watching can't leave node_modules out, which has a hundred thousand files.
 *
 * @param except files that are not followed, such as those that are written after each change
 * @returns ends it, once the folders are followed
 */
export async function watch(folders: readonly Watched[], except: readonly string[] = []): Promise<() => Promise<void>> {
  const { watch: follow } = await import("chokidar");
  const watchers = await Promise.all(folders.map((folder) => start(folder, except, follow)));
  return async () => {
    await Promise.all(watchers.map((stop) => stop()));
  };
}

async function start(
  { directory, follows = (file) => sources.test(file), changed }: Watched,
  except: readonly string[],
  follow: (folder: string, options: { ignoreInitial: boolean; ignored: (file: string) => boolean }) => FSWatcher,
): Promise<() => Promise<void>> {
  const ignored = (file: string) =>
    path
      .relative(directory, file)
      .split(path.sep)
      .some((name) => ignoredFolders.test(name) && name !== "..");
  const watcher = follow(directory, { ignoreInitial: true, ignored });
  let next = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  const run = () => {
    if (running !== undefined || next.size === 0) return;
    const files = [...next];
    next = new Set();
    running = changed(files).finally(() => {
      running = undefined;
      run();
    });
  };
  watcher.on("all", (event, file) => {
    const changedFile = path.resolve(file);
    if (event === "add" && data.test(changedFile)) return;
    if (except.includes(changedFile) || !follows(changedFile)) return;
    next.add(changedFile);
    clearTimeout(timer);
    timer = setTimeout(run, settleMilliseconds);
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once("ready", resolve);
    watcher.once("error", reject);
  });
  return async () => {
    clearTimeout(timer);
    next.clear();
    await watcher.close();
    await running;
  };
}
