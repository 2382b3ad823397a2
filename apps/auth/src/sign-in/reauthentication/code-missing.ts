import { invalidField, type ProblemError } from '#libs/contracts';

export function codeMissing(): ProblemError {
  const message = 'Two-factor authentication is on. Send a code of the authenticator app or a recovery code, too.';
  return invalidField('code', 'required', message);
}
