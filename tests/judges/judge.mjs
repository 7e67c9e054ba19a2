// What every judge needs: where the server is, and how to say what was found.

// The server under judgement: REMIT_URL is its endpoint, REMIT_TOKEN a token that may do everything, REMIT_NOW its time.
export function server() {
  const { REMIT_URL: url, REMIT_TOKEN: token } = process.env;
  if (!url || !token) throw new Error('REMIT_URL and REMIT_TOKEN say which server to judge');
  const authorized = (target, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(target, { ...init, headers });
  };
  return { url, token, authorized, now: Date.parse(process.env.REMIT_NOW) };
}

// Prints the first failures, and ends with code 1 if there is one, or if fewer than `least` things were judged.
export function verdict(failures, judged, least) {
  for (const failure of failures.slice(0, 40)) console.log(failure);
  const enough = judged >= least;
  if (!enough) console.log(`only ${judged} things were judged, not ${least}`);
  console.log(`${judged} judged, ${failures.length} failed`);
  process.exitCode = failures.length === 0 && enough ? 0 : 1;
}
