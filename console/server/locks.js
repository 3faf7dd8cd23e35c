import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
/** For how long a cookie is good: as long as an on-call week. */
const sessionMilliseconds = 7 * 86_400_000;
/**
 * Locks of one server. Sessions are signed with `key`, so that a page whose server was started again with the same key goes on.
 *
 * @param port part of the cookie's name: browsers send cookies of one host to all of its ports
 */
export function createLocks(key, port, now = Date.now) {
    const name = `console_${port}`;
    const sign = (text) => createHmac("sha256", key).update(`${port}:${text}`).digest("base64url");
    let token = newToken();
    return {
        get token() {
            return token;
        },
        exchange(given) {
            if (typeof given !== "string" || !isSame(given, token))
                return undefined;
            token = newToken();
            const session = `${now() + sessionMilliseconds}.${newToken()}`;
            return `${session}.${sign(`session:${session}`)}`;
        },
        sessionIn({ cookie = "" }) {
            const value = cookie
                .split(/;\s*/)
                .find((pair) => pair.startsWith(`${name}=`))
                ?.slice(name.length + 1);
            const [, until, random, signature] = /^(\d+)\.([\w-]+)\.([\w-]+)$/.exec(value ?? "") ?? [];
            if (signature === undefined || !isSame(signature, sign(`session:${until}.${random}`)) || Number(until) < now())
                return undefined;
            return value;
        },
        actionTokenOf: (session) => sign(`action:${session}`),
        cookieOf: (session) => `${name}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionMilliseconds / 1000}`,
    };
}
/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export function isSame(a, b) {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
}
function newToken() {
    return randomBytes(32).toString("base64url");
}
/**
 * Why a request is refused before anybody looks at what it wants; undefined when it is not.
 *
 * A page of another site can make a browser send requests here: their `Origin` is that site's. One whose own name leads to 127.0.0.1
 * (DNS rebinding) has the right origin, and its own name as `Host`.
 */
export function strangerIn(headers, method, port) {
    const { host = "", origin } = headers;
    const site = headers["sec-fetch-site"];
    if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host))
        return `Host is ${JSON.stringify(host)}, expected 127.0.0.1:${port}`;
    if (origin !== undefined && origin !== `http://${host}`)
        return `Origin is ${JSON.stringify(origin)}, expected http://${host}`;
    if (method !== "GET" && method !== "HEAD" && origin === undefined)
        return `${method} without an Origin`;
    if (site !== undefined && !["same-origin", "none"].includes(String(site)))
        return `Sec-Fetch-Site is ${String(site)}`;
    return undefined;
}
