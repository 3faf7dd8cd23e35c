import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
/** Files whose change may change any test. */
const everything = /^(package(-lock)?\.json|tsconfig(\.build)?\.json|\.mocharc\.yaml|Pulumi(\.\w+)?\.yaml)$/;
/**
 * The test files that a change may break: those that load a changed file, directly or by others, or whose text, or that of a file
 * which they load, names it. A path that is put together when the test runs is not seen.
 *
 * @param changed paths from the repository's root
 * @param tests paths of compiled test files from `root`
 */
export function affectedTests(root, changed, tests) {
    if (changed.some((file) => everything.test(file)))
        return [...tests];
    const build = path.join(root, "build");
    const compiled = new Set(changed.filter((file) => /\.ts$/.test(file)).map((file) => path.join(build, file.replace(/ts$/, "js"))));
    const others = changed.filter((file) => !/\.ts$/.test(file));
    const known = new Map();
    const mentionsOf = (file) => {
        const found = known.get(file) ?? readMentions(file, root, build);
        known.set(file, found);
        return found;
    };
    return tests.filter((test) => {
        const reached = new Set([path.join(root, test)]);
        // A set yields what is added while it is walked.
        for (const file of reached) {
            const { modules, words } = mentionsOf(file);
            if (compiled.has(file) || others.some((other) => words.some((word) => names(word, other))))
                return true;
            for (const module of modules)
                reached.add(module);
        }
        return false;
    });
}
/** Whether a string in a test's text may stand for a file: its path, the end of it, its folder, or a folder of two names above it. */
function names(word, file) {
    if (file === word || file.endsWith(`/${word}`) || path.dirname(file) === word)
        return true;
    return word.includes("/") && file.startsWith(`${word}/`);
}
function readMentions(file, root, build) {
    if (!existsSync(file))
        return { modules: [], words: [] };
    const words = Array.from(readFileSync(file, "utf8").matchAll(/"([^"\\\n]+)"|'([^'\\\n]+)'|\$\{root\}\/([\w./-]+)/g), ([, a, b, c]) => a ?? b ?? c ?? "");
    const modules = words.flatMap((word) => {
        if (/^\.{1,2}\//.test(word))
            return compiledModule(path.resolve(path.dirname(file), word)) ?? [];
        // A process that is started, or a program that is deployed: its file, or the folder of all of its kind.
        const places = [path.join(path.dirname(file), word), path.join(root, word), path.join(build, word)];
        if (/^[\w-]+(\/[\w-]+)*\.js$/.test(word))
            return places.filter((place) => place.startsWith(build) && existsSync(place));
        if (!/^[\w-]+(\/[\w-]+)+$/.test(word))
            return [];
        return [...new Set(places.slice(1).map((place) => path.join(build, path.relative(root, place).replace(/^build\//, ""))))].flatMap((folder) => (existsSync(folder) && statSync(folder).isDirectory() ? globSync(path.join(folder, "**/*.js")) : []));
    });
    return { modules: [...new Set(modules)], words: [...new Set(words)] };
}
function compiledModule(base) {
    return [base, `${base}.js`, path.join(base, "index.js")].find((file) => file.endsWith(".js") && existsSync(file));
}
