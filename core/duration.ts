/** How long ago something was, for people who look over a list: `12 s`, `3 min`, `5 h`, `12 d`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** When something was, or will be, as seen from now: `2 min ago`, `in 3 h`, `just now`. */
export function relative(time: number, now: number): string {
  const past = now - time;
  if (Math.abs(past) < 1000) return "just now";
  return past > 0 ? `${age(past)} ago` : `in ${age(-past)}`;
}

/** A time for people who look now and may look it up later: `2 min ago (2026-01-25T08:00:00Z)`. @param iso ISO 8601 */
export function moment(iso: string, now: number): string {
  return `${relative(Date.parse(iso), now)} (${iso.replace(/\.\d+Z$/, "Z")})`;
}

/** A sentence with how far away its time is: behind the time where the sentence has it, else at the end together with the time. */
export function withMoment(sentence: string, iso: string, now: number): string {
  if (sentence.includes(iso)) return sentence.replace(iso, `${iso} (${relative(Date.parse(iso), now)})`);
  return `${sentence.replace(/\.$/, ":")} ${moment(iso, now)}`;
}

/** A span of time for people, rounded to what they read at a glance: `350 ms`, `4.5 s`, `2 min 0 s`, `1 h 5 min`. */
export function duration(milliseconds: number): string {
  // Each unit is chosen by the rounded value: 119.7 s is two minutes, not a minute and 60 seconds.
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole < 1000) return `${whole} ms`;
  const tenths = Math.round(whole / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(whole / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(whole / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
