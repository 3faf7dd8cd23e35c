/** The header that an action proves itself with, besides the cookie. */
export const actionHeader = "x-console-token";
