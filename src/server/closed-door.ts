// The one page that is shown without a session. It stands alone (no script, no file) and says how to get a new link,
// in both languages, and nothing about the case.
import { contentSecurityPolicy, policyHash } from './headers.ts';

const style = `
:root{color-scheme:light dark;--paper:#f6f3ec;--ink:#23201b;--soft:#5d574d;--line:#d9d2c4}
@media (prefers-color-scheme:dark){:root{--paper:#171613;--ink:#ece7dc;--soft:#b5ada0;--line:#3b382f}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);
font:1.0625rem/1.6 'Source Sans 3',system-ui,sans-serif}
main{max-inline-size:30rem;padding:2rem 1.25rem}
h1{font-size:1.375rem;line-height:1.3;font-weight:600;margin:0 0 .5rem}
p{margin:0 0 .75rem;color:var(--soft)}
section+section{margin-block-start:1.75rem;padding-block-start:1.75rem;border-block-start:1px solid var(--line)}
code{font:.9375rem/1.5 ui-monospace,monospace;color:var(--ink);border:1px solid var(--line);border-radius:4px;padding:.1rem .4rem}
`;

/** The page and its own policy: its style is allowed by hash. */
export const closedDoor = {
  policy: contentSecurityPolicy(policyHash(style)),
  html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dalil</title>
<style>${style}</style>
<main>
<section>
<h1>This case is closed to this browser.</h1>
<p>A link opens it once, in one browser, and only on this computer. This link was used, or the session has ended.</p>
<p>For a new link, run <code>dalil serve</code> again in the terminal.</p>
</section>
<section lang="ar" dir="rtl">
<h1>هذه القضية مغلقة أمام هذا المتصفّح.</h1>
<p>يفتحها الرابط مرّة واحدة، في متصفّح واحد، وعلى هذا الحاسوب فقط. لقد استُعمل هذا الرابط، أو انتهت الجلسة.</p>
<p>للحصول على رابط جديد، شغّل <bdi><code>dalil serve</code></bdi> من جديد في الطرفية.</p>
</section>
</main>
`,
};
