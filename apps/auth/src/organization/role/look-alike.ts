import { builtInRole, type BuiltInRole } from '#libs/contracts';
import unhomoglyph from 'unhomoglyph';

/** UTS 39 section 4: texts that look alike have the same skeleton. NFKD also maps full-width letters. */
function skeleton(text: string): string {
  const visible = text.normalize('NFKD').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
  return unhomoglyph(visible).normalize('NFD');
}

const caseless = (text: string) => skeleton(text.toLowerCase()).toLowerCase();

/** Some letters look alike in one case only: `VlEWER` looks like `VIEWER`, `vlewer` not like `viewer`. */
const looksOf = (text: string) =>
  [text, text.toLowerCase(), text.toUpperCase()].map((form) => skeleton(form).toLowerCase());

const builtIn = builtInRole.options.map((role) => ({ role, looks: new Set(looksOf(role)) }));

/** Finds the built-in role that a name could be mistaken for. */
export function builtInLookAlike(name: string): BuiltInRole | undefined {
  const looks = looksOf(name);
  return builtIn.find((each) => looks.some((look) => each.looks.has(look)))?.role;
}

/** Compares in lower case only, so that `Plan A1` and `Plan AI` can both exist. */
export function looksLike(one: string, other: string): boolean {
  return caseless(one) === caseless(other);
}
