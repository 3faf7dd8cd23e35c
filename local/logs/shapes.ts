import * as z from "zod";

/** Names and retention: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** What CloudWatch Logs takes, member by member: resource types and API name the members each in their own way. */
export const groupName = z.string().regex(/^[\w.\-/#]{1,512}$/);
export const retentionInDays = z.int().refine((days) => retentions.includes(days), `CloudWatch Logs takes ${retentions.join(", ")}`);
export const logGroupClass = z.literal("STANDARD");
export const tags = z.record(z.string().min(1).max(128), z.string().max(256));
