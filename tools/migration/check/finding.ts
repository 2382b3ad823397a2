export interface Finding {
  /** `all` for SQL that several services share. */
  readonly service: string;
  /** Its class name, or the file of shared SQL. */
  readonly migration: string;
  /** `squawk:` and the rule's name for what squawk found. */
  readonly rule: string;
  /** What was seen, and what to do. */
  readonly text: string;
}

export interface Exception extends Omit<Finding, 'text'> {
  readonly reason: string;
}

/** The findings that no exception allows. An exception that allows nothing is a finding itself. */
export function judge(found: readonly Finding[], exceptions: readonly Exception[]): Finding[] {
  const covers = (exception: Exception, { service, migration, rule }: Finding) =>
    exception.service === service && exception.migration === migration && exception.rule === rule;
  const unused = exceptions
    .filter((exception) => !found.some((finding) => covers(exception, finding)))
    .map(({ service, migration, rule }) => ({
      service,
      migration,
      rule: 'unused-exception',
      text: `There is no finding ${rule}. Remove the exception.`,
    }));
  return [...found.filter((finding) => !exceptions.some((exception) => covers(exception, finding))), ...unused];
}
