/** Type of the resource that all others of a program are in. */
export const rootStackType = "pulumi:pulumi:Stack";

/** A resource's URN. @param parent URN of what it is in; empty for none */
export function urnIn({ stack, project }: { stack: string; project: string }, parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2] ?? "";
  const qualified = parentType === "" || parentType === rootStackType ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}
