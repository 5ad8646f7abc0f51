package dev.sparsed.cli.eval;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.sparsed.eval.accuracy.TaskPrompt;
import dev.sparsed.eval.model.EvalModel;
import dev.sparsed.eval.model.MethodUse;
import dev.sparsed.eval.speed.SpeedCase;
import dev.sparsed.eval.speed.SpeedSample;
import dev.sparsed.models.cache.PrefixCache;
import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.MethodAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Knows every answer that its prompt holds in brackets, and no model. */
final class FakeModel implements EvalModel {

  static final List<String> ASKED = new ArrayList<>();
  static int opened;

  /** Prompts longer than this do not fit into the memory. */
  static int memory = Integer.MAX_VALUE;

  /** As if another version of this program chose tokens otherwise. */
  static double defaultTemperature;

  static EvalModel open(EvalModelArguments arguments) {
    opened++;
    return new FakeModel(String.valueOf(arguments.modelPath));
  }

  private final String name;

  private FakeModel(String name) {
    this.name = name;
  }

  @Override
  public ImmutableMap<String, String> identity() {
    return ImmutableMap.of("model", name);
  }

  @Override
  public String describe(Method method) {
    return method.description(blockLength(method));
  }

  /** As a model that decodes all positions at once where it may. */
  private static OptionalInt blockLength(Method method) {
    return method.needsBlocks()
        ? OptionalInt.of(method.decoding().blockLength().orElse(32))
        : OptionalInt.empty();
  }

  @Override
  public Map<String, String> settings(MethodUse use) {
    return Map.of(
        "temperature", Double.toString(use.sampling().temperature().orElse(defaultTemperature)));
  }

  @Override
  public int generationLength(Method method, int wanted) {
    int block = blockLength(method).orElse(1);
    return (wanted + block - 1) / block * block;
  }

  @Override
  public int tokens(TaskPrompt prompt, boolean chatTemplate) {
    return (prompt.text().length() + 3) / 4 + (chatTemplate ? 10 : 0);
  }

  @Override
  public int trainedPositions() {
    return 8000;
  }

  @Override
  public int check(Question question, TaskPrompt prompt, int length) {
    if (prompt.text().contains("impossible")) {
      throw new IllegalArgumentException("nobody can answer that in " + length + " tokens");
    }
    return tokens(prompt, question.chatTemplate()) + length;
  }

  @Override
  public void check(MethodUse use, SpeedCase speedCase) {
    if (use.method().cache() instanceof PrefixCache) {
      throw new IllegalArgumentException("no prefix cache here");
    }
  }

  @Override
  public Answers answer(
      Question question, ImmutableList<TaskPrompt> prompts, int length, long seed) {
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (TaskPrompt prompt : prompts) {
      ASKED.add(prompt.text());
      String text = prompt.text();
      if (text.contains("break")) {
        throw new IllegalStateException("the model broke");
      }
      int open = text.lastIndexOf('[');
      texts.add(
          open < 0 ? "no idea" : "it is " + text.substring(open + 1, text.indexOf(']', open)));
    }
    return new Answers(
        texts.build(),
        prompts.size() * length / 2,
        prompts.size() * length,
        length,
        OptionalInt.of(prompts.size() * length),
        0.5,
        OptionalLong.of(3L << 29));
  }

  @Override
  public SpeedSample time(MethodUse use, SpeedCase speedCase, long seed) {
    if (speedCase.context() > memory) {
      throw new OutOfMemoryError("heap");
    }
    double seconds = use.method().attention() instanceof MethodAttention.SparseD ? 1 : 2;
    return new SpeedSample(
        seconds,
        speedCase.generation(),
        speedCase.generation(),
        OptionalInt.of(speedCase.generation()),
        ImmutableList.of(new SpeedSample.Step("full", seconds)),
        OptionalLong.empty(),
        "");
  }

  @Override
  public String endOfText(boolean earlyStop) {
    return "All tokens count.";
  }

  @Override
  public void close() {}
}
