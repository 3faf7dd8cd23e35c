/** SageMaker's pointer to a log, as the embedded cloud writes it too: no console knows its account, which is twelve zeros. */
const deadLink = /\s*See https:\/\/\S+ in account 0{12} for more information\./g;

/** A text without links into the console of an account that does not exist. */
export function withoutDeadLink(text: string): string {
  return text.replace(deadLink, "");
}
