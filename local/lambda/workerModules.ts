import * as path from "node:path";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Lets the function's code load what it could load on AWS: Node's own modules, the archive's files, and the SDK.
 * Whatever else this machine happens to have is not found, in the words in which Node says so.
 *
 * @param taskRoot folder of the archive's files, its real path
 * @param sdkBeside a file beside which the SDK's packages resolve
 */
export function limitModules(taskRoot: string, sdkBeside: string): void {
  const own = pathToFileURL(taskRoot + path.sep).href;
  const sdk = pathToFileURL(sdkBeside).href;
  registerHooks({
    resolve(specifier, context, next) {
      if (!context.parentURL?.startsWith(own)) return next(specifier, context);
      let problem: unknown;
      try {
        const resolved = next(specifier, context);
        if (resolved.url.startsWith("node:") || resolved.url.startsWith(own)) return resolved;
      } catch (error) {
        problem = error;
      }
      if (/^@(aws-sdk|smithy)\//.test(specifier)) return next(specifier, { ...context, parentURL: sdk });
      throw problem ?? notFound(specifier, context.parentURL);
    },
  });
}

function notFound(specifier: string, parentUrl: string): Error {
  const parent = decodeURIComponent(new URL(parentUrl).pathname);
  return Object.assign(new Error(`Cannot find module '${specifier}'\nRequire stack:\n- ${parent}`), {
    code: "MODULE_NOT_FOUND",
    requireStack: [parent],
  });
}
