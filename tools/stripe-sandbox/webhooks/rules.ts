import { z } from 'zod';

/** What happens to deliveries on their way. */
export const ruleSchema = z.strictObject({
  /**
   * `duplicate` sends it twice at once · `lose` never sends it · `delay` sends it later · `hold` keeps it until it is
   * released · `reorder` collects `count` of them and sends the last one first · `reissue` sends it, and then again as
   * a new event with another id
   */
  kind: z.enum(['duplicate', 'lose', 'delay', 'hold', 'reorder', 'reissue']),
  /** Only events of these types. */
  types: z.array(z.string()).optional(),
  /** How many deliveries it applies to. */
  count: z.int().positive().default(1),
  ms: z.int().positive().max(120_000).default(100),
});

export type Rule = z.output<typeof ruleSchema>;
export type RuleInput = z.input<typeof ruleSchema>;

export class Rules {
  private list: Rule[] = [];

  add(rule: RuleInput): void {
    this.list.push(ruleSchema.parse(rule));
  }

  clear(): void {
    this.list = [];
  }

  /** The rule for a delivery of this type, if any, and whether this was its last one. */
  take(type: string): { readonly rule: Rule; readonly isLast: boolean } | undefined {
    const rule = this.list.find(({ types }) => types === undefined || types.includes(type));
    if (rule === undefined) return undefined;
    const isLast = rule.count === 1;
    const rest = this.list.filter((each) => each !== rule);
    this.list = isLast ? rest : this.list.map((each) => (each === rule ? { ...rule, count: rule.count - 1 } : each));
    return { rule, isLast };
  }
}
