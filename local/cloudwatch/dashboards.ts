import * as z from "zod";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { resourceType, updatable, type Created, type ResourceType } from "../resources";
import { ServiceError } from "../wire";
import { operation, type Operation } from "./operation";
import { listOf, paged, tags } from "./shapes";

/** A dashboard as it was made. */
export interface Dashboard {
  name: string;
  arn: string;
  /** As it was given. */
  body: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  tags: Record<string, string>;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const bodySchema = z.object({
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

const namePattern = /^[A-Za-z0-9_-]{1,255}$/;

/** How many dashboards one answer lists. */
const pageLength = 1000;

/** Dashboards: their bodies are checked and kept; nobody looks at them here. */
export class Dashboards {
  private readonly kept: Kept<Dashboard>;

  constructor(private readonly context: CloudContext) {
    this.kept = context.keeper.map("cloudwatch.dashboards");
  }

  /** @param given tags of a new dashboard. @throws ServiceError that says what is wrong with the body */
  put(name: string, body: string, given: Record<string, string> = {}): Dashboard {
    requireBody(body);
    const arn = `arn:aws:cloudwatch::${this.context.accountId}:dashboard/${name}`;
    const dashboard = { name, arn, body, modifiedAt: this.context.clock.now(), tags: this.kept.get(name)?.tags ?? given };
    this.kept.set(name, dashboard);
    return dashboard;
  }

  /** @throws ServiceError when there is none */
  get(name: string): Dashboard {
    const found = this.kept.get(name);
    if (found === undefined) throw new ServiceError("ResourceNotFound", `Dashboard ${name} does not exist`, 404, "DashboardNotFoundError");
    return found;
  }

  /** All or, when one is not there, none. */
  delete(names: readonly string[]): void {
    for (const name of names) this.get(name);
    this.context.keeper.atOnce(() => names.forEach((name) => this.kept.delete(name)));
  }

  /** By name. */
  list(): Dashboard[] {
    return [...this.kept.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  setTags(name: string, all: Record<string, string>): void {
    this.kept.set(name, { ...this.get(name), tags: all });
  }
}

function requireBody(body: string): void {
  const parsed = bodySchema.safeParse(json(body));
  if (parsed.success) return;
  const problems = parsed.error.issues.map(({ path, message }) => ({ dataPath: ["", ...path].join("/"), message }));
  const message = `The dashboard body is invalid, there are ${problems.length} validation errors: ${JSON.stringify(problems)}`;
  throw new ServiceError("InvalidParameterInput", message, 400, "DashboardInvalidInputError");
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** PutDashboard and its like. */
export const dashboardOperations: Record<string, Operation> = {
  PutDashboard: operation(
    z.strictObject({ DashboardName: z.string().regex(namePattern), DashboardBody: z.string(), Tags: tags }),
    ({ DashboardName, DashboardBody, Tags }, { dashboards }) => {
      dashboards.put(DashboardName, DashboardBody, Tags);
      return { DashboardValidationMessages: [] };
    },
  ),
  GetDashboard: operation(z.strictObject({ DashboardName: z.string() }), ({ DashboardName }, { dashboards }) => {
    const { arn, body } = dashboards.get(DashboardName);
    return { DashboardArn: arn, DashboardBody: body, DashboardName };
  }),
  ListDashboards: operation(
    z.strictObject({ DashboardNamePrefix: z.string().default(""), NextToken: z.string().optional() }),
    ({ DashboardNamePrefix, NextToken }, { dashboards }) => {
      const found = dashboards.list().filter(({ name }) => name.startsWith(DashboardNamePrefix));
      const { page, next } = paged(found, {
        list: "ListDashboards",
        idOf: ({ name }) => name,
        limit: pageLength,
        token: NextToken,
        invalid: "InvalidParameterValue",
      });
      const entry = ({ name, arn, body, modifiedAt }: Dashboard) => ({
        DashboardName: name,
        DashboardArn: arn,
        LastModified: new Date(modifiedAt),
        Size: Buffer.byteLength(body),
      });
      return { DashboardEntries: page.map(entry), ...next };
    },
  ),
  DeleteDashboards: operation(z.strictObject({ DashboardNames: listOf(z.string()) }), ({ DashboardNames }, { dashboards }) => {
    dashboards.delete(DashboardNames);
    return {};
  }),
};

/** `aws:cloudwatch/dashboard:Dashboard` */
export function dashboardType({ region }: CloudContext, dashboards: Dashboards): ResourceType {
  const schema = z.strictObject({ dashboardName: z.string().regex(namePattern), dashboardBody: z.string() });
  const put = async (type: string, name: string, inputs: z.infer<typeof schema>): Promise<Created> => {
    try {
      const { arn } = dashboards.put(inputs.dashboardName, inputs.dashboardBody);
      return { id: inputs.dashboardName, state: { ...inputs, dashboardArn: arn, region } };
    } catch (error) {
      throw new Error(`${type} "${name}": dashboardBody: ${(error as Error).message}`, { cause: error });
    }
  };
  return updatable(
    resourceType(
      schema,
      ({ type, name, inputs }) => put(type, name, inputs),
      ({ type, name, inputs }) => put(type, name, inputs),
      async ({ id }) => dashboards.delete([id]),
    ),
    ["dashboardName"],
  );
}
