package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.models.method.Method;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the model that was opened last, so that a table of commands loads it once. */
final class SharedModel implements EvalModelSource, AutoCloseable {

  private final EvalModelSource source;
  private @Nullable EvalModel opened;
  private String key = "";

  SharedModel(EvalModelSource source) {
    this.source = source;
  }

  @Override
  public EvalModel open(EvalModelArguments arguments) {
    EvalModel current = opened;
    if (current == null || !key.equals(arguments.key())) {
      close();
      current = source.open(arguments);
      opened = current;
      key = arguments.key();
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
