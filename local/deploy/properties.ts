import path from "node:path";

/** Key under which Pulumi's wire form marks what a map stands for. */
export const signatureKey = "4dabf18193072939515e22adb298388d";

/** Values of {@link signatureKey}, from sdk/go/common/resource/properties.go of pulumi/pulumi. */
const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  outputValue: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

type Properties = Record<string, unknown>;

/** Properties as a provider sees them, and the names of those that were, or contained, secrets. */
export interface PlainProperties {
  values: Properties;
  secretNames: string[];
}

/**
 * Turns Pulumi's wire form into plain values: secrets and output values unwrapped, resource references replaced by
 * id (or URN, for components), nulls in maps left out. Assets and archives keep their signature; their relative
 * paths become absolute, from `directory`.
 */
export function plainProperties(wire: Properties, directory: string): PlainProperties {
  const secretNames: string[] = [];
  const values: Properties = {};
  for (const [name, value] of Object.entries(wire)) {
    let secret = false;
    const plain = simplify(value, directory, () => (secret = true));
    if (plain !== undefined) values[name] = plain;
    if (secret) secretNames.push(name);
  }
  return { values, secretNames };
}

/** The other way: marks the named properties as secrets, so that outputs made from them stay secret. */
export function withSecrets(values: Properties, secretNames: readonly string[]): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      secretNames.includes(name) ? { [signatureKey]: signatures.secret, value: value ?? null } : value,
    ]),
  );
}

/** Paths of the files and folders that are in assets and archives of plain values. */
export function assetPaths(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { [signatureKey]: signature, path: file } = value as Properties;
  const own = (signature === signatures.asset || signature === signatures.archive) && typeof file === "string" ? [file] : [];
  return [...own, ...Object.values(value).flatMap(assetPaths)];
}

function simplify(value: unknown, directory: string, onSecret: () => void): unknown {
  if (Array.isArray(value)) return value.map((item) => simplify(item, directory, onSecret) ?? null);
  if (typeof value !== "object") return value;
  if (value === null) return undefined;
  const map = value as Properties;
  switch (map[signatureKey]) {
    case signatures.secret:
      onSecret();
      return simplify(map["value"], directory, onSecret);
    case signatures.outputValue:
      if (map["secret"] === true) onSecret();
      return simplify(map["value"], directory, onSecret);
    case signatures.resource:
      return map["id"] ?? map["urn"];
    case signatures.asset:
    case signatures.archive:
      return absolute(map, directory, onSecret);
    default:
      return fields(map, directory, onSecret);
  }
}

function absolute(asset: Properties, directory: string, onSecret: () => void): Properties {
  const { __pulumiAsset, __pulumiArchive, ...result } = fields(asset, directory, onSecret);
  if (typeof result["path"] === "string") result["path"] = path.resolve(directory, result["path"]);
  return result;
}

function fields(map: Properties, directory: string, onSecret: () => void): Properties {
  const result: Properties = {};
  for (const [name, value] of Object.entries(map)) {
    const plain = simplify(value, directory, onSecret);
    if (plain !== undefined) result[name] = plain;
  }
  return result;
}
