package dev.sparsed.eval.model;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.models.method.Method;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps the model that was opened last, so that a table of evaluations loads it once. */
public final class SharedModel implements AutoCloseable {

  private @Nullable EvalModel opened;
  private String key = "";

  /** Holds no model yet. */
  public SharedModel() {}

  /**
   * The model of a key: the one that is there, or another in its place.
   *
   * @param wanted everything that decides which model it is
   * @param opener opens it if it is not the one that is there
   * @return the model, which stays open when it is closed
   */
  public EvalModel open(String wanted, Supplier<? extends EvalModel> opener) {
    EvalModel current = opened;
    if (current == null || !key.equals(wanted)) {
      close();
      current = opener.get();
      opened = current;
      key = wanted;
    }
    return new Lent(current);
  }

  @Override
  public void close() {
    if (opened != null) {
      opened.close();
      opened = null;
    }
  }

  /** Leaves the model open when a command is done with it. */
  private record Lent(EvalModel model) implements EvalModel {

    @Override
    public ImmutableMap<String, String> identity() {
      return model.identity();
    }

    @Override
    public String describe(Method method) {
      return model.describe(method);
    }

    @Override
    public Map<String, String> settings(MethodUse use) {
      return model.settings(use);
    }

    @Override
    public int generationLength(Method method, int wanted) {
      return model.generationLength(method, wanted);
    }

    @Override
    public int tokens(TaskPrompt prompt, boolean chatTemplate) {
      return model.tokens(prompt, chatTemplate);
    }

    @Override
    public int trainedPositions() {
      return model.trainedPositions();
    }

    @Override
    public int check(Question question, TaskPrompt prompt, int length) {
      return model.check(question, prompt, length);
    }

    @Override
    public void check(MethodUse use, SpeedCase speedCase) {
      model.check(use, speedCase);
    }

    @Override
    public Answers answer(
        Question question, ImmutableList<TaskPrompt> prompts, int length, long seed) {
      return model.answer(question, prompts, length, seed);
    }

    @Override
    public SpeedSample time(MethodUse use, SpeedCase speedCase, long seed) {
      return model.time(use, speedCase, seed);
    }

    @Override
    public String endOfText(boolean earlyStop) {
      return model.endOfText(earlyStop);
    }

    @Override
    public void close() {}
  }
}
