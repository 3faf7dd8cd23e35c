import * as z from "zod";
/** Path of a role or policy. */
export const path = z
    .string()
    .regex(/^\/(.+\/)?$/, 'must begin and end with "/"')
    .default("/");
/** Seconds. What a session may ask for; keys that a service gets for a role are renewed by themselves. */
export const maxSessionDuration = z.coerce.number().int().min(3600).max(43_200).default(3600);
