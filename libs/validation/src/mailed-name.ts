import tlds from 'tlds';
import { displayName } from './text';
import { rule } from './rule';

const topLevelDomains = new Set(tlds);
// Email clients link these schemes. They link others only with slashes.
const scheme = /[a-z][a-z0-9+.-]*:\/\/|(?<![\p{L}\p{N}])(?:https?|ftp|file|mailto|tel|sms|sips?|xmpp|skype|magnet):\S/u;
const prefix = /(?<![\p{L}\p{N}])www\d{0,3}\.\S|\\\\[\p{L}\p{N}]/u;
const hostLike = /[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+[/:]?/gu;

/**
 * A user's or an organization's name. We email it to strangers, so a link in it would send spam.
 * The email templates make everything else inert.
 */
export const mailedName = displayName.refine((value) => !hasLink(value), rule('link_not_allowed'));

function hasLink(value: string): boolean {
  // Clients read full-width letters and ideographic full stops as their ASCII forms.
  const text = value
    .normalize('NFKC')
    .replaceAll(/[\u3002\uff61]/gu, '.')
    .toLowerCase();
  return scheme.test(text) || prefix.test(text) || [...text.matchAll(hostLike)].some(([host]) => isHost(host));
}

/** After a single Latin letter, only a host with a path or port counts: `t.co/x`, but not `M.Sc`. */
function isHost(text: string): boolean {
  const hasPath = /[/:]$/u.test(text);
  const labels = text.split(/[./:]/u).map((label) => label.replace(/[_-]+$/u, ''));
  const isTop = (label: string) => label.startsWith('xn--') || topLevelDomains.has(label);
  return labels.some(
    (label, index) => isTop(label) && index > 0 && (hasPath || !/^[a-z]$/.test(labels[index - 1] ?? '')),
  );
}
