import { isDenial } from "./identity/denials";
import type { Logs } from "./logs";
import type { CloudContext } from "./ports";

/**
 * A log that is written under a role: of a function, or of an endpoint's instances. Without the permission nothing is
 * written, and one warning says so; on AWS nobody is told.
 */
export class RoleLog {
  private readonly allowed = new Map<string, boolean>();

  constructor(
    private readonly context: CloudContext,
    private readonly logs: Pick<Logs, "append" | "hasGroup">,
    private readonly log: { roleArn: string; sessionName: string; group: string; writer: string; actions?: readonly string[] },
  ) {}

  /** @returns whether the line was written */
  append(stream: string, line: string, at?: number): boolean {
    let allowed = this.allowed.get(stream);
    if (allowed === undefined) this.allowed.set(stream, (allowed = this.isAllowed(stream)));
    if (allowed) this.logs.append(this.log.group, stream, line, at);
    return allowed;
  }

  private isAllowed(stream: string): boolean {
    const { access, region, accountId } = this.context;
    const { roleArn, sessionName, group, writer, actions = ["logs:CreateLogStream", "logs:PutLogEvents"] } = this.log;
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:${group}:log-stream:`;
    const needs = actions.map((action) => ({ action, resource: arn + stream }));
    if (!this.logs.hasGroup(group)) needs.unshift({ action: "logs:CreateLogGroup", resource: arn });
    try {
      for (const need of needs) access.requireRole(roleArn, sessionName, need);
      return true;
    } catch (error) {
      if (!isDenial(error)) throw error;
      const told = [...this.allowed.values()].includes(false);
      if (!told) this.context.emit({ kind: "warning", message: `${writer} writes no log: ${error.message}` });
      return false;
    }
  }
}
