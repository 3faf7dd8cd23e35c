/** A client whose calls get these answers, in their order; what each was asked is noted. */
export function answering(...answers: unknown[]) {
  const inputs: Record<string, unknown>[] = [];
  const send = (command: { input: Record<string, unknown> }) => {
    inputs.push(command.input);
    const answer = answers.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { inputs, client: { send } as never };
}
