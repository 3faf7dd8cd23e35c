/** Lambda's REST API: method and path of each operation that is answered. */
const routes: readonly (readonly [operation: string, method: string, path: string])[] = [
  ["AddPermission", "POST", "/2015-03-31/functions/{FunctionName}/policy"],
  ["CreateEventSourceMapping", "POST", "/2015-03-31/event-source-mappings"],
  ["CreateFunction", "POST", "/2015-03-31/functions"],
  ["DeleteEventSourceMapping", "DELETE", "/2015-03-31/event-source-mappings/{UUID}"],
  ["DeleteFunction", "DELETE", "/2015-03-31/functions/{FunctionName}"],
  ["DeleteFunctionConcurrency", "DELETE", "/2017-10-31/functions/{FunctionName}/concurrency"],
  ["DeleteFunctionEventInvokeConfig", "DELETE", "/2019-09-25/functions/{FunctionName}/event-invoke-config"],
  ["GetEventSourceMapping", "GET", "/2015-03-31/event-source-mappings/{UUID}"],
  ["GetFunction", "GET", "/2015-03-31/functions/{FunctionName}"],
  ["GetFunctionCodeSigningConfig", "GET", "/2020-06-30/functions/{FunctionName}/code-signing-config"],
  ["GetFunctionConcurrency", "GET", "/2019-09-30/functions/{FunctionName}/concurrency"],
  ["GetFunctionConfiguration", "GET", "/2015-03-31/functions/{FunctionName}/configuration"],
  ["GetFunctionEventInvokeConfig", "GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config"],
  ["GetFunctionRecursionConfig", "GET", "/2024-08-31/functions/{FunctionName}/recursion-config"],
  ["GetPolicy", "GET", "/2015-03-31/functions/{FunctionName}/policy"],
  ["GetRuntimeManagementConfig", "GET", "/2021-07-20/functions/{FunctionName}/runtime-management-config"],
  ["InvokeFunction", "POST", "/2015-03-31/functions/{FunctionName}/invocations"],
  ["ListAliases", "GET", "/2015-03-31/functions/{FunctionName}/aliases"],
  ["ListEventSourceMappings", "GET", "/2015-03-31/event-source-mappings"],
  ["ListFunctionEventInvokeConfigs", "GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config/list"],
  ["ListFunctions", "GET", "/2015-03-31/functions"],
  ["ListTags", "GET", "/2017-03-31/tags/{Resource}"],
  ["ListVersionsByFunction", "GET", "/2015-03-31/functions/{FunctionName}/versions"],
  ["PutFunctionConcurrency", "PUT", "/2017-10-31/functions/{FunctionName}/concurrency"],
  ["PutFunctionEventInvokeConfig", "PUT", "/2019-09-25/functions/{FunctionName}/event-invoke-config"],
  ["RemovePermission", "DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}"],
  ["TagResource", "POST", "/2017-03-31/tags/{Resource}"],
  ["UntagResource", "DELETE", "/2017-03-31/tags/{Resource}"],
  ["UpdateEventSourceMapping", "PUT", "/2015-03-31/event-source-mappings/{UUID}"],
  ["UpdateFunctionCode", "PUT", "/2015-03-31/functions/{FunctionName}/code"],
  ["UpdateFunctionConfiguration", "PUT", "/2015-03-31/functions/{FunctionName}/configuration"],
  ["UpdateFunctionEventInvokeConfig", "POST", "/2019-09-25/functions/{FunctionName}/event-invoke-config"],
];

const patterns = routes.map(([operation, method, path]) => ({
  operation,
  method,
  pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
}));

/** What a request asks for; undefined for what no route leads to. */
export function routeOf(method: string, path: string): { operation: string; labels: Record<string, string> } | undefined {
  const asked = path.replace(/\/$/, "");
  for (const { operation, method: its, pattern } of patterns) {
    const found = its === method ? pattern.exec(asked) : null;
    if (!found) continue;
    const labels = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)] as const);
    return { operation, labels: Object.fromEntries(labels) };
  }
  return undefined;
}
