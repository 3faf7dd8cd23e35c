import * as z from "zod";
import type { CloudContext } from "../ports";
import { resourceType, type ResourceType } from "../resources";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const body = z.object({
  widgets: z
    .array(
      z.object({
        type: z.enum(["metric", "text", "log", "alarm", "explorer"]),
        x: z.number().int().min(0).max(23).optional(),
        y: z.number().int().min(0).optional(),
        width: z.number().int().min(1).max(24).optional(),
        height: z.number().int().min(1).max(1000).optional(),
        properties: z.object({ metrics: z.array(z.array(z.unknown()).min(1)).optional() }),
      }),
    )
    .max(500),
});

/** `aws:cloudwatch/dashboard:Dashboard`: its body is checked and kept; nobody looks at it here. */
export function dashboardType({ region, accountId }: CloudContext): ResourceType {
  const schema = z.strictObject({ dashboardName: z.string().regex(/^[A-Za-z0-9_-]{1,255}$/), dashboardBody: z.string() });
  return resourceType(schema, async ({ type, name, inputs }) => {
    const parsed = body.safeParse(json(inputs.dashboardBody));
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
      throw new Error(`${type} "${name}": dashboardBody: ${problems.join("; ")}`);
    }
    const { dashboardName } = inputs;
    return { id: dashboardName, state: { ...inputs, dashboardArn: `arn:aws:cloudwatch::${accountId}:dashboard/${dashboardName}`, region } };
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
