import { AsyncInferenceError } from "../../client/errors";
const refusals = new WeakSet();
/** Makes an error that answers a request. */
export function refusal(status, code, message, advice = "") {
    const error = Object.assign(new Error(message), { status, code, advice });
    refusals.add(error);
    return error;
}
/** What an error is to whoever asked. */
export function problemIn(error) {
    if (typeof error === "object" && error !== null && refusals.has(error)) {
        const { status, code, message, advice } = error;
        return { status, answer: { error: { code, message, advice } } };
    }
    if (error instanceof AsyncInferenceError) {
        const { code, message, advice } = error;
        const status = { NOT_FOUND: 404, ACCESS_DENIED: 403, BAD_INPUT: 400, CONFLICT: 409, THROTTLED: 429, LIMIT: 429 }[code] ?? 502;
        return { status, answer: { error: { code, message, advice } } };
    }
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    const isDenied = /AccessDenied|NotAuthorized|not authorized/i.test(`${name} ${message}`);
    return { status: isDenied ? 403 : 502, answer: { error: { code: isDenied ? "ACCESS_DENIED" : name, message, advice: "" } } };
}
/** The same in one sentence. */
export function messageIn(error) {
    const { message, advice } = problemIn(error).answer.error;
    return advice === "" ? message : `${message} ${advice}`;
}
