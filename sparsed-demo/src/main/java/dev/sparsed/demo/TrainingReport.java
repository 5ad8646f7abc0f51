package dev.sparsed.demo;

import com.google.common.collect.ImmutableMap;

/**
 * How far a training is: a line of its log.
 *
 * @param step steps done
 * @param totalSteps steps in all
 * @param stage the stage's name
 * @param tokens tokens seen
 * @param seconds spent since the process began
 * @param loss mean loss per masked token since the last report, in nats
 * @param right share of new questions that are answered right by task and length of the text, such
 *     as {@code multi_key_512}; empty where none were asked
 */
public record TrainingReport(
    int step,
    int totalSteps,
    String stage,
    long tokens,
    double seconds,
    double loss,
    ImmutableMap<String, Double> right) {}
