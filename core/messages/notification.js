import { isoTime } from "../records/isoTime";
/**
 * Reads one notification. Never throws: a message that can't be read is a `malformed` value,
 * because throwing would only make Lambda deliver the same bytes twice more.
 *
 * Unknown fields are ignored; the service adds some without notice. An included response is one of them:
 * the result is read from S3, whatever its size.
 */
export function readNotification(text) {
    let message;
    try {
        message = JSON.parse(text);
    }
    catch {
        return { kind: "malformed", problem: "not JSON" };
    }
    if (!isObject(message))
        return { kind: "malformed", problem: "not an object" };
    if (message["eventName"] === "TestNotification")
        return { kind: "test" };
    const inferenceId = string(message["inferenceId"]);
    if (inferenceId === undefined)
        return { kind: "malformed", problem: "no inferenceId" };
    const request = isObject(message["requestParameters"]) ? message["requestParameters"] : {};
    const response = isObject(message["responseParameters"]) ? message["responseParameters"] : {};
    const ended = {
        inferenceId,
        ...present("endpointName", string(request["endpointName"])),
        ...present("receivedAt", time(message["receivedTime"])),
        ...present("finishedAt", time(message["eventTime"])),
    };
    switch (message["invocationStatus"]) {
        case "Completed": {
            const outputLocation = string(response["outputLocation"]);
            if (outputLocation === undefined)
                return { kind: "malformed", problem: "completed, but no outputLocation" };
            return { kind: "completed", ...ended, outputLocation, ...present("outputContentType", string(response["contentType"])) };
        }
        case "Failed":
            return {
                kind: "failed",
                ...ended,
                reason: string(message["failureReason"]) ?? "no reason given",
                ...present("failureLocation", string(message["failureLocation"]) ?? string(response["failureLocation"])),
            };
        default:
            return { kind: "malformed", problem: `unknown invocationStatus ${JSON.stringify(message["invocationStatus"])?.slice(0, 100)}` };
    }
}
function isObject(value) {
    return typeof value === "object" && value !== null;
}
function string(value) {
    return typeof value === "string" && value !== "" ? value : undefined;
}
/** One form for every time in a record, so that they sort as text. */
function time(value) {
    const milliseconds = typeof value === "string" ? Date.parse(value) : NaN;
    return Number.isNaN(milliseconds) ? undefined : isoTime(milliseconds);
}
function present(name, value) {
    return value === undefined ? {} : { [name]: value };
}
