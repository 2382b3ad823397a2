/** Scripts in common use (UAX 31, table 5) whose consonants join around a virama, with the virama. */
const conjunctScripts = {
  Deva: String.raw`\u{94d}`,
  Beng: String.raw`\u{9cd}`,
  Guru: String.raw`\u{a4d}`,
  Gujr: String.raw`\u{acd}`,
  Orya: String.raw`\u{b4d}`,
  Taml: String.raw`\u{bcd}`,
  Telu: String.raw`\u{c4d}`,
  Knda: String.raw`\u{ccd}`,
  Mlym: String.raw`\u{d3b}\u{d3c}\u{d4d}`,
  Sinh: String.raw`\u{dca}`,
};
/** Scripts whose letters connect as in handwriting. */
const cursiveScripts = ['Arab', 'Syrc', 'Mong', 'Nkoo', 'Adlm', 'Rohg', 'Mand'];

const letterOf = (...scripts: string[]) => String.raw`[\p{L}&&[${scripts.map((name) => `\\p{sc=${name}}`).join('')}]]`;

/** UTS 39 section 3.1.1, A2 and B. Bengali also needs a joiner before the virama (Unicode 12.2). */
function inConjunct([script, viramas]: [string, string]): string[] {
  const [letter, virama] = [letterOf(script), `[${viramas}]`];
  const joined = String.raw`(?<=${letter}\p{M}*${virama})`;
  return [
    String.raw`${joined}\u200c(?=${letter})`,
    String.raw`${joined}\u200d(?![\p{M}\u200c\u200d])`,
    String.raw`(?<=${letter}\p{M}*)\u200d(?=${virama}${letter})`,
  ];
}

/** UTS 39 section 3.1.1, A1. Persian keyboards also put it after letters that never connect. */
const inCursive = (script: string) => String.raw`(?<=${letterOf(script)}\p{M}*)\u200c(?=\p{M}*${letterOf(script)})`;

// UTS 37: an ideograph without a decomposition.
const ideograph = String.raw`[\p{Unified_Ideograph}[\p{Ideographic}--[\u3038-\u303a\uf900-\ufaff\u{2f800}-\u{2fa1f}]]]`;
const pictograph = String.raw`\p{Extended_Pictographic}`;

const sequences = [
  ...Object.entries(conjunctScripts).flatMap(inConjunct),
  ...cursiveScripts.map(inCursive),
  String.raw`(?<=${ideograph})[\u{e0100}-\u{e01ef}]`,
  // Standardized variants: compatibility ideographs, Myanmar, Phags-pa and Mongolian letters.
  String.raw`(?<=\p{Unified_Ideograph})[\ufe00-\ufe02]`,
  String.raw`(?<=${letterOf('Mymr', 'Phag')})\ufe00`,
  String.raw`(?<=${letterOf('Mong')})[\u180b-\u180d\u180f]`,
  String.raw`(?<=${letterOf('Mong')}[\u180b-\u180d\u180f]?)\u180e(?=[\u1820\u1821])`,
  // UTS 51: presentation selectors, keycaps, ZWJ sequences, and flags made of tags.
  String.raw`(?<=${pictograph})[\ufe0e\ufe0f]`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  String.raw`(?<=${pictograph}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d(?=${pictograph})`,
  String.raw`\p{RGI_Emoji_Tag_Sequence}`,
];
const meaningful = new RegExp(sequences.join('|'), 'gv');

// Control, direction-changing, private-use, surrogate and invisible characters.
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Returns true if the text has invisible characters. Joiners and variation selectors count only outside
 * valid sequences.
 */
export function hasInvisible(text: string): boolean {
  return unprintable.test(text) && unprintable.test(text.replaceAll(meaningful, ''));
}
