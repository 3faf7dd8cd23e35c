/** Until when a job can wait. */
export function expiry({ expiresAt }) {
    return expiresAt === undefined ? "" : ` If it has not started by ${expiresAt}, it expires.`;
}
