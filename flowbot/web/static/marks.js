// WhatsApp's text marks as DOM nodes: *bold*, _italic_, ~struck~, ```fixed``` and links. Text never becomes HTML.

const MARKS = [["```", "code"], ["*", "b"], ["_", "i"], ["~", "s"]];
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/;

export function marked(text) {
  const out = document.createDocumentFragment();
  let rest = text;
  while (rest) {
    const found = first(rest);
    if (!found) { out.append(rest); break; }
    out.append(rest.slice(0, found.start), found.node);
    rest = rest.slice(found.end);
  }
  return out;
}

function first(text) {
  const found = MARKS.map(([mark, tag]) => pair(text, mark, tag)).filter(Boolean);
  const link = LINK.exec(text);
  if (link) found.push({ start: link.index, end: link.index + link[0].length, make: () => anchor(link[0]) });
  if (!found.length) return null;
  const nearest = found.reduce((a, b) => (b.start < a.start ? b : a));
  return { ...nearest, node: nearest.make() };
}

// A mark counts at a word's edge only, and not around spaces: 2*3*4 stays as it is.
function pair(text, mark, tag) {
  for (let start = text.indexOf(mark); start >= 0; start = text.indexOf(mark, start + 1)) {
    const from = start + mark.length;
    const end = text.indexOf(mark, from + 1);
    if (end < 0) return null;
    const inner = text.slice(from, end);
    const before = text[start - 1] ?? " ", after = text[end + mark.length] ?? " ";
    const edges = !/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after);
    if (edges && inner.trim() === inner && (tag === "code" || !inner.includes("\n"))) {
      return { start, end: end + mark.length, make: () => element(tag, inner) };
    }
  }
  return null;
}

function element(tag, inner) {
  const node = document.createElement(tag);
  node.append(tag === "code" ? inner : marked(inner));
  return node;
}

function anchor(address) {
  const node = document.createElement("a");
  node.href = address;
  node.rel = "noopener noreferrer nofollow";
  node.target = "_blank";
  node.textContent = address;
  return node;
}
