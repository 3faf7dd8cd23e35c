const refusals = {
    "table-throttled": { name: "ThrottlingException", message: "Throughput exceeds the current capacity of your table.", status: 400 },
    "table-conflict": { name: "TransactionConflictException", message: "Transaction is ongoing for the item", status: 400 },
    "table-item-too-large": { name: "ValidationException", message: "Item size has exceeded the maximum allowed size", status: 400 },
    "s3-503": { name: "SlowDown", message: "Please reduce your request rate.", status: 503 },
    "s3-403": { name: "AccessDenied", message: "Access Denied", status: 403 },
    "invoke-503": { name: "ServiceUnavailable", message: "The request has failed due to a temporary failure of the server.", status: 503 },
    "invoke-400": {
        name: "ValidationError",
        message: "1 validation error detected: Value at 'customAttributes' failed to satisfy constraint",
        status: 400,
    },
};
/** The refusal that a kind of fault is; undefined for one that is none. */
export function refusalOf(kind) {
    return refusals[kind];
}
