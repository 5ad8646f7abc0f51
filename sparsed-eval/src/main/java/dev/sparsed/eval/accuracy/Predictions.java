package dev.sparsed.eval.accuracy;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where the answers of a run go, and from where a run continues. */
public interface Predictions {

  /**
   * What is recorded.
   *
   * @return the predictions of the first tasks, in the tasks' order
   */
  ImmutableList<Prediction> recorded();

  /**
   * Adds predictions of the next tasks.
   *
   * @param predictions the predictions
   * @throws IOException if they cannot be recorded
   */
  void append(List<Prediction> predictions) throws IOException;

  /**
   * Predictions that are recorded in memory alone.
   *
   * @return none yet
   */
  static Predictions inMemory() {
    List<Prediction> all = new ArrayList<>();
    return new Predictions() {
      @Override
      public ImmutableList<Prediction> recorded() {
        return ImmutableList.copyOf(all);
      }

      @Override
      public void append(List<Prediction> predictions) {
        all.addAll(predictions);
      }
    };
  }
}
