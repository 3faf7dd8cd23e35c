import * as z from "zod";
/**
 * Properties that the embedded cloud accepts and gives back, although nothing on a laptop acts on them.
 * This is the whole list, with the reasons: whatever else has no effect is refused.
 */
export const recorded = {
    /** There is no bill to split, and no policy here looks at tags. */
    tags: z.record(z.string(), z.string()).optional(),
    /** Nothing is encrypted at rest in memory that ends with the process; who may use the key is judged all the same. */
    kmsKey: z.string().optional(),
    /** There is one network here, the loopback; whether a role may join another is judged all the same. */
    network: z.strictObject({ subnetIds: z.array(z.string()), securityGroupIds: z.array(z.string()) }).optional(),
    /** Every cloud starts empty and is thrown away whole; nothing is ever destroyed one by one. */
    destroyBehaviour: z.boolean().optional(),
    /** Shown in consoles only. */
    description: z.string().optional(),
    /** Deadlines of the provider for creating and deleting, which are immediate here. */
    timeouts: z.record(z.string(), z.string()).optional(),
};
/** The `region` argument that each resource of the provider has: the cloud has one region, and another would be another cloud. */
export function regionArgument(region) {
    return z.literal(region, { error: `the embedded cloud is in ${region} alone` }).optional();
}
