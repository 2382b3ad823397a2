/** The codes that say that a caller may not, whatever the request is about. */
export const refusals = [
  'unauthenticated',
  'account_suspended',
  'csrf_failed',
  'insufficient_scope',
  'staff_mfa_required',
  'impersonation_read_only',
  'reauthentication_required',
  'not_found',
  'organization_suspended',
  'permission_denied',
] as const;
export type Refusal = (typeof refusals)[number];
export type Outcome = 'admitted' | Refusal;

export interface Answer {
  readonly status: number;
  /** Of the problem that it is, if it is one. */
  readonly code: string | undefined;
}

/**
 * What an answer says of its caller. Admitted is who gets what was asked for, or the one refusal that the act itself gives to
 * such a request: so that a server that breaks, or a request that is not valid, is never taken for either.
 * @param ofTheAct the code with which an admitted call is answered, where it does not succeed
 */
export function outcomeOf({ status, code }: Answer, ofTheAct: string | undefined): Outcome | `unclear: ${string}` {
  if (code === undefined ? status >= 200 && status < 400 : code === ofTheAct) return 'admitted';
  return refusals.find((refusal) => refusal === code) ?? `unclear: ${status} ${code ?? ''}`;
}
