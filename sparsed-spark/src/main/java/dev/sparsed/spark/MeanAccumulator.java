package dev.sparsed.spark;

import org.apache.spark.util.AccumulatorV2;

/** The mean of what tasks add, so that Spark's page shows it instead of a sum; 0 of nothing. */
final class MeanAccumulator extends AccumulatorV2<Double, Double> {

  private static final long serialVersionUID = 1;

  private double sum;
  private long count;

  @Override
  public boolean isZero() {
    return count == 0;
  }

  @Override
  public MeanAccumulator copy() {
    MeanAccumulator copy = new MeanAccumulator();
    copy.sum = sum;
    copy.count = count;
    return copy;
  }

  @Override
  public void reset() {
    sum = 0;
    count = 0;
  }

  @Override
  public void add(Double value) {
    sum += value;
    count++;
  }

  @Override
  public void merge(AccumulatorV2<Double, Double> other) {
    MeanAccumulator that = (MeanAccumulator) other;
    sum += that.sum;
    count += that.count;
  }

  @Override
  public Double value() {
    return count == 0 ? 0 : sum / count;
  }
}
