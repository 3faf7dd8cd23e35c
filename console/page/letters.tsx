import { useEffect, useState } from "preact/hooks";
import { actionHeader, type ShownLetter } from "../contract";
import { Card, Confirmed, Trouble } from "./parts";
import { act, page, pathOf } from "./server";
import { useStore } from "./store";

/** What could not be delivered, or failed each time that it was tried. */
export function Letters() {
  const service = useStore(page, (value) => value.service);
  const [letters, setLetters] = useState<ShownLetter[]>();
  const [problem, setProblem] = useState<string>();
  const look = async () => {
    setProblem(undefined);
    const headers = { [actionHeader]: page.get().session?.actionToken ?? "", "content-type": "application/json" };
    const response = await fetch(pathOf("/letters"), { method: "POST", headers, body: "{}" });
    const answer = (await response.json()) as { letters?: ShownLetter[]; error?: { message: string } };
    setLetters(answer.letters ?? []);
    setProblem(answer.error?.message);
  };
  useEffect(() => void look().catch(() => setProblem("The server does not answer.")), [service]);
  const redrive = async (messageId: string, inDoubt?: "done" | "again") => {
    await act("/letters/redrive", { messageId, ...(inDoubt && { inDoubt }) });
    await look();
  };
  return (
    <>
      <h1>Dead letters</h1>
      <Card
        title="What lies there"
        aside={
          <button type="button" onClick={() => void look()}>
            Look again
          </button>
        }
      >
        {problem !== undefined && <Trouble>{problem}</Trouble>}
        {letters === undefined && problem === undefined && <p class="loading">Looking …</p>}
        {letters?.length === 0 && problem === undefined && <p class="calm">There are no dead letters.</p>}
        <ul class="rows">
          {(letters ?? []).map(({ messageId, kind, text, canRedrive }) => (
            <li key={messageId} class="letter">
              <p>{text}</p>
              <div class="actions">
                {canRedrive && (
                  <Confirmed label="Redrive" title="Put this letter back?" confirm="Put it back" run={() => redrive(messageId)}>
                    <p>
                      Its event goes once more to the function that failed at it, or to the queues that follow it. Mend the cause first.
                    </p>
                    <p>If it fails again, it comes back here.</p>
                  </Confirmed>
                )}
                {kind === "inDoubt" && (
                  <>
                    <Confirmed
                      label="Its effect is done"
                      title="Was the effect done?"
                      confirm="It is done"
                      run={() => redrive(messageId, "done")}
                    >
                      <p>The effect is marked as done, and the handler goes on behind it.</p>
                    </Confirmed>
                    <Confirmed
                      label="Run it again"
                      title="Run the effect again?"
                      confirm="Run it again"
                      run={() => redrive(messageId, "again")}
                    >
                      <p>The handler runs the effect once more. Look first that it was not done.</p>
                    </Confirmed>
                  </>
                )}
              </div>
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}
