import path from "node:path";
/** Editors and compilers write several files for one change. */
const settleMilliseconds = 100;
/** What a program is made of; a model's logs and results, which may lie beside it, are not. */
const sources = /\.([cm]?[jt]s|json|ya?ml)$/;
/** Where programs have what others wrote, or what is made from them. */
const ignoredFolders = /^(node_modules|\..+)$/;
/**
 * Calls back when a source file below a folder changes. Changes during a call lead to one more after it.
 *
 * Uses chokidar: Node's own recursive watching can't leave node_modules out, which has a hundred thousand files.
 *
 * @param except files that are not followed, such as those that are written after each change
 * @returns ends it, once the folders are followed
 */
export async function watch(folders, except = []) {
    const { watch: follow } = await import("chokidar");
    const watchers = await Promise.all(folders.map((folder) => start(folder, except, follow)));
    return async () => {
        await Promise.all(watchers.map((stop) => stop()));
    };
}
async function start({ directory, changed }, except, follow) {
    const ignored = (file) => path
        .relative(directory, file)
        .split(path.sep)
        .some((name) => ignoredFolders.test(name) && name !== "..");
    const watcher = follow(directory, { ignoreInitial: true, ignored });
    let next;
    let timer;
    let running;
    const run = () => {
        if (running !== undefined || next === undefined)
            return;
        const file = next;
        next = undefined;
        running = changed(path.relative(directory, file)).finally(() => {
            running = undefined;
            run();
        });
    };
    watcher.on("all", (_event, file) => {
        if (!sources.test(file) || except.includes(path.resolve(file)))
            return;
        next = file;
        clearTimeout(timer);
        timer = setTimeout(run, settleMilliseconds);
    });
    await new Promise((resolve, reject) => {
        watcher.once("ready", resolve);
        watcher.once("error", reject);
    });
    return async () => {
        clearTimeout(timer);
        next = undefined;
        await watcher.close();
        await running;
    };
}
