const collected = [];
process.on("unhandledRejection", (reason) => void collected.push(reason));
/**
 * Unhandled rejections since the last call. A broken closure and a rejected Output surface as nothing else, and mocha
 * lets one pass that arrives between two tests.
 */
export async function takeRejections() {
    await new Promise(setImmediate);
    return collected.splice(0);
}
