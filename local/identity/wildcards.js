/** Stand for a star and a question mark that are themselves: a policy writes them as `${*}` and `${?}`. */
export const literalStar = "\uE000";
export const literalQuestion = "\uE001";
const expressions = { "*": ".*", "?": ".", [literalStar]: "\\*", [literalQuestion]: "\\?" };
const compiled = new Map();
/** Whether `*` (any text) and `?` (one character) of the pattern match the whole text. */
export function matchesWildcards(pattern, text) {
    if (pattern === "*")
        return true;
    let expression = compiled.get(pattern);
    if (!expression) {
        const source = [...pattern].map((character) => expressions[character] ?? character.replace(/[\\^$.|+()[\]{}/]/, "\\$&"));
        compiled.set(pattern, (expression = new RegExp(`^${source.join("")}$`, "s")));
    }
    return expression.test(text);
}
/** The same for ARNs: no wildcard reaches over one of the first five colons. */
export function matchesArn(pattern, arn) {
    if (pattern === "*")
        return true;
    const [patterns, parts] = [segments(pattern), segments(arn)];
    return patterns.length === parts.length && patterns.every((segment, index) => matchesWildcards(segment, parts[index]));
}
function segments(arn) {
    const parts = arn.split(":");
    return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
