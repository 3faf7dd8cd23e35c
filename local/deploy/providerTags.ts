import * as z from "zod";

const tags = z.record(z.string(), z.string());
const defaultTags = z.strictObject({ tags: tags.optional() });
const ignoreTags = z.strictObject({ keys: z.array(z.string()).optional(), keyPrefixes: z.array(z.string()).optional() });

type Tags = Readonly<Record<string, string>>;

/** What an AWS provider does to the tags of all its resources. */
export interface ProviderTags {
  /** False for a provider that leaves tags as they are. */
  hasAny: boolean;
  defaults: Tags;
  /** Whether the provider looks away from a tag. */
  isIgnored: (key: string) => boolean;
}

/** A setting of an AWS provider as it goes over the wire, and in a stack file's configuration: the JSON text of the SDK's argument. */
function jsonOf<Schema extends z.ZodType>(schema: Schema) {
  return z.string().transform((text, context): z.infer<Schema> => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      value = text;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: "custom", path, message });
    return z.NEVER;
  });
}

/** The provider's arguments about tags, as strings. */
export const tagSettings = z.object({ defaultTags: jsonOf(defaultTags).optional(), ignoreTags: jsonOf(ignoreTags).optional() });

/**
 * Reads {@link tagSettings} of a provider's inputs, or of a stack's `aws:` keys without the prefix.
 *
 * @throws ZodError for what is not of their form
 */
export function providerTags(settings: Readonly<Record<string, unknown>>): ProviderTags {
  const { defaultTags: given, ignoreTags: ignored } = tagSettings.parse(settings);
  const { keys = [], keyPrefixes = [] } = ignored ?? {};
  const defaults = given?.tags ?? {};
  return {
    hasAny: Object.keys(defaults).length + keys.length + keyPrefixes.length > 0,
    defaults,
    isIgnored: (key) => keys.includes(key) || keyPrefixes.some((prefix) => key.startsWith(prefix)),
  };
}

/**
 * What a resource is made with: the provider's tags, and over them its own. As with the real provider a tag that the program itself
 * gives is made even where it is ignored.
 */
export function withDefaultTags(inputs: Readonly<Record<string, unknown>>, { defaults }: ProviderTags): Record<string, unknown> {
  return { ...inputs, tags: { ...defaults, ...(inputs["tags"] as Tags | undefined) } };
}

/** What the program reads of it: in `tags` its own, in `tagsAll` all that the provider does not look away from. */
export function seenTags(
  state: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
  { defaults, isIgnored }: ProviderTags,
): Record<string, unknown> {
  const { tags: _, ...others } = state;
  const all = { ...defaults, ...(own["tags"] as Tags | undefined) };
  const tagsAll = Object.fromEntries(Object.entries(all).filter(([key]) => !isIgnored(key)));
  return { ...others, ...(own["tags"] !== undefined && { tags: own["tags"] }), tagsAll };
}
