import { createRequire, registerHooks } from "node:module";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
/**
 * Lets the function's code load what it could load on AWS: Node's own modules, the archive's files, and the SDK.
 * Whatever else this machine happens to have is not found, in the words in which Node says so.
 *
 * @param taskRoot folder of the archive's files, its real path
 * @param sdkBeside files beside which the SDK's packages are looked for, one after the other
 */
export function limitModules(taskRoot, sdkBeside) {
    const own = pathToFileURL(taskRoot + path.sep).href;
    const places = sdkBeside.map((file) => ({ url: pathToFileURL(file).href, require: createRequire(file) }));
    registerHooks({
        resolve(specifier, context, next) {
            if (!context.parentURL?.startsWith(own))
                return next(specifier, context);
            // Node 22 hands over a Set, whatever its types say.
            const imported = [...context.conditions].includes("import");
            let problem;
            try {
                const resolved = next(specifier, context);
                if (resolved.url.startsWith("node:") || resolved.url.startsWith(own))
                    return resolved;
            }
            catch (error) {
                problem = error;
            }
            if (!/^@(aws-sdk|smithy)\//.test(specifier))
                throw problem ?? notFound(specifier, context.parentURL, imported);
            for (const { url, require } of places) {
                try {
                    if (imported)
                        return next(specifier, { ...context, parentURL: url });
                    return { url: pathToFileURL(require.resolve(specifier)).href, shortCircuit: true };
                }
                catch {
                    // The next place may have it.
                }
            }
            throw notFound(specifier, context.parentURL, imported);
        },
    });
}
function notFound(specifier, parentUrl, imported) {
    const parent = fileURLToPath(parentUrl);
    return imported
        ? Object.assign(new Error(`Cannot find package '${specifier}' imported from ${parent}`), { code: "ERR_MODULE_NOT_FOUND" })
        : Object.assign(new Error(`Cannot find module '${specifier}'\nRequire stack:\n- ${parent}`), { code: "MODULE_NOT_FOUND" });
}
