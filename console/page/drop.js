import { useEffect, useState } from "preact/hooks";
import { act, page } from "./server";
import { useStore } from "./store";
/** On the laptop: a file that is dropped anywhere on the page, or chosen, becomes a job. */
export function DropFile() {
    const isLaptop = useStore(page, ({ session }) => session?.isLaptop === true);
    const [isOver, setOver] = useState(false);
    const [busy, setBusy] = useState(0);
    const submit = async (files) => {
        for (const file of files) {
            setBusy((number) => number + 1);
            await act("/submit", file);
            setBusy((number) => number - 1);
        }
    };
    useEffect(() => {
        if (!isLaptop)
            return;
        const over = (event) => {
            event.preventDefault();
            setOver(true);
        };
        const leave = (event) => {
            if (event.relatedTarget === null)
                setOver(false);
        };
        const drop = (event) => {
            event.preventDefault();
            setOver(false);
            void submit([...(event.dataTransfer?.files ?? [])]);
        };
        addEventListener("dragover", over);
        addEventListener("dragleave", leave);
        addEventListener("drop", drop);
        return () => {
            removeEventListener("dragover", over);
            removeEventListener("dragleave", leave);
            removeEventListener("drop", drop);
        };
    }, [isLaptop]);
    if (!isLaptop)
        return null;
    return (<label class={`drop ${isOver ? "over" : ""}`}>
      <input type="file" multiple onChange={(event) => {
            const { files } = event.currentTarget;
            void submit([...(files ?? [])]);
            event.currentTarget.value = "";
        }}/>
      <span>
        <b>{busy > 0 ? "Submitting …" : "Drop a file"}</b> anywhere on this page, or choose one: it becomes a job
      </span>
    </label>);
}
