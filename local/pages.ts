import { createHash } from "node:crypto";

/** What one page of a list is made by. */
export interface Paging<Item> {
  /** What is listed, such as `ListTargetsByRule sweep`: a token leads on in no other list than the one that gave it. */
  list: string;
  /** What an item is told from the others of its list by. */
  idOf: (item: Item) => string;
  /** Most items of the page. */
  limit: number;
  /** What the page before gave; undefined for the first one. */
  token: string | undefined;
  /** The service's refusal of a token that this list never gave. */
  invalid: (token: string) => Error;
}

/**
 * One page of a list, and the token of the next one. It names the first item that is still to come, so that nothing is left out when
 * those before it are deleted page by page.
 *
 * @returns `next` undefined at the end
 * @throws what `invalid` makes
 */
export function pageOf<Item>(items: readonly Item[], paging: Paging<Item>): { page: Item[]; next: string | undefined } {
  const { list, idOf, limit } = paging;
  const from = startOf(items, paging);
  const following = items[from + limit];
  return {
    page: items.slice(from, from + limit),
    next: following === undefined ? undefined : encoded(`${digest(list)} ${from + limit} ${idOf(following)}`),
  };
}

function startOf<Item>(items: readonly Item[], { list, idOf, token, invalid }: Paging<Item>): number {
  if (token === undefined) return 0;
  const text = Buffer.from(token, "base64url").toString();
  const [, ofList, index, id] = /^(\S+) (\d+) (.*)$/s.exec(text) ?? [];
  // Whatever is no base64 is skipped in decoding.
  if (ofList !== digest(list) || encoded(text) !== token) throw invalid(token);
  const found = items.findIndex((item) => idOf(item) === id);
  // One that was deleted meanwhile leaves its place to the one after it.
  return found < 0 ? Math.min(Number(index), items.length) : found;
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** Short, since IAM takes markers of 320 characters at most. */
function digest(list: string): string {
  return createHash("sha256").update(list).digest("base64url").slice(0, 8);
}
