/** The codes that mean that a caller has no access, whatever the request is about. */
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

export interface EdgeResponse {
  readonly status: number;
  /** The code of the problem, if the response is one. */
  readonly code: string | undefined;
}

/**
 * Classifies a response. A caller is admitted if the request succeeds or fails with the one error that the
 * route itself returns for it. A broken server or an invalid request therefore never counts as either.
 * @param ofTheAct the error code of an admitted call that does not succeed
 */
export function outcomeOf(
  { status, code }: EdgeResponse,
  ofTheAct: string | undefined,
): Outcome | `unclear: ${string}` {
  if (code === undefined ? status >= 200 && status < 400 : code === ofTheAct) return 'admitted';
  return refusals.find((refusal) => refusal === code) ?? `unclear: ${status} ${code ?? ''}`;
}
