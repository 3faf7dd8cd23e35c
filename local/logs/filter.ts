import { notSupported } from "../wire";

/**
 * A filter pattern of terms: every plain term and none of the `-` ones, or any of the `?` ones; quotes hold a phrase together.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterTerms(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]/.test(pattern)) throw notSupported(`the filter pattern ${pattern}: only terms, such as ERROR "out of memory" -retry`);
  const terms = [...pattern.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign, phrase, word]) => ({
    sign,
    text: word ?? (phrase ?? "").replace(/\\(.)/g, "$1"),
  }));
  const optional = terms.filter(({ sign }) => sign === "?");
  const all = terms.filter(({ sign }) => sign === "");
  const none = terms.filter(({ sign }) => sign === "-");
  return (message) =>
    all.every(({ text }) => message.includes(text)) &&
    !none.some(({ text }) => message.includes(text)) &&
    (optional.length === 0 || all.length + none.length > 0 || optional.some(({ text }) => message.includes(text)));
}
