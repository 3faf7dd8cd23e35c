import type { CloudContext, CloudService } from "./ports";

/** One log event. */
export interface LogEvent {
  /** Milliseconds since the epoch. */
  timestamp: number;
  message: string;
  stream: string;
}

/** The embedded cloud's CloudWatch Logs. */
export interface Logs extends CloudService {
  /** Adds a line; the group and the stream come into being with their first one. */
  append(group: string, stream: string, line: string, at?: number): void;
  /** Every event of a group that its retention has not removed, in order of time; empty for an unknown group. */
  read(group: string): LogEvent[];
}

/** CloudWatch Logs: what functions print, readable by the API. */
export async function createLogs(context: CloudContext): Promise<Logs> {
  const groups = new Map<string, LogEvent[]>();
  return {
    append: (group, stream, message, timestamp = context.clock.now()) => {
      const events = groups.get(group) ?? [];
      groups.set(group, events);
      events.push({ timestamp, message, stream });
    },
    read: (group) => groups.get(group) ?? [],
    close: async () => undefined,
  };
}
