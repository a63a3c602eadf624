// What every answer carries, and which requests are turned away before anything looks at them. The enemies: a page of
// another site that points its own name at 127.0.0.1 (DNS rebinding), one that sends requests from the reader's
// browser (CSRF), one that frames ours, and evidence whose names or texts try to run as script (XSS).
import { createHash } from 'node:crypto';

/**
 * Content-Security-Policy. `style` may name a hash for the one page that stands without a file beside it; `scripts` are
 * hashes of those that stand within the page of the application.
 */
export function contentSecurityPolicy(style = "'self'", scripts: readonly string[] = []): string {
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(' '),
    `style-src ${style}`,
    "connect-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** What names a script or a style in a policy: its SHA-256 (CSP Level 3). */
export const policyHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const denied = ['accelerometer', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'hid', 'magnetometer'];
const deniedToo = ['microphone', 'midi', 'payment', 'screen-wake-lock', 'serial', 'usb', 'xr-spatial-tracking'];

/** The headers of every answer; a route may replace Cache-Control and the policy, nothing else. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy(),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'origin-agent-cluster': '?1',
  'permissions-policy': [...denied, ...deniedToo].map((feature) => `${feature}=()`).join(', '),
  'cache-control': 'no-store',
};

/** What is read of a request before anything else; header values as sent, undefined where absent. */
export interface RequestFacts {
  method: string;
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
  fetchMode: string | undefined;
  fetchDest: string | undefined;
  /** Whether it comes with a token in a header of its own, which no page of another site can send. */
  token?: boolean;
}

/** The origins under which a server is reached on this machine's loopback. */
export function loopbackOrigins(port: number): string[] {
  return ['127.0.0.1', 'localhost'].map((name) => `http://${name}${port === 80 ? '' : `:${String(port)}`}`);
}

/**
 * Why a request is turned away, or null. Names other than the server's own never reach a route; nor does what a page
 * of another origin sends, another port of this machine included, except that a link may lead here. What changes
 * anything has to say that it comes from a page of ours: browsers do, and what carries a token of its own need not.
 */
export function refusal(request: RequestFacts, origins: readonly string[]): 'host' | 'origin' | null {
  const host = request.host?.toLowerCase();
  const own = origins.find((origin) => {
    const { host: name, protocol } = new URL(origin);
    return host === name || host === `${name}:${protocol === 'https:' ? '443' : '80'}`;
  });
  if (own === undefined) return 'host';
  if (request.origin !== undefined && request.origin !== own) return 'origin';
  const reading = request.method === 'GET' || request.method === 'HEAD';
  if (!reading && request.origin === undefined && request.token !== true) return 'origin';
  if (request.fetchSite === undefined || request.fetchSite === 'same-origin' || request.fetchSite === 'none')
    return null;
  const followedLink = request.method === 'GET' && request.fetchMode === 'navigate' && request.fetchDest === 'document';
  return followedLink ? null : 'origin';
}
