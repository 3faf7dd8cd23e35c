import * as z from "zod";
import { queryService } from "../queryService";
import { validated } from "../validation";
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const assumeRole = z.strictObject({
    RoleArn: z.string(),
    RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
    DurationSeconds: z.coerce.number().int().min(900).max(43_200).default(3600),
    ExternalId: z.string().optional(),
});
/** STS: who calls, and keys that act as a role, whose trust policy the front has asked already. */
export function stsService(context, credentials, roles) {
    const { accountId, clock } = context;
    const root = { arn: `arn:aws:iam::${accountId}:root`, userId: accountId };
    return queryService("STS", "https://sts.amazonaws.com/doc/2011-06-15/", {
        GetCallerIdentity: (_, accessKeyId) => {
            const session = credentials.sessionOf(accessKeyId);
            const { arn, userId } = session === undefined ? root : roles.callerOf(session);
            return { Arn: arn, UserId: userId, Account: accountId };
        },
        AssumeRole: (input) => {
            const { RoleArn: roleArn, RoleSessionName: sessionName, DurationSeconds, } = validated(assumeRole, input, "STS's AssumeRole", "ValidationError");
            // As on AWS, whole seconds.
            const expiresAt = Math.floor(clock.now() / 1000) * 1000 + DurationSeconds * 1000;
            const { accessKeyId, secretAccessKey, sessionToken = "" } = credentials.assume({ roleArn, sessionName, expiresAt });
            const { arn, userId } = roles.callerOf({ roleArn, sessionName });
            return {
                Credentials: {
                    AccessKeyId: accessKeyId,
                    SecretAccessKey: secretAccessKey,
                    SessionToken: sessionToken,
                    Expiration: new Date(expiresAt).toISOString(),
                },
                AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
            };
        },
    });
}
