/** Of everything that the console answers: it is nobody else's to show, keep or guess about. */
export const commonHeaders = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
};
/** The page's own: nothing inline, nothing from elsewhere, in no frame. */
export const pagePolicy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
].join("; ");
/** Of what a model or a caller wrote: were it shown by itself, it could do nothing. */
export const objectPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
