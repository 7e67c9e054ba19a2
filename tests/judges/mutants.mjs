// Documents near good ones: a token left out, doubled, swapped with another, or taken from another document.

// Numbers from a seed, the same in every run (mulberry32).
function numbers(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const TOKEN = /"""(?:[^]*?)"""|"(?:\\.|[^"\\])*"|\.\.\.|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[^\s,]/g;

export function mutants(documents, count) {
  const pick = numbers(20261126);
  const tokens = documents.map((document) => document.match(TOKEN));
  const pool = [...new Set(tokens.flat())];
  const changed = [];
  while (changed.length < count) {
    const words = [...tokens[pick(tokens.length)]];
    const place = pick(words.length);
    const other = pick(words.length);
    switch (pick(5)) {
      case 0: words.splice(place, 1); break;
      case 1: words.splice(place, 0, words[place]); break;
      case 2: [words[place], words[other]] = [words[other], words[place]]; break;
      case 3: words[place] = pool[pick(pool.length)]; break;
      default: words.splice(place, 0, pool[pick(pool.length)]);
    }
    changed.push(words.join(' '));
  }
  return changed;
}
