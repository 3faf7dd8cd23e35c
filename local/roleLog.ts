import { isDenial } from "./identity/denials";
import type { Logs } from "./logs";
import type { CloudContext } from "./ports";

/**
 * A log that is written under a role: of a function, or of an endpoint's instances. Without the permission nothing is
 * written, and one warning says so; on AWS nobody is told.
 */
export class RoleLog {
  private readonly begun = new Set<string>();
  private warned = false;

  constructor(
    private readonly context: CloudContext,
    private readonly logs: Pick<Logs, "append" | "hasGroup">,
    private readonly log: { roleArn: string; sessionName: string; group: string; writer: string; toBegin?: readonly string[] },
  ) {}

  /** @returns whether the line was written */
  append(stream: string, line: string, at?: number): boolean {
    const { access, region, accountId } = this.context;
    const { roleArn, sessionName, group, writer, toBegin = ["logs:CreateLogStream"] } = this.log;
    const groupArn = `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:`;
    const require = (action: string, resource: string) => access.requireRole(roleArn, sessionName, { action, resource });
    try {
      // A group that was deleted begins anew.
      const hasGroup = this.logs.hasGroup(group);
      if (!hasGroup || !this.begun.has(stream)) {
        if (!hasGroup) require("logs:CreateLogGroup", groupArn);
        for (const action of toBegin) require(action, groupArn + stream);
        this.begun.add(stream);
      }
      require("logs:PutLogEvents", groupArn + stream);
      this.logs.append(group, stream, line, at);
      return true;
    } catch (error) {
      if (!isDenial(error)) throw error;
      if (!this.warned) this.context.emit({ kind: "warning", message: `${writer} writes no log: ${error.message}` });
      this.warned = true;
      return false;
    }
  }
}
