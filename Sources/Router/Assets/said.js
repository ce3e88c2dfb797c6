// Sentences of scripts in the page's language: a page that is not English brings them along (`ScriptSentences`).
const sentences = JSON.parse(document.querySelector('meta[name="sentences"]')?.content ?? "{}");

/** `{0}`, `{1}` … are the values. */
export const said = (sentence, ...values) => (sentences[sentence] ?? sentence).replace(/\{(\d)\}/g, (_, place) => values[place]);
