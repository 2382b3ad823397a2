import { kolmogorovSmirnov, median, percentile } from './statistics';

describe('median', () => {
  it('returns the middle value in any order', () => {
    expect(median([30, 10, 20])).toBe(20);
    expect(median([7])).toBe(7);
  });

  it('returns the mean of the two middle values for an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('returns NaN without values', () => {
    expect(median([])).toBeNaN();
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it('returns a measured value, by nearest rank', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([5], 0.01)).toBe(5);
    expect(percentile([1, 2], 0.95)).toBe(2);
  });

  it('returns NaN without values', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('the Kolmogorov-Smirnov statistic', () => {
  const upTo = (count: number, shift = 0) => Array.from({ length: count }, (_, index) => index + shift);

  it('is 0 for equal samples and 1 for samples that do not overlap, and supports ties', () => {
    expect(kolmogorovSmirnov(upTo(50), upTo(50)).statistic).toBe(0);
    expect(kolmogorovSmirnov(upTo(50), upTo(50, 50)).statistic).toBe(1);
    expect(kolmogorovSmirnov([1, 1, 1, 2], [1, 1, 1, 2]).statistic).toBe(0);
  });

  it('is the largest distance: half of one sample is below all of the other', () => {
    expect(kolmogorovSmirnov([1, 2, 3, 4], [3, 4, 5, 6]).statistic).toBe(0.5);
  });

  it('finds a shift of a tenth of the range in a few hundred values', () => {
    const { statistic, critical } = kolmogorovSmirnov(upTo(400), upTo(400, 60));
    expect(statistic).toBeGreaterThan(critical);
    expect(kolmogorovSmirnov(upTo(400), upTo(400, 20)).statistic).toBeLessThan(critical);
  });
});
