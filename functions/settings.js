/** The settings that the function's environment carries, as `CallbackLambda` wrote them. */
export function readSettings() {
    const text = process.env["SETTINGS"];
    if (text === undefined)
        throw new Error("The environment variable SETTINGS is not set.");
    return JSON.parse(text);
}
