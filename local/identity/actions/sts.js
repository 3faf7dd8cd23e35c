import { judgedBy, readForm, text } from "./table";
/** GetCallerIdentity needs no permission: the signature is enough. */
export const sts = judgedBy("sts", {
    AssumeRole: {
        on: (input) => text(input, "RoleArn"),
        keys: (input) => ({
            "sts:rolesessionname": text(input, "RoleSessionName"),
            ...(text(input, "ExternalId") !== "" && { "sts:externalid": text(input, "ExternalId") }),
        }),
    },
    GetCallerIdentity: { on: () => [] },
}, readForm);
