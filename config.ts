import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AsyncInferenceArgs } from "./components/args";
import { settings, type Setting, type SettingName } from "./components/settings";
import { isHere } from "./components/settings/webhooks";
import { readText, writtenIn } from "./components/settings/read";
import { acceptedBy, adviceOn } from "./components/describe";
import { hidden, linesOf, show, type PlainArgs, type Problem } from "./components/problems";
import { problemsOf } from "./components/validate";

/**
 * Reads the settings of the stack, once. Values that are the default are left out: Pulumi.yaml's own count as not given.
 *
 * @throws pulumi.RunError whose message lists everything that is wrong, a line each: key, what it got, what it accepts
 */
export function readSettings(): AsyncInferenceArgs {
  const namespace = `${new pulumi.Config().name}:`;
  const values: PlainArgs = {};
  const secrets = new Set<string>();
  const problems: Problem[] = [];
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    if (!key.startsWith(namespace)) continue;
    const name = key.slice(namespace.length);
    if (!isSetting(name)) {
      problems.push({ propertyPath: name, reason: adviceOn(name) });
      continue;
    }
    const setting: Setting = settings[name];
    if (isSecret(key)) secrets.add(name);
    if (secrets.has(name) && !setting.secret) {
      problems.push({
        propertyPath: name,
        reason: "got a secret, expected plain text: it shows in names, outputs or policies; set it again with --plaintext",
      });
      continue;
    }
    if (setting.secret === "always" && setting.type !== "records" && !secrets.has(name)) {
      problems.push({
        propertyPath: name,
        reason: `got plain text, expected a secret: pulumi config set --secret ${name}, and make a new one, since this one can be read`,
      });
      continue;
    }
    const value = readText(setting, text);
    if (value === undefined)
      problems.push({
        propertyPath: name,
        reason: `got ${setting.secret ? hidden : show(writtenIn(setting, text))}, expected ${acceptedBy(name)}`,
      });
    else if (show(value) !== show(setting.default)) values[name] = value;
    if (setting.type === "records" && !secrets.has(name)) problems.push(...plainSecrets(name, setting, value));
  }
  const unread = problems.map(({ propertyPath }) => propertyPath);
  problems.push(...problemsOf(values, new Set([...Object.keys(values), ...unread]), aws.config.region));
  if (problems.length > 0) throw new pulumi.RunError(message(problems));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, secrets.has(name) ? asSecret(name, value) : value]));
}

/** A secret of the stack; of records their secret fields alone, since what else they say decides which resources exist. */
function asSecret(name: string, value: unknown): unknown {
  const { type, fields = {} }: Setting = settings[name as SettingName];
  if (type !== "records") return pulumi.secret(value);
  const marked = (record: Record<string, unknown>) =>
    Object.entries(record).map(([key, item]) => [key, fields[key]?.secret === undefined ? item : pulumi.secret(item)]);
  return Object.fromEntries(
    Object.entries(value as Record<string, Record<string, unknown>>).map(([key, record]) => [key, Object.fromEntries(marked(record))]),
  );
}

/** Secrets of records that stand in the stack file as they are. What leads to this machine alone may have a known one. */
function plainSecrets(name: string, { fields = {} }: Setting, value: unknown): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value as Record<string, Record<string, unknown> | null>).flatMap(([key, record]) =>
    isHere(record?.["url"])
      ? []
      : Object.keys(record ?? {})
          .filter((field) => fields[field]?.secret === "always")
          .map((field) => ({
            propertyPath: `${name}.${key}.${field}`,
            reason: `got plain text, expected a secret: pulumi config set --secret --path ${name}.${key}.${field}, and make a new one, since this one can be read`,
          })),
  );
}

function isSetting(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** Pulumi's runtime tells this to its own Config only. */
function isSecret(key: string): boolean {
  return (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);
}

function message(problems: Problem[]): string {
  const names = new Set(problems.map(({ propertyPath }) => propertyPath.split(/[.[]/)[0]));
  const count = names.size === 1 ? "1 setting" : `${names.size} settings`;
  return [`${count} of stack ${pulumi.getStack()} can't be used; nothing was changed:`, ...linesOf(problems)].join("\n");
}
