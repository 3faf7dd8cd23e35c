import * as z from "zod";
import type { CloudContext, CloudService } from "../ports";
import { recorded } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";
import { Groups, type GroupSettings, type LogEvent } from "./groups";
import * as shapes from "./shapes";
import { logsWire } from "./wire";

/** The embedded cloud's CloudWatch Logs. */
export interface Logs extends CloudService {
  /**
   * Adds a line; the group and the stream come into being with their first one.
   *
   * @param at milliseconds since the epoch; a stream's events never go back in time. @default now
   */
  append(group: string, stream: string, line: string, at?: number): void;
  /** Whether the group has come into being, by a program or by its first line. */
  hasGroup(group: string): boolean;
  /** Every event of a group that its retention has not removed, in order of time; empty for an unknown group. */
  read(group: string): LogEvent[];
}

const logGroupSchema = z.strictObject({
  name: shapes.groupName.optional(),
  namePrefix: z.string().optional(),
  // The provider's way to say: for ever.
  retentionInDays: z.literal(0).or(shapes.retentionInDays).default(0),
  logGroupClass: shapes.logGroupClass.optional(),
  kmsKeyId: recorded.kmsKey,
  tags: shapes.tags.default({}),
});
type LogGroupInputs = z.infer<typeof logGroupSchema>;

/** CloudWatch Logs: what functions print, kept as long as the group's retention says, readable by the API. */
export async function createLogs(context: CloudContext): Promise<Logs> {
  const groups = new Groups(context);
  return {
    append: (...line) => groups.append(...line),
    hasGroup: (name) => groups.has(name),
    read: (name) => (groups.has(name) ? groups.events(name).map(({ timestamp, message, stream }) => ({ timestamp, message, stream })) : []),
    resources: { "aws:cloudwatch/logGroup:LogGroup": logGroupType(groups) },
    wire: { logs: logsWire(groups, context.accountId) },
    close: async () => groups.close(),
  };
}

function logGroupType(groups: Groups): ResourceType {
  const created = ({ name, arn, tags }: GroupSettings, inputs: LogGroupInputs) => ({
    id: name,
    state: { ...inputs, name, arn, logGroupClass: "STANDARD", tagsAll: tags },
  });
  const type = resourceType(
    logGroupSchema,
    async ({ name: logicalName, inputs }) => {
      const name = inputs.name ?? autoName(inputs.namePrefix ?? logicalName);
      const { kmsKeyId: kmsKeyArn, retentionInDays, tags } = inputs;
      return created(groups.create(name, { kmsKeyArn, retentionInDays, tags }), inputs);
    },
    async ({ inputs }, { id }) => {
      const { kmsKeyId: kmsKeyArn, retentionInDays, tags } = inputs;
      groups.change(id, { kmsKeyArn, retentionInDays, tags });
      return created(groups.find(id), inputs);
    },
    async ({ id }) => groups.delete(id),
  );
  return updatable(type, ["name", "namePrefix", "logGroupClass"]);
}
