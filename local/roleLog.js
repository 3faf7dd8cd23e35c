import { isDenial } from "./identity/denials";
/**
 * A log that is written under a role: of a function, or of an endpoint's instances. Without the permission nothing is
 * written, and one warning says so; on AWS nobody is told.
 */
export class RoleLog {
    context;
    logs;
    log;
    begun = new Set();
    warned = false;
    constructor(context, logs, log) {
        this.context = context;
        this.logs = logs;
        this.log = log;
    }
    /** @returns whether the line was written */
    append(stream, line, at) {
        const { access, region, accountId } = this.context;
        const { roleArn, sessionName, group, writer, toBegin = ["logs:CreateLogStream"] } = this.log;
        const groupArn = `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:`;
        const require = (action, resource) => access.requireRole(roleArn, sessionName, { action, resource });
        try {
            if (!this.begun.has(stream)) {
                if (!this.logs.hasGroup(group))
                    require("logs:CreateLogGroup", groupArn);
                for (const action of toBegin)
                    require(action, groupArn + stream);
                this.begun.add(stream);
            }
            require("logs:PutLogEvents", groupArn + stream);
            this.logs.append(group, stream, line, at);
            return true;
        }
        catch (error) {
            if (!isDenial(error))
                throw error;
            if (!this.warned)
                this.context.emit({ kind: "warning", message: `${writer} writes no log: ${error.message}` });
            this.warned = true;
            return false;
        }
    }
}
