package dev.sparsed.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How the demo model is trained.
 *
 * @param seed of weights and texts
 * @param shape sizes of the network
 * @param warmupSteps steps in which the learning rate rises to what the stage says
 * @param examEvery steps after which new questions are asked; they are at the end of a stage, too
 * @param examQuestions how many of each kind
 * @param stages what is learnt, one after the other
 */
public record DemoRecipe(
    long seed,
    DemoShape shape,
    int warmupSteps,
    int examEvery,
    int examQuestions,
    List<Stage> stages) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Tokens that a text has at least. */
  private static final int SHORTEST = 128;

  private static final String PUBLISHED = "recipe.json";

  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if there is no stage, or no exam
   */
  public DemoRecipe {
    if (stages.isEmpty() || examEvery < 1 || examQuestions < 1) {
      throw new IllegalArgumentException(
          "a recipe needs at least one stage, examEvery and examQuestions of at least 1");
    }
    stages = ImmutableList.copyOf(stages);
  }

  /**
   * Steps on texts of one kind. Each text tells facts between idle sentences and is followed by
   * questions and answers; what is masked is in the answers.
   *
   * @param name what the log calls it
   * @param steps optimiser steps
   * @param tokens tokens per step
   * @param lengths tokens of a text, and how often texts of that length are drawn
   * @param firstRate learning rate at the start of the stage
   * @param lastRate learning rate at its end; in between it changes evenly
   * @param several share of questions that want several facts about one subject
   * @param chains share of questions that follow a chain of facts
   * @param numbers share of questions how many coins something holds; the others are about people
   * @param stretched share of texts between whose sentences positions are left out, so that they
   *     stand as far apart as in texts of up to {@link DemoShape#MOST_POSITIONS} tokens (as in
   *     arXiv 2305.16843); that costs nothing
   * @param leastTold share of a text's tokens at least that are facts, questions or answers
   * @param mostTold share of a text's tokens at most that are facts, questions or answers
   * @param gaps share of texts that have gaps instead of questions, as they are given for
   *     infilling; 0 where a recipe does not say
   */
  public record Stage(
      String name,
      int steps,
      int tokens,
      Map<Integer, Double> lengths,
      double firstRate,
      double lastRate,
      double several,
      double chains,
      double numbers,
      double stretched,
      double leastTold,
      double mostTold,
      double gaps) {

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if a count is not positive, a share not within 0 to 1, or a
     *     length not within what the network is trained for
     */
    public Stage {
      if (steps < 1 || lengths.isEmpty()) {
        throw new IllegalArgumentException("stage " + name + " needs steps and lengths");
      }
      for (int length : lengths.keySet()) {
        if (length < SHORTEST || length > DemoShape.MOST_POSITIONS) {
          throw new IllegalArgumentException(
              "stage %s has texts of %s tokens, but they must have %s to %s"
                  .formatted(name, length, SHORTEST, DemoShape.MOST_POSITIONS));
        }
      }
      if (Math.min(Math.min(several, chains), Math.min(numbers, leastTold)) < 0
          || several + chains + numbers > 1
          || mostTold > 1
          || gaps < 0
          || gaps > 1) {
        throw new IllegalArgumentException("shares of stage " + name + " must lie within 0 to 1");
      }
      lengths = ImmutableSortedMap.copyOf(lengths);
    }

    /** The length of a step's texts. */
    int length(Random random) {
      double left =
          random.nextDouble() * lengths.values().stream().mapToDouble(share -> share).sum();
      int length = examLength();
      for (Map.Entry<Integer, Double> choice : lengths.entrySet()) {
        length = choice.getKey();
        left -= choice.getValue();
        if (left < 0) {
          break;
        }
      }
      return length;
    }

    /** The length of texts that are asked about in between: the one that comes most often. */
    int examLength() {
      return Collections.max(lengths.entrySet(), Map.Entry.comparingByValue()).getKey();
    }

    Stage withSteps(int value) {
      return new Stage(
          name, value, tokens, lengths, firstRate, lastRate, several, chains, numbers, stretched,
          leastTold, mostTold, gaps);
    }
  }

  /**
   * The recipe of the embedded checkpoint.
   *
   * @return the recipe
   */
  public static DemoRecipe published() {
    try (InputStream stream = DemoRecipe.class.getResourceAsStream(PUBLISHED)) {
      if (stream == null) {
        throw new IllegalStateException("the demo model's recipe is missing from the class path");
      }
      return parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("the demo model's recipe cannot be read", e);
    }
  }

  /**
   * A recipe from JSON, with the names of the records' components.
   *
   * @param json the text
   * @return the recipe
   * @throws IllegalArgumentException if it is no recipe; the message says where
   */
  public static DemoRecipe parse(String json) {
    try {
      return JSON.readValue(json, DemoRecipe.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a recipe: " + e.getMessage(), e);
    }
  }

  /**
   * The recipe as {@link #parse} reads it.
   *
   * @return JSON
   */
  public String toJson() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The same with another seed.
   *
   * @param value of weights and texts
   * @return the changed recipe
   */
  public DemoRecipe withSeed(long value) {
    return new DemoRecipe(value, shape, warmupSteps, examEvery, examQuestions, stages);
  }

  /**
   * The same with more or fewer steps. Learning rates run over as many steps as a stage gets, and
   * warming up ends at the latest with the first stage.
   *
   * @param factor on the steps of each stage, which keeps at least one
   * @return the changed recipe
   */
  public DemoRecipe scaled(double factor) {
    List<Stage> scaled =
        stages.stream()
            .map(stage -> stage.withSteps((int) Math.max(1, Math.round(stage.steps() * factor))))
            .toList();
    int warmup = Math.min(warmupSteps, scaled.get(0).steps());
    return new DemoRecipe(seed, shape, warmup, examEvery, examQuestions, scaled);
  }

  int totalSteps() {
    return stages.stream().mapToInt(Stage::steps).sum();
  }

  /** Where a step belongs. */
  record Place(Stage stage, double rate, boolean last) {}

  /** The stage and the learning rate of a step, counted from 0. */
  Place place(int step) {
    int first = 0;
    for (Stage stage : stages) {
      if (step < first + stage.steps()) {
        double way = (double) (step - first) / stage.steps();
        double rate = stage.firstRate() + way * (stage.lastRate() - stage.firstRate());
        double warmth = Math.min(1, (step + 1.0) / Math.max(1, warmupSteps));
        return new Place(stage, rate * warmth, step + 1 == first + stage.steps());
      }
      first += stage.steps();
    }
    throw new IllegalArgumentException("step " + step + " is beyond the recipe's end");
  }
}
