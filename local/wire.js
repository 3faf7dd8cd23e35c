/**
 * An answer that says no. The front writes it in the shape of the service that was called:
 * JSON, Query XML or S3 XML.
 */
export class ServiceError extends Error {
    code;
    status;
    shape;
    constructor(
    /** As the service spells it: `ValidationException`, `NoSuchBucket`. */
    code, message, 
    /** HTTP status. */
    status = 400, 
    /** The error's name in JSON and CBOR, where a service that once spoke Query alone has another there. @default the code */
    shape) {
        super(message);
        this.code = code;
        this.status = status;
        this.shape = shape;
        this.name = code;
    }
}
/** What every call gets that the embedded cloud does not have: nothing is accepted silently. */
export function notSupported(what) {
    return new ServiceError("NotImplemented", `The embedded cloud does not support ${what}.`, 501);
}
