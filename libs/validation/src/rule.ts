/** Our own field rules by code. Clients decide by the code; the message can change. docs/errors.md lists the codes. */
export const fieldRules = {
  email_invalid: 'Not a valid email address. Check it for typing errors.',
  password_too_short: 'Too short. Use at least 8 characters.',
  password_too_long: 'Too long. Use at most 128 characters.',
  password_common: 'Too easy to guess. Choose another password.',
  invalid_unicode: 'Contains half a surrogate pair. Send well-formed Unicode.',
  name_too_long: 'Too long. Use at most 100 characters.',
  invisible_characters: 'Contains invisible characters. Remove them.',
  no_letter_or_digit: 'Needs at least one letter or digit.',
  link_not_allowed: "Links aren't allowed in a name. Put a space after a dot.",
  name_reserved: 'A built-in role has this name. Choose another one.',
  avatar_url_invalid: 'Not an https URL of a picture. Ports, user names, IP addresses, and SVG files are not allowed.',
  time_invalid: 'Not a time between the years 1 and 9999.',
  duplicate_item: 'Contains an item twice. Send each item once.',
  nothing_to_change: 'Send at least one field to change.',
  one_proof_required:
    'Send exactly one proof: a code, a recovery code, or a passkey response where the route takes one.',
} as const;
export type FieldRule = keyof typeof fieldRules;

/**
 * The options of a Zod check: `schema.refine(isAddress, rule('email_invalid'))`. The error has this code
 * instead of Zod's `custom`.
 */
export function rule(code: FieldRule): { error: string; params: { code: FieldRule } } {
  return { error: fieldRules[code], params: { code } };
}
