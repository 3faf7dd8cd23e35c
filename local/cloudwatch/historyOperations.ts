import * as z from "zod";
import { ServiceError } from "../wire";
import { historyTypes } from "./alarmHistory";
import { operation, type Operation } from "./operation";
import { paged, time } from "./shapes";

/** What happened to alarms, and a state that somebody sets to see what then happens. */
export const historyOperations: Record<string, Operation> = {
  DescribeAlarmHistory: operation(
    z.strictObject({
      AlarmName: z.string().min(1).max(255).optional(),
      AlarmTypes: z.array(z.enum(["MetricAlarm", "CompositeAlarm", "LogAlarm"])).default([]),
      HistoryItemType: z.enum(historyTypes).optional(),
      StartDate: time.optional(),
      EndDate: time.optional(),
      MaxRecords: z.number().int().min(1).max(100).default(100),
      NextToken: z.string().optional(),
      ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
    }),
    ({ AlarmName, AlarmTypes, HistoryItemType, StartDate = -Infinity, EndDate = Infinity, MaxRecords, NextToken, ScanBy }, { alarms }) => {
      // Without types it is about metric alarms, as CloudWatch has it.
      const isAsked = AlarmTypes.length === 0 || AlarmTypes.includes("MetricAlarm");
      const found = alarms.history
        .list()
        .filter(
          ({ alarmName, at, type }) =>
            isAsked &&
            (AlarmName === undefined || alarmName === AlarmName) &&
            (HistoryItemType === undefined || type === HistoryItemType) &&
            at >= StartDate &&
            at <= EndDate,
        );
      const { page, next } = paged(ScanBy === "TimestampDescending" ? found.toReversed() : found, {
        list: `DescribeAlarmHistory ${AlarmName} ${HistoryItemType} ${ScanBy}`,
        idOf: ({ id }) => String(id),
        limit: MaxRecords,
        token: NextToken,
        invalid: "InvalidNextToken",
      });
      const items = page.map(({ alarmName, at, type, summary, data }) => ({
        AlarmName: alarmName,
        AlarmType: "MetricAlarm",
        Timestamp: new Date(at),
        HistoryItemType: type,
        HistorySummary: summary,
        HistoryData: data,
      }));
      return { AlarmHistoryItems: items, ...next };
    },
  ),
  SetAlarmState: operation(
    z.strictObject({
      AlarmName: z.string().min(1).max(255),
      StateValue: z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]),
      StateReason: z.string().max(1023),
      StateReasonData: z.string().max(4000).optional(),
    }),
    ({ AlarmName, StateValue, StateReason, StateReasonData = "" }, { alarms }) => {
      if (StateReasonData !== "" && !isJson(StateReasonData)) {
        throw new ServiceError("InvalidFormat", "StateReasonData was not valid JSON", 400, "InvalidFormatFault");
      }
      if (!alarms.setState(AlarmName, { state: StateValue, reason: StateReason, reasonData: StateReasonData })) {
        throw new ServiceError("ResourceNotFound", `Unknown alarm: ${AlarmName}`, 404);
      }
      return {};
    },
  ),
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
